"""Secrets of this installation: made on first run, kept in one file that only its owner may read.

The file (``var/secrets.json``, mode 0600) holds Django's secret key, the versioned field encryption
keys, those of the blind index, the card signing keys, those of the audit trail and the key of tombstones.
They are separate so that each can be changed on its own. Losing this file means losing every encrypted
telephone number: back it up apart from the database (docs/howto/keep-the-secrets.md).
"""

import base64
import fcntl
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class SecretsError(Exception):
    """The secrets file is damaged or open to other users."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Key material, decoded. Kinds with versions map each to 32 bytes."""

    django: str
    field_keys: "KeyRing"
    audit_keys: "KeyRing"
    index_keys: "KeyRing"
    tombstone_key: bytes
    card_keys: "KeyRing"


class KeyRing(Mapping[int, bytes]):
    """Keys of one kind by version, as the file holds them now. The newest is in use.

    The file is read again when it changed: a server that runs learns of a new key before the first row
    that is written under it arrives.
    """

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._kind = kind
        self._stamp = (0, 0)
        self._keys: dict[int, bytes] = {}

    def __getitem__(self, version: int) -> bytes:
        return self._current()[version]

    def __iter__(self) -> Iterator[int]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def add(self) -> int:
        """Make a key of the next version; everything is written under it from now on. Returns the version."""
        with _changing(self._path) as content:
            version = max(map(int, content[self._kind])) + 1
            content[self._kind][str(version)] = _new_key()
        return version

    def retire(self, version: int) -> None:
        """Forget a key for ever. The caller has made sure that nothing is stored under it.

        Raises:
            KeyError: there is no such key. ValueError: it is the one in use.
        """
        with _changing(self._path) as content:
            if str(version) not in content[self._kind]:
                raise KeyError(version)
            if version == max(map(int, content[self._kind])):
                raise ValueError(version)
            del content[self._kind][str(version)]

    def _current(self) -> dict[int, bytes]:
        seen = self._path.stat()
        stamp = (seen.st_mtime_ns, seen.st_ino)
        if stamp != self._stamp:
            content = json.loads(self._path.read_text())
            self._keys = {int(version): _key(text) for version, text in content[self._kind].items()}
            self._stamp = stamp
        return self._keys


def load(folder: Path) -> Secrets:
    """The secrets of ``folder``; makes them on first use. Safe when two processes start at once.

    Raises:
        SecretsError: other users can read the file, or it does not hold what it should.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secrets.json"
    if not path.exists():
        _create(folder, path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretsError(f"{path} can be read by other users. Mend it with: chmod 600 {path}")
    try:
        _upgrade(path)
        return _decode(path, json.loads(path.read_text()))
    except (ValueError, KeyError, TypeError) as error:
        raise SecretsError(
            f"{path} is damaged ({type(error).__name__}). Put back the copy from your backup; "
            "a new file could not read the telephone numbers already stored."
        ) from error


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _changing(path: Path) -> Iterator[dict[str, Any]]:
    """The file's content, written back whole when the block ends well."""
    with _alone(path.parent):
        content = json.loads(path.read_text())
        yield content
        _write(path, content)


def _upgrade(path: Path) -> None:
    """Give files of earlier versions their newer shape: what they lack comes from their only index key.

    So every machine of an installation gets the same keys, and a backup of the older file still opens all.
    Tombstones were made under the index key and cannot be made anew, as the numbers are gone: they keep it.
    """
    if "index_key" not in json.loads(path.read_text()):
        return
    with _changing(path) as content:
        index_key = content.pop("index_key", None)
        if index_key is None:  # another process was faster
            return
        audit_key = hmac.digest(_key(index_key), b"toli audit key 1", "sha256")
        content.setdefault("audit_keys", {"1": base64.b64encode(audit_key).decode()})
        content.setdefault("index_keys", {"1": index_key})
        content.setdefault("tombstone_key", index_key)


def _create(folder: Path, path: Path) -> None:
    with _alone(folder):
        if not path.exists():
            _write(
                path,
                {
                    "django": secrets.token_urlsafe(48),
                    "field_keys": {"1": _new_key()},
                    "index_keys": {"1": _new_key()},
                    "tombstone_key": _new_key(),
                    "card_keys": {"1": _new_key()},
                    "audit_keys": {"1": _new_key()},
                },
            )


def _write(path: Path, content: dict[str, Any]) -> None:
    """The old file or the new one, never half of it."""
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def _decode(path: Path, content: dict[str, Any]) -> Secrets:
    return Secrets(
        django=content["django"],
        field_keys=_checked(KeyRing(path, "field_keys")),
        audit_keys=_checked(KeyRing(path, "audit_keys")),
        index_keys=_checked(KeyRing(path, "index_keys")),
        tombstone_key=_key(content["tombstone_key"]),
        card_keys=_checked(KeyRing(path, "card_keys")),
    )


def _checked(keys: KeyRing) -> KeyRing:
    if not len(keys):
        raise ValueError("a kind of key has none")
    return keys


def _key(text: str) -> bytes:
    value = base64.b64decode(text, validate=True)
    if len(value) != 32:
        raise ValueError("a key must have 32 bytes")
    return value
