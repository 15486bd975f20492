"""Secrets of this installation: made on first run, kept in one file that only its owner may read.

The file (``var/secrets.json``, mode 0600) holds Django's secret key, the versioned field encryption
keys, the blind index key and the card signing keys. They are separate so that each can be changed on
its own. Losing this file means losing every encrypted telephone number: back it up apart from the
database (docs/howto/keep-the-secrets.md).
"""

import base64
import fcntl
import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class SecretsError(Exception):
    """The secrets file is damaged or open to other users."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Key material, decoded. ``field_keys`` and ``card_keys`` map a version to 32 bytes."""

    django: str
    field_keys: dict[int, bytes]
    index_key: bytes
    card_keys: dict[int, bytes]


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
        return _decode(json.loads(path.read_text()))
    except (ValueError, KeyError, TypeError) as error:
        raise SecretsError(
            f"{path} is damaged ({type(error).__name__}). Put back the copy from your backup; "
            "a new file could not read the telephone numbers already stored."
        ) from error


def _create(folder: Path, path: Path) -> None:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    with (folder / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return
        content = {
            "django": secrets.token_urlsafe(48),
            "field_keys": {"1": key()},
            "index_key": key(),
            "card_keys": {"1": key()},
        }
        temporary = path.with_suffix(".new")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)


def _decode(content: dict[str, Any]) -> Secrets:
    def keys(name: str) -> dict[int, bytes]:
        return {int(version): _key(text) for version, text in content[name].items()}

    return Secrets(
        django=content["django"],
        field_keys=keys("field_keys"),
        index_key=_key(content["index_key"]),
        card_keys=keys("card_keys"),
    )


def _key(text: str) -> bytes:
    value = base64.b64decode(text, validate=True)
    if len(value) != 32:
        raise ValueError("a key must have 32 bytes")
    return value
