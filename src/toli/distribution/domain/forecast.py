"""What a plan will do before it does it: how many places, what the rules refuse, how long it takes. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

# Per second, as the providers allow it; by hand: one post in three minutes for each person.
RATES: Mapping[str, float] = {"telegram": 25.0, "sms": 50.0, "whatsapp_cloud": 80.0}
BY_HAND = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Forecast:
    """One channel: ``places`` (groups or people), of which ``refused`` by rule, and how long the rest takes."""

    channel: str
    places: int
    refused: Mapping[str, int]
    duration: timedelta

    @property
    def sendable(self) -> int:
        return self.places - sum(self.refused.values())


def forecast_people(channel: str, allowed: int, refused: Counter[str]) -> Forecast:
    """Messages to people, one after the other at the provider's rate."""
    seconds = ceil(allowed / RATES.get(channel, 10.0))
    return Forecast(channel, allowed + sum(refused.values()), dict(refused), timedelta(seconds=seconds))


def forecast_by_hand(allowed_by_person: Mapping[int, int], refused: Counter[str]) -> Forecast:
    """Posts by people's hands, all at once: as long as whoever has most groups needs."""
    places = sum(allowed_by_person.values()) + sum(refused.values())
    longest = max(allowed_by_person.values(), default=0)
    return Forecast("assisted", places, dict(refused), longest * BY_HAND)
