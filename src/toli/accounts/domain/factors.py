"""What staff prove themselves by: passkeys, a password with the digits of an app, recovery codes.

Six digits: a stranger who knows the password has 20 tries a day (core/domain/limits.py) against 3 accepted codes of
1,000,000: a chance of 0.006 % a day. A recovery code has 50 random bits. A passkey cannot be guessed or phished.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from toli.accounts.domain.sessions import FRESH, Method, is_recent

CHALLENGE_LIFETIME = timedelta(minutes=5)
PASSWORD_MIN, PASSWORD_MAX = 12, 200
STEP_SECONDS, WINDOW, DIGITS = 30, 1, 6
RECOVERY_CODES, RECOVERY_LENGTH = 10, 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # 32 signs, none of which is taken for another
_MISREAD = str.maketrans("OILU", "011V")


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account has to prove itself by."""

    passkeys: int = 0
    password: bool = False
    totp: bool = False
    recovery_codes: int = 0

    @property
    def can_prove(self) -> bool:
        """Whether there is a whole way to prove who one is; recovery codes only stand in for one."""
        return self.passkeys > 0 or (self.password and self.totp)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody is signed in."""

    method: str
    began_at: datetime
    proved_at: datetime | None


def may_change(factors: Factors, standing: Standing, now: datetime) -> bool:
    """Whether factors may be added or taken away now.

    A proof of the last ten minutes is needed; for the first factor of all, a sign-in by link of the last ten
    minutes, as there is nothing yet to prove oneself by.
    """
    if is_recent(standing.proved_at, now):
        return True
    return not factors.can_prove and standing.method == Method.LINK and now - standing.began_at < FRESH


def is_long_enough(password: str) -> bool:
    """Length counts more than special signs (NIST SP 800-63B, 5.1.1.2)."""
    return PASSWORD_MIN <= len(password) <= PASSWORD_MAX


# -- six digits ----------------------------------------------------------------------------------------


def accepted_step(digits_at: Callable[[int], str], told: str, *, now: datetime, last_step: int) -> int | None:
    """The time step whose digits were told, or None. One step early or late is taken, no step twice (RFC 6238, 5.2).

    ``digits_at``: step -> its six digits. ``last_step``: the last that was accepted.
    """
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current - WINDOW, current + WINDOW + 1):
        if hmac.compare_digest(digits_at(step), told) and step > last_step:
            found = step
    return found


def is_digits(text: str) -> bool:
    """Whether this can be the digits of an app rather than a recovery code."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()


# -- recovery codes ------------------------------------------------------------------------------------


def new_recovery_codes() -> list[str]:
    """Ten codes as they are shown: ``4F7QK-2M9XA``."""
    codes = ("".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def clean_recovery_code(text: str) -> str:
    """What was typed, without gaps and with misread letters put right."""
    return "".join(char for char in text.upper().translate(_MISREAD) if char in _ALPHABET)


def hash_recovery_code(code: str, *, secret: str, account: int) -> bytes:
    """What is stored instead of the code; useless for another account and without the installation's secret."""
    key = hmac.new(secret.encode(), b"toli.accounts.recovery", hashlib.sha256).digest()
    return hmac.new(key, f"{account}|{clean_recovery_code(code)}".encode(), hashlib.sha256).digest()


def user_handle(account: int) -> bytes:
    """What an authenticator keeps beside the key to tell accounts apart; says nothing about the person."""
    return f"toli:{account}".encode()
