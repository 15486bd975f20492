"""How long posts in the organisation's own places take. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil


@dataclass(frozen=True, slots=True)
class Room:
    """What an account may still post today: ``left`` of its quota (None: it has none) and how long a day of it is."""

    left: int | None
    period: timedelta = timedelta(days=1)


def duration(rooms: Sequence[Room], *, per_second: float) -> timedelta:
    """How long one post for each account takes: all at the provider's rate, one whose quota is used up a day later."""
    seconds = timedelta(seconds=ceil(len(rooms) / per_second))
    late = [room.period for room in rooms if room.left is not None and room.left < 1]
    return max([seconds, *late])


def quota_words(rooms: Mapping[str, Room]) -> dict[str, int]:
    """What is left of the quota of each account that has one, by its name."""
    return {name: room.left for name, room in rooms.items() if room.left is not None}
