"""Recognition that is fair: days before crowds, teams before persons, caps on everything.

Pure. Rules A5 and A6: docs/algorithms/attribution.md. Only what is measured moves a place (people who opened one's
links). What a member reports does not, because anybody can report; nor do joinings, because nobody shall be talked into
membership for somebody's place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from toli.analytics.domain.suppression import FEWEST, Figure, Veil, is_few

MOST_AT_ONCE = 10  # people within ten minutes: more is a crowd, or a machine that changes its name
MOST_A_DAY = 20  # people on one day: who is in large groups has no easier life than who is not
NEIGHBOURS = 2
WEEK = 7


@dataclass(frozen=True, slots=True)
class Opens:
    """``people`` opened links of the member on ``day`` within ten minutes of it (``slot``; None: nobody knows when)."""

    member_id: int
    day: date
    slot: int | None
    people: int


@dataclass(frozen=True, slots=True)
class Standing:
    """``days``: on how many days somebody opened a link; a number of days, so that a missed one loses nothing.

    ``people``: how many did, after the caps.
    """

    member_id: int
    days: int
    people: int


@dataclass(frozen=True, slots=True)
class Place:
    """Who stands where. Those who did the same share a place."""

    place: int
    standing: Standing


def standings(opens: Iterable[Opens]) -> list[Standing]:
    """What counts of these opens, for each member of whom any does."""
    a_day: dict[tuple[int, date], int] = {}
    for seen in opens:
        people = seen.people if seen.slot is None else min(seen.people, MOST_AT_ONCE)
        key = (seen.member_id, seen.day)
        a_day[key] = min(a_day.get(key, 0) + people, MOST_A_DAY)
    found: dict[int, Standing] = {}
    for (member_id, _day), people in a_day.items():
        before = found.get(member_id, Standing(member_id, 0, 0))
        found[member_id] = Standing(member_id, before.days + (people > 0), before.people + people)
    return [standing for standing in found.values() if standing.days]


def places(found: Iterable[Standing]) -> list[Place]:
    """From the first place on: who had more days, then who had more people."""
    ordered = sorted(found, key=lambda standing: (*_rank(standing), standing.member_id))
    placed: list[Place] = []
    for _same, level in groupby(ordered, key=_rank):
        first = len(placed) + 1
        placed += [Place(first, standing) for standing in level]
    return placed


def _rank(standing: Standing) -> tuple[int, int]:
    return -standing.days, -standing.people


def around(placed: Sequence[Place], member_id: int) -> tuple[Place, ...]:
    """The member's own place and the NEIGHBOURS before and after it: no top ten, and no bottom. Empty: no place yet."""
    own = next((number for number, place in enumerate(placed) if place.standing.member_id == member_id), None)
    if own is None:
        return ()
    return tuple(placed[max(0, own - NEIGHBOURS) : own + NEIGHBOURS + 1])


def told(own: int, rest: int, *, active_others: int) -> Figure:
    """A sum over a team (``own`` part and the ``rest``) as its member may read it, who can take their own part out.

    Kept back while fewer than FEWEST others did anything at all, and while the rest is few: it would say who rather
    than how many.
    """
    return Veil.KEPT if active_others < FEWEST or is_few(rest) else own + rest


def weeks(by_day: Mapping[date, int], *, today: date, count: int = 4) -> list[tuple[date, int]]:
    """(first day, sum) of each of the last ``count`` times seven days, the latest first."""
    firsts = [today - timedelta(days=WEEK * number - 1) for number in range(1, count + 1)]
    return [(first, sum(by_day.get(first + timedelta(days=day), 0) for day in range(WEEK))) for first in firsts]
