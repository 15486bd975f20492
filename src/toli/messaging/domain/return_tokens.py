"""The part of a bounce address that says which message came back: message, call and mailbox, with a keyed seal.

A mail server that cannot deliver writes to the address in the envelope (VERP). Whoever got a message can read its
token, and so say that it came back; nobody can make one for somebody else's. Small letters and digits, as servers on
the way may change the case.
"""

import base64
import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass

_SEAL = 8
_BODY = 16 + 1 + 4
LENGTH = 47  # characters
_MOST_CALLS, _MOST_MAILBOXES = 2**8 - 1, 2**32 - 1
PATTERN = re.compile(r"\+([a-z2-7]{47})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Returned:
    """``correlation``: message and call, as everywhere. ``mailbox``: its key in the address book; 0: in none."""

    correlation: str
    mailbox: int


def key_from(secret: str) -> bytes:
    """The key of these tokens alone."""
    return hmac.new(secret.encode(), b"toli.messaging.returned", hashlib.sha256).digest()


def encode(returned: Returned, *, key: bytes) -> str:
    """The token. Raises ValueError: the correlation is none of the outbox."""
    message, _dot, call = returned.correlation.partition(".")
    number = min(int(call or 0), _MOST_CALLS)
    if not 0 <= returned.mailbox <= _MOST_MAILBOXES:
        raise ValueError(returned.mailbox)
    body = uuid.UUID(message).bytes + bytes([number]) + returned.mailbox.to_bytes(4, "big")
    return base64.b32encode(body + _seal(body, key)).decode().rstrip("=").lower()


def decode(text: str, *, key: bytes) -> Returned:
    """What a token stands for. Raises ValueError: it was not made with this key."""
    if len(text) != LENGTH:
        raise ValueError("not a token")
    blob = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    body, seal = blob[:_BODY], blob[_BODY:]
    if not hmac.compare_digest(seal, _seal(body, key)):
        raise ValueError("not a token")
    found = Returned(f"{uuid.UUID(bytes=body[:16])}.{body[16]}", int.from_bytes(body[17:], "big"))
    if encode(found, key=key) != text.lower():  # one spelling only
        raise ValueError("not a token")
    return found


def _seal(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()[:_SEAL]
