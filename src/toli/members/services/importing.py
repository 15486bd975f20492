"""Reading a membership list: batches, each one transaction, each row accounted for.

A row whose number is known already updates that member or leaves them as they are, so reading a file
again, or going on after the process was killed, doubles nobody. Numbers are sealed before they leave
this process; the database matches blind indexes only.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from toli.access.domain.permissions import MEMBERS_IMPORT
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock, statistics
from toli.core.crypto import cipher_for, index_for
from toli.core.domain.terms import ends_on
from toli.core.errors import Forbidden
from toli.core.events import publish
from toli.members import selectors
from toli.members.domain.rows import ParsedRow, RowProblem, unknown_territory
from toli.members.events import MembersImported
from toli.members.models import Drive, ImportProblem, ImportRun, ImportState, Member
from toli.members.services.erasing import erased_among
from toli.members.services.list_file import ListFile, examine
from toli.members.services.locking import lock_all_numbers
from toli.territories.models import Node

Advance = Callable[[int, int], None]
BATCH = 5000

MESSAGES = {
    "row_broken": gettext_noop("This row cannot be read. Check its quotation marks."),
    "too_many_cells": gettext_noop("This row has more cells than the header has columns (%(columns)d)."),
    "name_invalid": gettext_noop("The name is missing or is not a name."),
    "phone_invalid": gettext_noop("This is not a telephone number."),
    "phone_twice": gettext_noop("The same number stands in row %(first)d already."),
    "territory_missing": gettext_noop("The territory is missing."),
    "territory_unknown": gettext_noop("There is no territory %(territory)s in your area."),
    "territory_not_in_drive": gettext_noop("The drive does not cover the territory %(territory)s."),
    "erased_on_request": gettext_noop("The owner of this number had their data erased. Only they can join again."),
    "member_elsewhere": gettext_noop("This number belongs to a member outside your area."),
    "language_unknown": gettext_noop("The language %(language)s is not one of: hi, en."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A row (the header is row 1) that was not taken, with a message in the reader's language."""

    row: int
    code: str
    message: str


@dataclass(slots=True)
class ImportReport:
    """rows = created + updated + unchanged + rejected. ``run_id`` is None after a dry run."""

    run_id: int | None
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Known:
    """The member to whom a row's number belongs; ``differs`` in name, territory or language."""

    member_id: int
    territory: str
    differs: bool


@dataclass(frozen=True, slots=True)
class _Taken:
    """What became of the rows of one batch. ``moves``: member id, old and new territory code."""

    rows: int
    created: int
    updated: int
    problems: list[RowProblem]
    moves: list[tuple[int, str, str]]

    @property
    def unchanged(self) -> int:
        return self.rows - self.created - self.updated - len(self.problems)


@dataclass(frozen=True, slots=True)
class _Place:
    """A territory that rows may name, by its id, and whether the drive covers it."""

    id: int
    in_drive: bool


def import_members(
    *, actor: Actor, drive_code: str, path: Path, dry_run: bool = False, advance: Advance | None = None
) -> ImportReport:
    """Take the members of a CSV file (name, phone, territory, optional language) into a drive.

    Every row's territory must lie where the actor may import; elsewhere it reads as unknown. Those who
    left stay away: a list does not bring anybody back. With ``dry_run`` the report is the same and
    nothing stays.

    Raises:
        Forbidden: the actor imports nowhere. DriveNotFound.
        ListFileMissing, ListHeaderWrong, ListEncodingBroken: nothing of the file was taken.
    """
    scope = scope_for(actor, MEMBERS_IMPORT)
    if scope.is_empty:
        raise Forbidden
    drive = selectors.get_drive(drive_code)
    started = time.perf_counter()
    file = examine(path)
    run = None if dry_run else _begin(drive, file)
    report = ImportReport(run.pk if run else None)
    seen: dict[bytes, int] = {}
    for batch in _batches(file.rows()):
        _add(report, _store(actor, scope, drive, run, batch, seen))
        if advance:
            advance(batch[-1].row, file.lines)
    if run:
        _finish(actor, run)
    if run and report.created:
        statistics.refresh("members_member", "members_contactpoint")
    report.problems.sort(key=lambda problem: problem.row)
    report.seconds = time.perf_counter() - started
    return report


def _begin(drive: Drive, file: ListFile) -> ImportRun:
    return ImportRun.objects.create(
        drive=drive, file_name=file.path.name[:200], file_sha256=file.sha256, started_at=clock.now()
    )


