"""Counts for those who may not see members by name: none under FEWEST, and none that the others would give away.

A family is a place, the places right below it, and the rest that belongs to none of these; the rows add up to the
place. A count from 1 to FEWEST - 1 is *few*. Whoever knows the sum and all rows but one knows that one, so besides
rows with few members others go, too, chosen so that every few count could still be any number from 1 to FEWEST - 1:

- A row with few members is told as few; of what these did nothing is told.
- As soon as there is such a row, the next larger ones are kept back, until enough members stand in those for any
  exchange between them and it. Whole people are exchanged, so all counts stay possible at once.
- In a row that is shown, a count can be few as well (three who shared). Then the rows kept back have to leave room
  for it in that count, between the one before it and the one after it in the funnel.
- Rows are never kept back one by one: the sum without the others would be that one.
- Where no choice does that, no row of the family is told, not even the empty ones: five rows that share five members
  with nobody empty hold one each.

What is below a row that is kept back is kept back with it (analytics.selectors). docs/explanation/small-counts.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from toli.analytics.domain.funnel import STAGES, Funnel

FEWEST = 5
_ROOM = FEWEST - 2  # between the smallest and the largest number that a few count can be
# The stages that count a part of each stage's people.
_PARTS = {
    "imported": ("carded", "shared"),
    "carded": ("seated",),
    "seated": ("joined",),
    "joined": ("relayed",),
    "opened": ("converted",),
}


class Veil(Enum):
    """What is told instead of a count."""

    FEW = "few"
    KEPT = "kept"


Figure = int | Veil


@dataclass(frozen=True, slots=True)
class Shown:
    """The funnel of a place as somebody may read it. ``coverage``: in percent of all members, where both are told."""

    imported: Figure
    carded: Figure
    seated: Figure
    joined: Figure
    relayed: Figure
    shared: Figure
    opened: Figure
    converted: Figure

    @property
    def coverage(self) -> int | None:
        if isinstance(self.joined, Veil) or isinstance(self.imported, Veil):
            return None
        return Funnel(imported=self.imported, joined=self.joined).coverage


NOTHING_TOLD = Shown(*[Veil.KEPT] * len(STAGES))
FEW_MEMBERS = Shown(Veil.FEW, *[Veil.KEPT] * (len(STAGES) - 1))


def is_few(count: int) -> bool:
    """Whether the count points at so few people that it is not told."""
    return 0 < count < FEWEST


def in_full(funnel: Funnel) -> Shown:
    """Everything, for those who may see these members by name."""
    return Shown(**{stage: getattr(funnel, stage) for stage in STAGES})


def one(funnel: Funnel) -> Shown:
    """A place by itself, whose sum with others nobody is told."""
    if is_few(funnel.imported):
        return FEW_MEMBERS
    return Shown(**{stage: _figure(getattr(funnel, stage)) for stage in STAGES})


def family(total: Funnel, rows: Sequence[Funnel]) -> list[Shown]:
    """What may be told of the rows that add up to ``total``, while ``one(total)`` is told of their sum."""
    if is_few(total.imported):
        return [NOTHING_TOLD] * len(rows)
    few = {number for number, row in enumerate(rows) if is_few(row.imported)}
    others = sorted((number for number in range(len(rows)) if number not in few), key=lambda n: rows[n].imported)
    candidates = [number for number in others if rows[number].imported]
    for count in range(len(candidates) + 1):
        kept = set(candidates[:count])
        if _is_safe(total, rows, few, kept):
            return [_row(total, row, number in few, number in kept) for number, row in enumerate(rows)]
    return [NOTHING_TOLD] * len(rows)


def _row(total: Funnel, row: Funnel, few: bool, kept: bool) -> Shown:
    if few or kept:
        return FEW_MEMBERS if few else NOTHING_TOLD
    told = {stage: _figure(getattr(row, stage)) for stage in STAGES}
    return Shown(**told | {stage: Veil.KEPT for stage in STAGES if is_few(getattr(total, stage))})


def _figure(count: int) -> Figure:
    return Veil.FEW if is_few(count) else count


def _is_safe(total: Funnel, rows: Sequence[Funnel], few: set[int], kept: set[int]) -> bool:
    if few and sum(rows[number].imported - FEWEST for number in kept) < _ROOM:
        return False
    if len(kept) == 1 and not few:
        return False  # one row by itself is what the others leave of the sum
    shown = [row for number, row in enumerate(rows) if number not in few | kept]
    away = sum((rows[number] for number in few | kept), Funnel())
    exposed = [stage for stage in STAGES if any(is_few(getattr(row, stage)) for row in shown)]
    return all(_has_room(away, stage) for stage in exposed if not is_few(getattr(total, stage)))


def _has_room(away: Funnel, stage: str) -> bool:
    """Whether those who are kept back could be fewer or more in this stage, with the stages around it as they are."""
    count = getattr(away, stage)
    above = [getattr(away, whole) for whole, parts in _PARTS.items() if stage in parts]
    below = [getattr(away, part) for part in _PARTS.get(stage, ())]
    return count - max(below, default=0) >= _ROOM and all(whole - count >= _ROOM for whole in above)
