"""Putting many territories into the trees at once, with set-based SQL and COPY.

One call loads one file's rows in one transaction: either all good rows of it are in, or none. Rows that
cannot be taken are reported with their number and the rest is kept. Loading the same rows again
changes nothing; a changed parent moves the whole branch.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from toli.territories.domain.paths import CODE, branch_end
from toli.territories.services.structure import MAIN, PARLIAMENT


@dataclass(frozen=True, slots=True)
class TerritoryRow:
    """One territory to be there. ``parents``: tree code -> code of the parent in that tree."""

    row: int
    code: str
    level: str
    name_en: str
    name_hi: str = ""
    number: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the row with this number (the header is row 1) was not taken."""

    row: int
    code: str
    message: str


@dataclass(slots=True)
class FileReport:
    """rows = created + updated + unchanged + rejected."""

    file: str
    level: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(slots=True)
class ImportReport:
    """What one import did, file by file."""

    files: list[FileReport] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Rows read from all files."""
        return sum(file.rows for file in self.files)

    @property
    def rows_per_second(self) -> int:
        """Speed of the whole import, checks and trees included."""
        return round(self.rows / self.seconds) if self.seconds else 0


@transaction.atomic
def load_rows(file: str, level: str, rows: Iterable[TerritoryRow], problems: Iterable[Problem] = ()) -> FileReport:
    """Create or update the territories of ``rows`` and their places in the trees."""
    started = time.perf_counter()
    report = FileReport(file=file, level=level)
    report.problems = list(problems)
    good = _checked(rows, report)
    with connection.cursor() as cursor:
        _stage(cursor, good)
        _reject_orphans(cursor, report)
        written = _upsert_territories(cursor)
        cursor.execute("ANALYZE territories_territory")
        moved = {tree: _place(cursor, tree) for tree in (MAIN, PARLIAMENT)}
        cursor.execute("DROP TABLE stage")
    changed = {code for codes in moved.values() for code in codes}
    created = {code for code, is_new in written if is_new}
    updated = ({code for code, is_new in written if not is_new} | changed) - created
    report.rejected = len({problem.row for problem in report.problems})
    report.created, report.updated = len(created), len(updated)
    report.rows = len(good) + len({problem.row for problem in report.problems} - {row.row for row in good})
    report.unchanged = report.rows - report.created - report.updated - report.rejected
    report.problems.sort(key=lambda problem: problem.row)
    report.seconds = time.perf_counter() - started
    return report


def _checked(rows: Iterable[TerritoryRow], report: FileReport) -> list[TerritoryRow]:
    """Rows whose own fields are right; the others become problems."""
    good: list[TerritoryRow] = []
    seen: dict[str, int] = {}
    for row in rows:
        if not CODE.match(row.code):
            message = _("%(value)r is not a territory code: capital letters, digits and - only.")
            report.problems.append(Problem(row.row, "code_invalid", message % {"value": row.code}))
        elif not row.name_en:
            report.problems.append(Problem(row.row, "name_missing", _("The name is missing.")))
        elif row.code in seen:
            message = _("The code %(code)s stands in row %(first)d already.")
            params = {"code": row.code, "first": seen[row.code]}
            report.problems.append(Problem(row.row, "code_twice", message % params))
        else:
            seen[row.code] = row.row
            good.append(row)
    return good


def _stage(cursor: Any, rows: list[TerritoryRow]) -> None:
    cursor.execute(
        """CREATE TEMP TABLE stage (row int, code text COLLATE "C" PRIMARY KEY, level text, name_en text,
           name_hi text, number text, facts jsonb, main text COLLATE "C", parliament text COLLATE "C")
           ON COMMIT DROP"""
    )
    with cursor.copy("COPY stage FROM STDIN") as copy:
        for row in rows:
            copy.write_row(
                (
                    row.row, row.code, row.level, row.name_en[:200], row.name_hi[:200], row.number[:20],
                    json.dumps(dict(row.facts), ensure_ascii=False, sort_keys=True),
                    row.parents.get(MAIN), row.parents.get(PARLIAMENT),
                )
            )  # fmt: skip
    # Without fresh statistics the planner takes the tables for empty and joins row by row.
    cursor.execute("ANALYZE stage, territories_territory, territories_node")


def _reject_orphans(cursor: Any, report: FileReport) -> None:
    """Take out rows whose parent is not in the tree."""
    for tree in (MAIN, PARLIAMENT):
        cursor.execute(
            f"""DELETE FROM stage s WHERE s.{tree} IS NOT NULL AND NOT EXISTS (
                  SELECT 1 FROM territories_node n JOIN territories_territory t ON t.id = n.territory_id
                  JOIN territories_tree r ON r.id = n.tree_id
                  WHERE t.code = s.{tree} AND r.code = %s AND n.valid_to IS NULL)
                RETURNING s.row, s.{tree}""",  # noqa: S608 the column is one of two constants
            [tree],
        )
        message = _("There is no territory %(parent)s to put it under.")
        for number, parent in cursor.fetchall():
            report.problems.append(Problem(number, "parent_unknown", message % {"parent": parent}))


def _upsert_territories(cursor: Any) -> list[tuple[str, bool]]:
    cursor.execute(
        """INSERT INTO territories_territory AS t (code, level_id, name_en, name_hi, number, facts)
           SELECT s.code, l.id, s.name_en, s.name_hi, s.number, s.facts
           FROM stage s JOIN territories_level l ON l.code = s.level
           ORDER BY s.row
           ON CONFLICT (code) DO UPDATE SET level_id = excluded.level_id, name_en = excluded.name_en,
             name_hi = excluded.name_hi, number = excluded.number, facts = excluded.facts
           WHERE (t.level_id, t.name_en, t.name_hi, t.number, t.facts) IS DISTINCT FROM
             (excluded.level_id, excluded.name_en, excluded.name_hi, excluded.number, excluded.facts)
           RETURNING code, xmax = 0"""
    )
    return list(cursor.fetchall())


def _place(cursor: Any, tree: str) -> list[str]:
    """Put staged territories under their parents in one tree. Returns the codes that changed place."""
    wanted = f"""SELECT t.id AS territory_id, r.id AS tree_id, p.id AS parent_id,
                        p.path || s.code || '/' AS path, s.code, s.row
                 FROM stage s JOIN territories_territory t ON t.code = s.code
                 JOIN territories_territory pt ON pt.code = s.{tree}
                 JOIN territories_tree r ON r.code = %s
                 JOIN territories_node p ON p.territory_id = pt.id AND p.tree_id = r.id AND p.valid_to IS NULL"""  # noqa: S608
    cursor.execute(
        f"""INSERT INTO territories_node (tree_id, territory_id, parent_id, path)
            SELECT w.tree_id, w.territory_id, w.parent_id, w.path FROM ({wanted}) w
            WHERE NOT EXISTS (SELECT 1 FROM territories_node n WHERE n.territory_id = w.territory_id
                              AND n.tree_id = w.tree_id AND n.valid_to IS NULL)
            ORDER BY w.row""",  # noqa: S608
        [tree],
    )
    cursor.execute(
        f"""SELECT n.id, n.path, w.parent_id, w.path, w.code FROM ({wanted}) w
            JOIN territories_node n ON n.territory_id = w.territory_id AND n.tree_id = w.tree_id
            WHERE n.valid_to IS NULL AND n.path <> w.path""",  # noqa: S608
        [tree],
    )
    moves = cursor.fetchall()
    for node_id, old, parent_id, new, _code in moves:
        cursor.execute("UPDATE territories_node SET parent_id = %s WHERE id = %s", [parent_id, node_id])
        cursor.execute(
            """UPDATE territories_node SET path = %s || substr(path, %s)
               WHERE path >= %s AND path < %s AND valid_to IS NULL""",
            [new, len(old) + 1, old, branch_end(old)],
        )
    return [move[4] for move in moves]


def refresh_statistics() -> None:
    """Tell the planner how large the trees are now, instead of when autovacuum comes by."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE territories_territory, territories_node")
