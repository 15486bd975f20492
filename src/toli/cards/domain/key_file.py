"""The public keys of an organisation's cards, as a file that apps fetch once and keep.

JSON, at ``/.well-known/toli-card-keys.json``. Who fetched it over https from the organisation's own address may
rely on it: the file is not signed, as its signature could only be checked with what stands in it.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

FORMAT = "toli card keys 1"


class KeyFileUnreadable(ValueError):
    """It is no file of card keys."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """``withdrawn``: signatures under it no longer count, as somebody else may have made them."""

    version: int
    public: bytes
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class KeyFile:
    """``issuer``: the address of the site. ``made_at``: to the second."""

    issuer: str
    made_at: datetime
    keys: tuple[PublicKey, ...]

    def trusted(self) -> dict[int, bytes]:
        """Public keys by version, without those that were withdrawn."""
        return {key.version: key.public for key in self.keys if not key.withdrawn}

    def withdrawn(self) -> frozenset[int]:
        """Versions whose cards have to be replaced."""
        return frozenset(key.version for key in self.keys if key.withdrawn)


def made(issuer: str, keys: Iterable[PublicKey], *, made_at: datetime) -> KeyFile:
    """A file of these keys, by version."""
    return KeyFile(
        issuer, made_at.astimezone(UTC).replace(microsecond=0), tuple(sorted(keys, key=lambda key: key.version))
    )


def write(file: KeyFile) -> str:
    """The file's text."""
    content = {
        "format": FORMAT,
        "issuer": file.issuer,
        "made_at": file.made_at.isoformat(),
        "algorithm": "Ed25519",
        "keys": [
            {
                "version": key.version,
                "public": base64.urlsafe_b64encode(key.public).decode().rstrip("="),
                "state": "withdrawn" if key.withdrawn else "good",
            }
            for key in file.keys
        ],
    }
    return json.dumps(content, indent=1) + "\n"


def read(text: str) -> KeyFile:
    """The keys of a file. Raises KeyFileUnreadable."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise ValueError(content["format"])
        at = datetime.fromisoformat(content["made_at"])
        return made(str(content["issuer"]), [_key(item) for item in content["keys"]], made_at=at)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise KeyFileUnreadable from error


def _key(item: dict[str, object]) -> PublicKey:
    public = base64.urlsafe_b64decode(f"{item['public']}=")
    if len(public) != 32 or item["state"] not in {"good", "withdrawn"} or not isinstance(item["version"], int):
        raise ValueError("not a key")
    return PublicKey(item["version"], public, item["state"] == "withdrawn")
