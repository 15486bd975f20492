"""The token of a link that takes consent back without signing in: member, purpose, channel and a keyed seal.

13 to 19 bytes as URL-safe base 64. It names a row and no person: no number and no name can be read from it.
It never expires, because a message may be opened years later, and opens nothing but the page that withdraws.
The seal has 80 bits: at the limit of 60 unknown tokens an hour (core/domain/limits.py), finding one of 10
million members' tokens by trying takes longer than the age of the universe.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from toli.members.domain.purposes import CHANNELS, PURPOSES

_SEAL = 10


@dataclass(frozen=True, slots=True)
class Token:
    """Whose consent, for what, by which way."""

    member_id: int
    purpose: str
    channel: str


def key_from(secret: str) -> bytes:
    """The key of these links alone, so that no other use of the installation's secret can stand in for it."""
    return hmac.new(secret.encode(), b"toli.members.withdrawal", hashlib.sha256).digest()


def encode(token: Token, *, key: bytes) -> str:
    """The token as it stands in the address. Raises ValueError: there is no such purpose or channel."""
    number = token.member_id.to_bytes((token.member_id.bit_length() + 7) // 8 or 1, "big")
    body = bytes([PURPOSES.index(token.purpose), CHANNELS.index(token.channel)]) + number
    return base64.urlsafe_b64encode(body + _seal(body, key)).decode().rstrip("=")


def decode(text: str, *, key: bytes) -> Token:
    """What a token stands for. Raises ValueError: it was not made with this key."""
    try:
        blob = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("not a token") from None
    body, seal = blob[:-_SEAL], blob[-_SEAL:]
    if len(body) < 3 or not hmac.compare_digest(seal, _seal(body, key)):
        raise ValueError("not a token")
    found = Token(int.from_bytes(body[2:], "big"), PURPOSES[body[0]], CHANNELS[body[1]])
    if encode(found, key=key) != text:  # one spelling only
        raise ValueError("not a token")
    return found


def _seal(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()[:_SEAL]
