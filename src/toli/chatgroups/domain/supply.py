"""When a place needs another group: before the last seat is taken. Rules S1 to S4: docs/algorithms/supply.md.

Pure: no clock, no database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

DAYS = 7  # of joining that a forecast looks back on
RECENT = 2  # of them, what has just begun
MOST_AT_ONCE = 20  # groups asked for in one place at one time: nobody can create more in a day


@dataclass(frozen=True, slots=True)
class Pool:
    """Groups that serve the same places, so that one is as good as the other.

    ``free``: seats in open groups. ``coming``: seats in groups that were asked for. ``waiting``: people for whom there
    was no seat. ``joined``: people who took a seat on each of the last days, today first.
    """

    capacity: int
    free: int
    coming: int
    waiting: int
    joined: Sequence[int]


@dataclass(frozen=True, slots=True)
class Sizes:
    """``target``: people that a group is planned for. ``days``: from asking for a group until it is open."""

    target: int
    percent: int
    days: int


def joins_per_day(joined: Sequence[int]) -> float:
    """How many people will come on each of the next days: as in the last week, or as now where that is more (S2)."""
    week, recent = joined[:DAYS], joined[:RECENT]
    return max(sum(week) / DAYS, sum(recent) / RECENT) if week else 0.0


def seats_needed(pool: Pool, sizes: Sizes) -> int:
    """Seats that have to be there by the time a group asked for today is open (S1)."""
    return pool.waiting + ceil(joins_per_day(pool.joined) * sizes.days)


def groups_to_ask_for(pool: Pool, sizes: Sizes) -> int:
    """How many further groups the place needs; 0 while what is free and what is coming will do.

    S3: one at least when the open groups are nearly full and somebody comes at all. S4: what was asked for counts.
    """
    lacking = seats_needed(pool, sizes) - pool.free - pool.coming
    if lacking > 0:
        return min(MOST_AT_ONCE, ceil(lacking / sizes.target))
    return 1 if is_nearly_full(pool, sizes) and not pool.coming and any(pool.joined) else 0


def is_nearly_full(pool: Pool, sizes: Sizes) -> bool:
    """Whether the open groups, taken together, have reached the share from which on they count as nearly full."""
    return pool.capacity > 0 and (pool.capacity - pool.free) * 100 >= pool.capacity * sizes.percent


def days_left(pool: Pool) -> float | None:
    """After how many days the free seats are gone, if it goes on like this; None: nobody comes."""
    rate = joins_per_day(pool.joined)
    return max(0, pool.free - pool.waiting) / rate if rate else None
