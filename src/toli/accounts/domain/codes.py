"""One-time codes: six digits, ten minutes, five tries.

How many leave for a number and from an address is bounded by core/domain/limits.py, and what guessing is worth
then stands in docs/security/limits.md.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

DIGITS = 6
LIFETIME = timedelta(minutes=10)
TRIES = 5


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def key_from(secret: str) -> bytes:
    """The key of codes alone, so that no other use of the installation's secret can stand in for it."""
    return hmac.new(secret.encode(), b"toli.accounts.codes", hashlib.sha256).digest()


def hash_code(code: str, *, key: bytes, row: int, address_index: bytes, purpose: str) -> bytes:
    """What is stored instead of the code; useless in another row, for another number or purpose."""
    message = b"|".join((str(row).encode(), purpose.encode(), address_index, code.encode()))
    return hmac.new(key, message, hashlib.sha256).digest()


def clean(text: str) -> str:
    """The digits of what a person typed or pasted, Devanagari digits included."""
    return "".join(str(int(char)) for char in text if char.isdecimal())


def message(code: str, host: str, sentence: str) -> str:
    """The text of the message: the code comes first, the last line lets a browser fill it in (WebOTP)."""
    return f"{code} {sentence}\n@{host} #{code}"
