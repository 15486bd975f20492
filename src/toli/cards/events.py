"""News about cards."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardsIssued:
    """Members have received cards. ``count`` is how many; who, stands in the cards themselves."""

    count: int


@dataclass(frozen=True, slots=True)
class CardRevoked:
    """A card no longer counts."""

    card_id: int
    member_id: int
