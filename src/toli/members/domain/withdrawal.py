"""The token of a link that takes consent back without signing in: person, purpose, channel and a keyed seal.

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
_CITIZEN = 0x80  # beside the purpose: the number is a citizen's, not a member's


@dataclass(frozen=True, slots=True)
class Token:
    """Whose consent, for what, by which way. ``person_id``: of a member, or of a citizen who is none."""

    person_id: int
    purpose: str
    channel: str
    citizen: bool = False


def key_from(secret: str) -> bytes:
    """The key of these links alone, so that no other use of the installation's secret can stand in for it."""
    return hmac.new(secret.encode(), b"toli.members.withdrawal", hashlib.sha256).digest()


def encode(token: Token, *, key: bytes) -> str:
    """The token as it stands in the address. Raises ValueError: there is no such purpose or channel."""
    number = token.person_id.to_bytes((token.person_id.bit_length() + 7) // 8 or 1, "big")
    kind = PURPOSES.index(token.purpose) | (_CITIZEN if token.citizen else 0)
    body = bytes([kind, CHANNELS.index(token.channel)]) + number
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
    purpose, citizen = PURPOSES[body[0] & ~_CITIZEN], bool(body[0] & _CITIZEN)
    found = Token(int.from_bytes(body[2:], "big"), purpose, CHANNELS[body[1]], citizen)
    if encode(found, key=key) != text:  # one spelling only
        raise ValueError("not a token")
    return found


def _seal(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()[:_SEAL]
