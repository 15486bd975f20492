"""What a plan will do before it does it: how many places, what the rules refuse, how long, for how much. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

BY_HAND = timedelta(minutes=3)  # one post, for each person
UNHELD = 50.0  # per second, where a sender has no limit of its own: what one dispatcher does on a small machine


class Obstacle(StrEnum):
    """Why a kit cannot go out by a channel now. Stored with plans: never renamed."""

    NO_SENDER = "no_sender"
    NO_TEMPLATE = "no_template"
    TOO_LONG = "too_long"
    UNLABELLED = "unlabelled"
    NO_PICTURE = "no_picture"
    BARRED = "barred"


class Pictured(StrEnum):
    """Whether a kit's picture goes along with messages to members; where it does not, their link leads to it."""

    GOES = "goes"
    SHORT_TEXTS = "short_texts"  # with the texts that fit below a picture; the others go without
    NO_PLACE = "no_place"  # the template has none
    NO_PICTURES = "no_pictures"  # the channel carries none


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one account has used of what it may post in ``period``. ``read_at``: when the platform said so."""

    account: str
    used: int
    total: int
    period: timedelta
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """One channel: ``places`` (groups or people), of which ``refused`` by rule, and how long the rest takes.

    ``audience``: of whom, where it is people and not members; empty: members, or groups.

    ``cost``: at most so many paise; None: not known. ``free``: the channel costs nothing.
    ``obstacle``: why nothing of it can go out as things stand. ``pictured``: what becomes of the kit's picture; None:
    it has none, or people carry it. ``allowances``: of accounts whose platform counts their posts.
    """

    channel: str
    places: int
    refused: Mapping[str, int]
    duration: timedelta
    cost: int | None = 0
    obstacle: Obstacle | None = None
    pictured: Pictured | None = None
    allowances: tuple[Allowance, ...] = ()
    free: bool = False
    audience: str = ""

    @property
    def sendable(self) -> int:
        return self.places - sum(self.refused.values())


@dataclass(frozen=True, slots=True)
class Load:
    """What one sender has to send, and its limits: messages a second and, with all of its ``pool``, a day (0: none)."""

    count: int
    per_second: float = 0
    per_day: int = 0
    pool: str = field(default="")


def time_for(loads: Sequence[Load]) -> timedelta:
    """How long senders need who work at the same time. Those of a pool share its limit of a day."""
    pools: dict[str, list[Load]] = defaultdict(list)
    for number, load in enumerate(loads):
        pools[load.pool or f"#{number}"].append(load)
    return max((_time_of_pool(pool) for pool in pools.values()), default=timedelta(0))


def share_out(count: int, shares: int) -> list[int]:
    """``count`` in so many nearly equal parts."""
    return [count // shares + (number < count % shares) for number in range(shares)]


def forecast_by_hand(allowed_by_person: Mapping[int, int], refused: Counter[str]) -> Forecast:
    """Posts by people's hands, all at once: as long as whoever has most groups needs."""
    places = sum(allowed_by_person.values()) + sum(refused.values())
    longest = max(allowed_by_person.values(), default=0)
    return Forecast("assisted", places, dict(refused), longest * BY_HAND)


def _time_of_pool(loads: Sequence[Load]) -> timedelta:
    count, per_day = sum(load.count for load in loads), max(load.per_day for load in loads)
    days = (count - 1) // per_day if per_day and count else 0
    last = [_seconds(load, 1 - days * per_day / count if count else 0) for load in loads]
    return timedelta(days=days, seconds=ceil(max(last)))


def _seconds(load: Load, part: float) -> float:
    return load.count * part / (load.per_second or UNHELD)
