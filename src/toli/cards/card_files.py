"""The files by which cards are checked without a network: written here, read by whoever checks."""

from pathlib import Path

from toli.cards import keys as card_keys
from toli.cards import services
from toli.cards.domain import key_file, revocation
from toli.cards.domain.key_file import KeyFileUnreadable
from toli.cards.domain.offline import OfflineCheck, check
from toli.cards.domain.revocation import ListUnreadable
from toli.cards.errors import ListUnusable
from toli.core import clock

KEYS, REVOKED = "toli-card-keys.json", "toli-revoked-cards.bin"


def write_files(folder: Path) -> list[str]:
    """Both files as they are published now. Returns where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / KEYS).write_text(key_file.write(card_keys.published()))
    (folder / REVOKED).write_bytes(services.revoked_file())
    return [str(folder / KEYS), str(folder / REVOKED)]


def check_with_files(address: str, *, keys: Path, revoked: Path | None) -> OfflineCheck:
    """Check a card by files alone. Raises ListUnusable: a file is missing, damaged or not signed by these keys."""
    trusted = _read_keys(keys)
    try:
        listed = revocation.open_sealed(revoked.read_bytes(), trusted.trusted()) if revoked else None
    except (OSError, ListUnreadable):
        raise ListUnusable(file=str(revoked)) from None
    return check(address, keys=trusted, revoked=listed, now=clock.now(), today=clock.today())


def _read_keys(path: Path) -> key_file.KeyFile:
    try:
        return key_file.read(path.read_text())
    except (OSError, UnicodeDecodeError, KeyFileUnreadable):
        raise ListUnusable(file=str(path)) from None
