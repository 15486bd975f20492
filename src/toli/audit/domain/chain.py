"""How entries are chained: each seal is an HMAC-SHA-256 over the seal before it, the position and the entry.

A seal is 34 bytes: the version of the key (2 bytes, big-endian) and the HMAC. Every field goes in with its
length in front of it (as in a netstring), so that no two different entries can give the same bytes.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

START = b"\0" * 34  # stands before the first seal
SEAL_BYTES = 34
Keys = Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Link:
    """A sealed entry as it stands in the database. ``body``: all its fields in their canonical bytes."""

    entry_id: int
    position: int
    seal: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain."""

    position: int
    seal: bytes


NO_HEAD = Head(0, START)


def canonical(fields: Iterable[str | None]) -> bytes:
    """The fields as bytes that mean one thing only. None and the empty text differ."""
    parts = []
    for value in fields:
        if value is None:
            parts.append(b"-,")
        else:
            data = value.encode()
            parts.append(b"%d:%b," % (len(data), data))
    return b"".join(parts)


def make_seal(keys: Keys, version: int, before: bytes, position: int, body: bytes) -> bytes:
    """The seal of the entry at ``position`` that follows the seal ``before``. KeyError: no such key."""
    return _mac(keys[version], version, b"entry", b"%d:%b,%d,%b" % (len(before), before, position, body))


def follows(keys: Keys, before: bytes, position: int, seal: bytes, body: bytes) -> bool:
    """Whether ``seal`` is the one that an entry with this body gets there. False also without its key."""
    key = keys.get(version_of(seal))
    if key is None or len(seal) != SEAL_BYTES:
        return False
    return hmac.compare_digest(make_seal(keys, version_of(seal), before, position, body), seal)


def sign(keys: Keys, version: int, text: str) -> bytes:
    """A seal over something that is not an entry: the line of a head, an anchor."""
    return _mac(keys[version], version, b"note", text.encode())


def is_signed(keys: Keys, text: str, signature: bytes) -> bool:
    """Whether :func:`sign` gave this signature to the text. False also without its key."""
    version = version_of(signature)
    return version in keys and hmac.compare_digest(sign(keys, version, text), signature)


def version_of(seal: bytes) -> int:
    """The version of the key that a seal was made with; 0 for what is too short to be a seal."""
    return int.from_bytes(seal[:2], "big") if len(seal) > 2 else 0


def _mac(key: bytes, version: int, use: bytes, data: bytes) -> bytes:
    mark = version.to_bytes(2, "big")
    return mark + hmac.digest(key, b"toli audit %b %b:%b" % (use, mark, data), "sha256")
