"""The list of cards that no longer count, small and signed, for checks without a network.

A card stands in it as a tag: the first six bytes of SHA-256 over its number. Sorted, so that a search needs no
more than the file itself. By chance a good card would be found in a list of a million once in 280 million times.

The file: ``TOLIREV1``; the key's version (1 byte); instants of issue and of expiry (seconds since 1970, 8 bytes each)
and the number of tags (4 bytes), big-endian; the tags; an Ed25519 signature (64 bytes) over all of this.
"""

import hashlib
import struct
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TAG = 6  # bytes
_MAGIC = b"TOLIREV1"
_HEAD = struct.Struct(">8sBQQI")
_SIGNATURE = 64
_TAGGED = b"toli card revoked 1\0"


class ListUnreadable(ValueError):
    """It is no list of revoked cards, is cut off, or was not signed by a key that counts."""


@dataclass(frozen=True, slots=True)
class RevokedCards:
    """``tags``: sorted, one after the other. What happened after ``issued_at`` is not in it; after ``expires_at``
    it should no longer be relied on."""

    issued_at: datetime
    expires_at: datetime
    tags: bytes

    def __len__(self) -> int:
        return len(self.tags) // TAG

    def __getitem__(self, index: int) -> bytes:
        return self.tags[index * TAG : (index + 1) * TAG]

    def holds(self, number: str) -> bool:
        """Whether the card with this number (without hyphens) no longer counts."""
        wanted = tag_of(number)
        place = bisect_left(self, wanted)
        return place < len(self) and self[place] == wanted


def tag_of(number: str) -> bytes:
    """What stands in the list for a card. It leads from a number to the list, and back by trying only."""
    return hashlib.sha256(_TAGGED + number.encode()).digest()[:TAG]


def listed(tags: Iterable[bytes], *, issued_at: datetime, expires_at: datetime) -> RevokedCards:
    """The list of these tags, in any order."""
    return RevokedCards(issued_at, expires_at, b"".join(sorted(set(tags))))


def seal(revoked: RevokedCards, *, version: int, seed: bytes) -> bytes:
    """The list as a file, signed under a 32 byte private key."""
    head = _HEAD.pack(_MAGIC, version, _seconds(revoked.issued_at), _seconds(revoked.expires_at), len(revoked))
    body = head + revoked.tags
    return body + Ed25519PrivateKey.from_private_bytes(seed).sign(body)


def open_sealed(file: bytes, keys: Mapping[int, bytes]) -> RevokedCards:
    """The list out of a file that one of ``keys`` (version to public key) signed. Raises ListUnreadable."""
    body, signature = file[:-_SIGNATURE], file[-_SIGNATURE:]
    if len(body) < _HEAD.size:
        raise ListUnreadable
    magic, version, issued, expires, count = _HEAD.unpack(body[: _HEAD.size])
    if magic != _MAGIC or len(body) != _HEAD.size + count * TAG or version not in keys:
        raise ListUnreadable
    try:
        Ed25519PublicKey.from_public_bytes(keys[version]).verify(signature, body)
        found = RevokedCards(_instant(issued), _instant(expires), body[_HEAD.size :])
    except (InvalidSignature, ValueError, OverflowError, OSError):
        raise ListUnreadable from None
    return found


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
