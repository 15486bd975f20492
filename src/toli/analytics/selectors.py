"""Reads of the counts."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from toli.access.domain.scope import Scope
from toli.analytics.domain.funnel import STAGES, Funnel
from toli.analytics.models import Refresh
from toli.territories import selectors as territories
from toli.territories.models import Territory

_COUNTS = ", ".join(f"f.{stage}" for stage in STAGES)


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One child's funnel; ``territory`` is None for those who live in the parent itself."""

    territory: Territory | None
    funnel: Funnel


def funnel(scope: Scope, territory: Territory) -> Funnel:
    """The funnel of everybody in the branch. Raises TerritoryNotFound where the scope does not reach."""
    path = territories.path_of(territories.get_by_id(scope, territory.pk).pk)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {_COUNTS} FROM territories_node n JOIN analytics_funnelcount f ON f.node_id = n.id
                WHERE n.path = %s AND n.valid_to IS NULL""",  # noqa: S608 the columns are constants
            [path],
        )
        row = cursor.fetchone()
    return Funnel(*row) if row else Funnel()


def coverage(scope: Scope, territory: Territory) -> list[CoverageRow]:
    """One row for each child of the territory, and one for the rest; they add up to the branch's funnel.

    Raises:
        TerritoryNotFound: the scope does not reach the territory.
    """
    total = funnel(scope, territory)
    path = territories.path_of(territory.pk)
    children = territories.children(scope, territory)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT f.territory_id, {_COUNTS} FROM territories_node n
                JOIN territories_node child ON child.parent_id = n.id AND child.valid_to IS NULL
                JOIN analytics_funnelcount f ON f.node_id = child.id
                WHERE n.path = %s AND n.valid_to IS NULL""",  # noqa: S608 the columns are constants
            [path],
        )
        by_child = {row[0]: Funnel(*row[1:]) for row in cursor.fetchall()}
    rows = [CoverageRow(child, by_child.get(child.pk, Funnel())) for child in children]
    rest = total - sum((row.funnel for row in rows), Funnel())
    return rows if rest.is_empty else [*rows, CoverageRow(None, rest)]


def within(scope: Scope, path: str) -> Funnel:
    """Those of the branch at ``path`` who live in a branch of the scope that lies in it."""
    inside = [branch for branch in scope.paths if branch.startswith(path)]
    if scope.covers(path):
        inside = [path]
    if not inside:
        return Funnel()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {_COUNTS} FROM territories_node n JOIN analytics_funnelcount f ON f.node_id = n.id
                WHERE n.path = ANY(%s) AND n.valid_to IS NULL""",  # noqa: S608 the columns are constants
            [inside],
        )
        return sum((Funnel(*row) for row in cursor.fetchall()), Funnel())


def refreshed_at() -> datetime | None:
    """When the counts were last rebuilt; None before the first time."""
    latest = Refresh.objects.first()
    return latest.at if latest else None
