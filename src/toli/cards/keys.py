"""The keys that sign cards: which one signs now, which ones verify, what is published of them."""

from functools import cache

from django.conf import settings

from toli.cards.domain import card_codec, key_file
from toli.cards.domain.key_file import KeyFile, PublicKey
from toli.cards.errors import NoCardKey
from toli.cards.models import WithdrawnKey
from toli.core import clock


def signing_key() -> tuple[int, bytes]:
    """Version and seed of the newest key that counts. Raises NoCardKey."""
    gone = withdrawn()
    kept = [version for version in settings.TOLI_CARD_KEYS if version not in gone]
    if not kept:
        raise NoCardKey
    return max(kept), settings.TOLI_CARD_KEYS[max(kept)]


def withdrawn() -> frozenset[int]:
    """Versions whose signatures no longer count."""
    return frozenset(WithdrawnKey.objects.values_list("version", flat=True))


def public_keys() -> dict[int, bytes]:
    """Public keys by version, withdrawn ones included."""
    return {version: _public(settings.TOLI_CARD_KEYS[version]) for version in settings.TOLI_CARD_KEYS}


def published() -> KeyFile:
    """The public keys as apps fetch them."""
    gone = withdrawn()
    keys = [PublicKey(version, public, version in gone) for version, public in public_keys().items()]
    return key_file.made(settings.BASE_URL, keys, made_at=clock.now())


@cache
def _public(seed: bytes) -> bytes:
    return card_codec.public_key(seed)