@transaction.atomic
def _finish(actor: Actor, run: ImportRun) -> None:
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.DONE, finished_at=clock.now())
    _record(actor, "members.import", run)
    publish(MembersImported(run_id=run.pk))


def _batches(
    rows: Iterator[ParsedRow | RowProblem],
) -> Iterator[list[ParsedRow | RowProblem]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _store(
    actor: Actor,
    scope: Scope,
    drive: Drive,
    run: ImportRun | None,
    batch: Sequence[ParsedRow | RowProblem],
    seen: dict[bytes, int],
) -> _Taken:
    """Take a batch together with its place in the run's counters; without a run, undo it again."""
    with transaction.atomic():
        lock_all_numbers()
        taken = _take(scope, drive, batch, seen)
        if run is None:
            transaction.set_rollback(True)
        else:
            _count(run, taken)
            if taken.moves:
                _record(actor, "members.move", run, moves=taken.moves)
    return taken


def _take(scope: Scope, drive: Drive, batch: Sequence[ParsedRow | RowProblem], seen: dict[bytes, int]) -> _Taken:
    """Store what can be stored. ``seen`` maps the blind indexes of earlier rows of the file to their row."""
    problems = [row for row in batch if isinstance(row, RowProblem)]
    parsed = [row for row in batch if isinstance(row, ParsedRow)]
    places = _places(scope, drive, {row.territory for row in parsed})
    index = index_for(selectors.PHONE_INDEX)
    good: dict[int, tuple[ParsedRow, bytes]] = {}
    for row in parsed:
        key = index.of(row.phone)
        problem = _problem(row, places.get(row.territory), seen.get(key))
        if problem:
            problems.append(problem)
        else:
            seen[key] = row.row
            good[row.row] = (row, key)
    with connection.cursor() as cursor:
        _stage(cursor, good.values(), places)
        known = _known(cursor)
        erased = _erased(good, known)
        problems += [RowProblem(row, "erased_on_request", {}) for row in erased]
        good = {row: pair for row, pair in good.items() if row not in erased}
        changed = {row: member for row, member in known.items() if member.differs}
        elsewhere = _elsewhere(scope, changed)
        problems += [RowProblem(row, "member_elsewhere", {}) for row in elsewhere]
        changed = {row: member for row, member in changed.items() if row not in elsewhere}
        _update(cursor, changed)
        created = _create(cursor, [pair for row, pair in good.items() if row not in known], places, drive)
        cursor.execute("DROP TABLE member_stage")
    moves = [
        (member.member_id, member.territory, good[row][0].territory)
        for row, member in changed.items()
        if member.territory != good[row][0].territory
    ]
    return _Taken(len(batch), created, len(changed), problems, moves)


def _problem(row: ParsedRow, place: _Place | None, first: int | None) -> RowProblem | None:
    if first is not None:
        return RowProblem(row.row, "phone_twice", {"first": first})
    if place is None:
        return unknown_territory(row.row, row.territory)
    if not place.in_drive:
        return RowProblem(row.row, "territory_not_in_drive", {"territory": row.territory})
    return None


def _places(scope: Scope, drive: Drive, codes: set[str]) -> dict[str, _Place]:
    """The territories that exist, are current and lie in the scope, by code."""
    nodes = Node.objects.current().filter(territory__code__in=codes, territory__valid_to__isnull=True)
    area = selectors.drive_area(drive)
    places: dict[str, _Place] = {}
    for code, territory_id, path in nodes.values_list("territory__code", "territory_id", "path"):
        before = places.get(code)
        if before or scope.covers(path):  # one of its paths, in whichever tree, is enough
            places[code] = _Place(territory_id, area.covers(path) or bool(before and before.in_drive))
    return places


def _stage(cursor: Any, good: Iterable[tuple[ParsedRow, bytes]], places: dict[str, _Place]) -> None:
    cursor.execute(
        """CREATE TEMP TABLE member_stage (row int PRIMARY KEY, name text, territory_id bigint, language text,
           value_index bytea) ON COMMIT DROP"""
    )
    with cursor.copy("COPY member_stage FROM STDIN") as copy:
        for row, key in good:
            copy.write_row((row.row, row.name, places[row.territory].id, row.language, key))
    cursor.execute("ANALYZE member_stage")


def _erased(good: dict[int, tuple[ParsedRow, bytes]], known: dict[int, _Known]) -> set[int]:
    """Rows of people unknown to us whose owner asked for erasure: a list does not bring them back."""
    numbers = {pair[0].phone: row for row, pair in good.items() if row not in known}
    return {numbers[phone] for phone in erased_among(numbers)}


def _known(cursor: Any) -> dict[int, _Known]:
    """Whom the staged numbers belong to, by row. Of several, the first who has not left.

    Somebody who left differs in nothing: they are known, and stay as they are.
    """
    cursor.execute(
        """SELECT DISTINCT ON (s.row) s.row, m.id, t.code, m.state = 'active'
                  AND (m.name, m.territory_id, m.language) IS DISTINCT FROM (s.name, s.territory_id, s.language)
           FROM member_stage s
           JOIN members_contactpoint p ON p.kind = 'phone' AND p.value_index = s.value_index
           JOIN members_member m ON m.id = p.member_id
           JOIN territories_territory t ON t.id = m.territory_id
           ORDER BY s.row, m.state <> 'active', p.ordinal"""
    )
    return {row: _Known(member_id, territory, differs) for row, member_id, territory, differs in cursor.fetchall()}


def _elsewhere(scope: Scope, changed: dict[int, _Known]) -> set[int]:
    """Rows that would change a member whom the actor has no say about."""
    ids = [member.member_id for member in changed.values()]
    if scope.everywhere or not ids:
        return set()
    inside = set(Member.objects.within(scope).filter(pk__in=ids).values_list("pk", flat=True))
    return {row for row, member in changed.items() if member.member_id not in inside}


def _update(cursor: Any, changed: dict[int, _Known]) -> None:
    cursor.execute(
        """UPDATE members_member m SET name = s.name, territory_id = s.territory_id, language = s.language,
             updated_at = %s
           FROM member_stage s JOIN unnest(%s::int[], %s::bigint[]) AS k (row, member_id) ON k.row = s.row
           WHERE m.id = k.member_id""",
        [clock.now(), list(changed), [member.member_id for member in changed.values()]],
    )


def _create(cursor: Any, new: Sequence[tuple[ParsedRow, bytes]], places: dict[str, _Place], drive: Drive) -> int:
    """COPY new members in. Ids come first: a sealed number is bound to the id of its row."""
    cursor.execute(
        """SELECT nextval(pg_get_serial_sequence('members_member', 'id')),
                  nextval(pg_get_serial_sequence('members_contactpoint', 'id'))
           FROM generate_series(1, %s)""",
        [len(new)],
    )
    ids = cursor.fetchall()
    now, today = clock.now(), clock.today()
    dates = (today, ends_on(today, drive.term_months), now, now)
    with cursor.copy(
        """COPY members_member (id, name, territory_id, language, state, source, drive_id, member_from,
           member_until, created_at, updated_at) FROM STDIN"""
    ) as copy:
        for (member_id, _point_id), (row, _key) in zip(ids, new, strict=True):
            place = places[row.territory].id
            copy.write_row((member_id, row.name, place, row.language, "active", "import", drive.pk, *dates))
    cipher = cipher_for(selectors.CONTACT_CONTEXT)
    with cursor.copy(
        "COPY members_contactpoint (id, member_id, kind, value_sealed, value_index, ordinal) FROM STDIN"
    ) as copy:
        for (member_id, point_id), (row, key) in zip(ids, new, strict=True):
            copy.write_row((point_id, member_id, "phone", cipher.encrypt(row.phone, row=point_id), key, 0))
    return len(new)


def _count(run: ImportRun, taken: _Taken) -> None:
    """Add the batch to the run's counters, in the batch's own transaction."""
    ImportProblem.objects.bulk_create(
        ImportProblem(run=run, row=problem.row, code=problem.code, params=dict(problem.params))
        for problem in taken.problems
    )
    ImportRun.objects.filter(pk=run.pk).update(
        rows=F("rows") + taken.rows,
        created=F("created") + taken.created,
        updated=F("updated") + taken.updated,
        unchanged=F("unchanged") + taken.unchanged,
        rejected=F("rejected") + len(taken.problems),
    )


def _add(report: ImportReport, taken: _Taken) -> None:
    report.rows += taken.rows
    report.created += taken.created
    report.updated += taken.updated
    report.unchanged += taken.unchanged
    report.rejected += len(taken.problems)
    report.problems += [
        Problem(problem.row, problem.code, _(MESSAGES[problem.code]) % problem.params) for problem in taken.problems
    ]


def _record(actor: Actor, action: str, run: ImportRun, **details: Any) -> None:
    audit.record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        action=action,
        target=f"import:{run.pk}",
        territory_id=run.drive.territory_id,
        details=details,
    )
