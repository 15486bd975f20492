"""Checking a card without a network: with the organisation's public keys, and its list of revoked cards.

For apps at the door, and for anybody: nothing here needs our database. What cannot be known without it is who
holds the card, and whether it was revoked after the list was made.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import CardFace, CardUnreadable
from toli.cards.domain.key_file import KeyFile
from toli.cards.domain.revocation import RevokedCards
from toli.cards.domain.states import CardState


class ListAge(StrEnum):
    """How far the list of revoked cards can be relied on."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class OfflineCheck:
    """``face``: what stands on the card; nothing of a forged or unreadable one."""

    state: CardState
    face: CardFace | None
    list_age: ListAge

    @property
    def sure(self) -> bool:
        """Whether the card is good by a list that can be relied on."""
        return self.state is CardState.VALID and self.list_age is ListAge.FRESH


def check(address: str, *, keys: KeyFile, revoked: RevokedCards | None, now: datetime, today: date) -> OfflineCheck:
    """Check a card by its address, as scanned. ``today``: the day where the organisation lives."""
    age = _age(revoked, now)
    try:
        face, signature = card_codec.parse(address)
    except CardUnreadable:
        return OfflineCheck(CardState.UNKNOWN, None, age)
    if face.key_version in keys.withdrawn():
        return OfflineCheck(CardState.REVOKED, None, age)
    key = keys.trusted().get(face.key_version)
    if key is None or not card_codec.is_signed(face, signature, key):
        return OfflineCheck(CardState.FORGED, None, age)
    if revoked is not None and revoked.holds(face.number):
        return OfflineCheck(CardState.REVOKED, face, age)
    return OfflineCheck(CardState.EXPIRED if face.valid_until < today else CardState.VALID, face, age)


def _age(revoked: RevokedCards | None, now: datetime) -> ListAge:
    if revoked is None:
        return ListAge.MISSING
    return ListAge.FRESH if now < revoked.expires_at else ListAge.STALE
