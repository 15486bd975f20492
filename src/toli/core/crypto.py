"""Encryption of personal fields and the keyed index that finds them again.

AES-256-GCM with a versioned key; the authenticated data names table, column and row, so that a
cipher text moved to another row does not open. Equality search goes through an HMAC-SHA-256 blind
index under a *different* key: an unkeyed hash of a telephone number is guessed in minutes. It is versioned
as well: what is looked up is looked up under every key that is kept (:mod:`toli.members.services.indexing`).
Keys live outside the database (see :mod:`toli.config.secrets`), as ``{version: 32 bytes}``.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12
HASH_BYTES = 16
INDEX_BYTES = 1 + HASH_BYTES


class CannotDecrypt(Exception):
    """The key is unknown, or the text was changed or moved to another row."""


class FieldCipher:
    """Encrypts one column. ``context`` is ``table.column``; ``row`` the row's own id.

    ``keys`` may gain a version while the process runs: new text is written under the highest one.
    """

    def __init__(self, keys: Mapping[int, bytes], context: str) -> None:
        self._keys = keys
        self._ciphers: dict[int, AESGCM] = {}
        self._context = context.encode() + b":"

    @property
    def current_version(self) -> int:
        """The version that new text is written under."""
        return max(self._keys)

    def encrypt(self, plain: str, *, row: int) -> bytes:
        """Version byte, 12 byte nonce, cipher text with its tag."""
        version = self.current_version
        nonce = os.urandom(_NONCE)
        return bytes([version]) + nonce + self._cipher(version).encrypt(nonce, plain.encode(), self._aad(row))

    def encrypt_many(self, plains: Iterable[str], *, rows: Sequence[int]) -> list[bytes]:
        """As :meth:`encrypt` for many rows at once; the random bytes are drawn together."""
        version = self.current_version
        encrypt, head, context = self._cipher(version).encrypt, bytes([version]), self._context
        drawn = os.urandom(_NONCE * len(rows))
        sealed = []
        for start, row, plain in zip(range(0, len(drawn), _NONCE), rows, plains, strict=True):
            nonce = drawn[start : start + _NONCE]
            sealed.append(head + nonce + encrypt(nonce, plain.encode(), context + b"%d" % row))
        return sealed

    def decrypt(self, blob: bytes, *, row: int) -> str:
        """The plain text. Raises CannotDecrypt."""
        blob = bytes(blob)
        try:
            cipher = self._cipher(blob[0])
            return cipher.decrypt(blob[1 : 1 + _NONCE], blob[1 + _NONCE :], self._aad(row)).decode()
        except (KeyError, IndexError, ValueError, InvalidTag) as error:
            raise CannotDecrypt(self._context.decode()) from error

    def _cipher(self, version: int) -> AESGCM:
        if version not in self._ciphers:
            self._ciphers[version] = AESGCM(self._keys[version])
        return self._ciphers[version]

    def _aad(self, row: int) -> bytes:
        return self._context + str(row).encode()


class BlindIndex:
    """A keyed, shortened hash: equal inputs are found, nothing else is learnt.

    ``keys`` may gain a version while the process runs: new values are written under the highest one.
    """

    def __init__(self, keys: Mapping[int, bytes], context: str) -> None:
        self._keys = keys
        self._macs: dict[int, hmac.HMAC] = {}
        self._context = context

    @property
    def current_version(self) -> int:
        """The version that new values are written under."""
        return max(self._keys)

    def of(self, value: str) -> bytes:
        """Version byte and 16 bytes for ``value``, which the caller has normalised, under the newest key."""
        return self._under(self.current_version, value)

    def of_many(self, values: Iterable[str]) -> list[bytes]:
        """As :meth:`of` for many values, all under the same key."""
        return self._all_under(self.current_version, values)

    def all_of(self, value: str) -> list[bytes]:
        """What ``value`` may be stored as: under each key that is kept, the newest first."""
        return [self._under(version, value) for version in sorted(self._keys, reverse=True)]

    def older_of_many(self, values: Iterable[str]) -> list[bytes]:
        """What all the values may be stored as under older keys: all under one key, then all under the next."""
        current, versions = self.current_version, sorted(self._keys)
        if versions == [current]:
            return []
        known = list(values)
        return [key for version in versions if version != current for key in self._all_under(version, known)]

    def _under(self, version: int, value: str) -> bytes:
        return self._all_under(version, (value,))[0]

    def _all_under(self, version: int, values: Iterable[str]) -> list[bytes]:
        if version not in self._macs:
            self._macs[version] = _mac(self._keys[version], self._context)
        mac, front = self._macs[version], bytes([version])
        return [front + _shortened(mac, value) for value in values]


def keyed_hash(key: bytes, context: str, value: str) -> bytes:
    """16 bytes that nobody finds without the key; no version in front."""
    return _shortened(_mac(key, context), value)


def _mac(key: bytes, context: str) -> hmac.HMAC:
    return hmac.new(key, context.encode() + b":", hashlib.sha256)


def _shortened(mac: hmac.HMAC, value: str) -> bytes:
    mac = mac.copy()
    mac.update(value.encode())
    return mac.digest()[:HASH_BYTES]


@cache
def cipher_for(context: str) -> FieldCipher:
    """The cipher of one column under the deployment's field keys."""
    return FieldCipher(settings.TOLI_FIELD_KEYS, context)


@cache
def index_for(context: str) -> BlindIndex:
    """The blind index of one kind of value under the deployment's index keys."""
    return BlindIndex(settings.TOLI_INDEX_KEYS, context)
