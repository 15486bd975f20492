"""The counts of a place as somebody may read them: in full over members they may see by name, else none that are few.

What is told of a place depends on the families above it, as far up as the reader may look: what is kept back there
must not stand on its own page. Members whom the reader sees by name anyway are taken out of all counts before it is
decided, and put back into what is told: somebody who knows nearly all must not learn the rest by subtracting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from toli.access.domain.scope import Scope
from toli.analytics import selectors
from toli.analytics.domain.funnel import STAGES, Funnel
from toli.analytics.domain.suppression import NOTHING_TOLD, Shown, Veil, family, in_full, one
from toli.analytics.selectors import CoverageRow
from toli.territories import selectors as territories
from toli.territories.models import Territory


@dataclass(frozen=True, slots=True)
class Row:
    """What is told of one child; ``territory`` is None for those who live in the place itself."""

    territory: Territory | None
    funnel: Shown


@dataclass(frozen=True, slots=True)
class Report:
    """``full``: nothing had to be kept back, as the reader may see everybody here by name."""

    total: Shown
    rows: list[Row]
    full: bool


def report(scope: Scope, named: Scope, territory: Territory) -> Report:
    """The place and its children. ``named``: where the reader may see members by name.

    Raises TerritoryNotFound: the scope does not reach the territory.
    """
    total, rows = selectors.funnel(scope, territory), selectors.coverage(scope, territory)
    if named.covers(territories.path_of(territory.pk)):
        return Report(in_full(total), [Row(row.territory, in_full(row.funnel)) for row in rows], full=True)
    told = _told(scope, named, territory)
    if isinstance(told.imported, Veil):
        shown_total = _with_known(total, _known(named, territory), told)
        return Report(shown_total, [_named_only(named, row) for row in rows], full=False)
    shown = _family(named, territory, total, rows)
    return Report(
        _with_known(total, _known(named, territory), told),
        [Row(row.territory, _with_known(row.funnel, _known(named, row.territory), figures))
         for row, figures in zip(rows, shown, strict=True)],
        full=False,
    )  # fmt: skip


def _told(scope: Scope, named: Scope, territory: Territory) -> Shown:
    """What is told of the place, without those who are known: from the top of the reader's area down to it."""
    above = territories.ancestors(scope, territory)
    told = one(selectors.funnel(scope, above[0]) - _known(named, above[0]))
    for parent, child in pairwise(above):
        if isinstance(told.imported, Veil):
            return NOTHING_TOLD
        rows = selectors.coverage(scope, parent)
        shown = _family(named, parent, selectors.funnel(scope, parent), rows)
        found = [figures for row, figures in zip(rows, shown, strict=True) if _is(row, child)]
        told = found[0] if found else NOTHING_TOLD
    return told


def _is(row: CoverageRow, territory: Territory) -> bool:
    return row.territory is not None and row.territory.pk == territory.pk


def _family(named: Scope, parent: Territory, total: Funnel, rows: Sequence[CoverageRow]) -> list[Shown]:
    return family(total - _known(named, parent), [row.funnel - _known(named, row.territory) for row in rows])


def _known(named: Scope, territory: Territory | None) -> Funnel:
    """Those of the place whom the reader may see by name."""
    if territory is None:
        return Funnel()
    return selectors.within(named, territories.path_of(territory.pk))


def _named_only(named: Scope, row: CoverageRow) -> Row:
    seen = row.territory is not None and named.covers(territories.path_of(row.territory.pk))
    return Row(row.territory, in_full(row.funnel) if seen else NOTHING_TOLD)


def _with_known(whole: Funnel, known: Funnel, told: Shown) -> Shown:
    """What is told of the others, with those who are known: the whole count, or nothing where the others are veiled."""
    figures = {}
    for stage in STAGES:
        figure = getattr(told, stage)
        if isinstance(figure, Veil):
            figures[stage] = Veil.KEPT if getattr(known, stage) else figure
        else:
            figures[stage] = getattr(whole, stage)
    return Shown(**figures)
