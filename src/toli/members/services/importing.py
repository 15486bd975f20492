"""Reading a membership list: batches, each one transaction, each row accounted for.

A row whose number is known already updates that member or leaves them as they are, so reading a file
again, or going on after the process was killed, doubles nobody. Numbers are sealed before they leave
this process; the database matches blind indexes only.
"""

import csv
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from toli.access.domain.permissions import MEMBERS_IMPORT
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.core.crypto import cipher_for, index_for
from toli.core.errors import Forbidden
from toli.core.events import publish
from toli.members import selectors
from toli.members.domain.rows import REQUIRED, ParsedRow, RowProblem, parse_row
from toli.members.domain.terms import ends_on
from toli.members.errors import ListEncodingBroken, ListFileMissing, ListHeaderWrong
from toli.members.events import MembersImported
from toli.members.models import Drive, ImportProblem, ImportRun, ImportState
from toli.territories.models import Node

Advance = Callable[[int, int], None]
BATCH = 5000
DEFAULT_LANGUAGE = "hi"

MESSAGES = {
    "name_invalid": gettext_noop("The name is missing or is not a name."),
    "phone_invalid": gettext_noop("This is not a telephone number."),
    "territory_missing": gettext_noop("The territory is missing."),
    "territory_unknown": gettext_noop("There is no territory %(territory)s in your area."),
    "language_unknown": gettext_noop("The language %(language)s is not one of: hi, en."),
    "phone_twice": gettext_noop("The same number stands in row %(first)d already."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A row (the header is row 1) that was not taken, with a message in the reader's language."""

    row: int
    code: str
    message: str


@dataclass(slots=True)
class ImportReport:
    """rows = created + updated + unchanged + rejected."""

    run_id: int | None
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(slots=True)
class _Batch:
    """What became of a number of rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)


class _DryRun(Exception):
    """Ends the transaction of a dry run."""


def import_members(
    *, actor: Actor, drive_code: str, path: Path, dry_run: bool = False, advance: Advance | None = None
) -> ImportReport:
    """Take the members of a CSV file (name, phone, territory, optional language) into a drive.

    Every row's territory must lie where the actor may import; elsewhere it reads as unknown. With
    ``dry_run`` the report is the same and nothing stays.

    Raises:
        DriveNotFound, ListFileMissing, ListHeaderWrong, ListEncodingBroken (rows before the broken one
        are in; importing the mended file goes on from there), Forbidden.
    """
    scope = scope_for(actor, MEMBERS_IMPORT)
    if scope.is_empty:
        raise Forbidden
    drive = selectors.get_drive(drive_code)
    if not path.is_file():
        raise ListFileMissing(file=path.name)
    started = time.perf_counter()
    if not dry_run:
        report = _run(actor, scope, drive, path, advance)
    else:
        try:
            with transaction.atomic():
                report = _run(actor, scope, drive, path, advance)
                raise _DryRun
        except _DryRun:
            report.run_id = None
    report.seconds = time.perf_counter() - started
    return report


def _run(actor: Actor, scope: Scope, drive: Drive, path: Path, advance: Advance | None) -> ImportReport:
    run = ImportRun.objects.create(
        drive=drive, file_name=path.name[:200], file_sha256=_sha256(path), started_at=clock.now()
    )
    seen: dict[bytes, int] = {}
    with path.open("rb") as file:
        rows = _rows(file, advance, path.stat().st_size)
        while batch := list(islice(rows, BATCH)):
            with transaction.atomic():
                _count(run, len(batch), _take(batch, scope, drive, seen))
    with transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(state=ImportState.DONE, finished_at=clock.now())
        audit.record(
            actor_kind=actor.kind,
            actor_id=actor.id,
            address=actor.address,
            action="members.import",
            target=f"import:{run.pk}",
        )
        publish(MembersImported(run_id=run.pk))
    return report_of(run.pk)


def report_of(run_id: int) -> ImportReport:
    """The stored report of an import, its messages in the active language."""
    run = selectors.get_import(run_id)
    problems = [
        Problem(problem.row, problem.code, _(MESSAGES[problem.code]) % problem.params)
        for problem in run.problems.all()
    ]
    return ImportReport(run.pk, run.rows, run.created, run.updated, run.unchanged, run.rejected, problems)


def _rows(file: IO[bytes], advance: Advance | None, size: int) -> Iterator[ParsedRow | RowProblem]:
    reader = csv.DictReader(_lines(file), restval="")
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    missing = [column for column in REQUIRED if column not in names]
    if missing:
        raise ListHeaderWrong(columns=", ".join(missing))
    for number, record in enumerate(reader, start=2):
        yield parse_row(number, record, default_language=DEFAULT_LANGUAGE)
        if advance and number % 1000 == 0:
            advance(file.tell(), size)
    if advance:
        advance(size, size)


def _lines(file: IO[bytes]) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise ListEncodingBroken(row=number) from None


def _take(rows: Sequence[ParsedRow | RowProblem], scope: Scope, drive: Drive, seen: dict[bytes, int]) -> _Batch:
    """Store one batch. ``seen`` maps the blind indexes of earlier rows of the file to their row."""
    batch = _Batch(problems=[row for row in rows if isinstance(row, RowProblem)])
    parsed = [row for row in rows if isinstance(row, ParsedRow)]
    places = _places(scope, {row.territory for row in parsed})
    index = index_for(selectors.PHONE_INDEX)
    good: list[tuple[ParsedRow, bytes]] = []
    for row in parsed:
        key = index.of(row.phone)
        if key in seen:
            batch.problems.append(RowProblem(row.row, "phone_twice", {"first": seen[key]}))
        elif row.territory not in places:
            batch.problems.append(RowProblem(row.row, "territory_unknown", {"territory": row.territory[:40]}))
        else:
            seen[key] = row.row
            good.append((row, key))
    with connection.cursor() as cursor:
        _stage(cursor, good, places)
        batch.updated = _update(cursor)
        batch.created = _create(cursor, {key: row.phone for row, key in good}, drive)
        cursor.execute("DROP TABLE member_stage")
    batch.unchanged = len(good) - batch.created - batch.updated
    return batch


def _places(scope: Scope, codes: set[str]) -> dict[str, int]:
    """Ids of the territories that exist, are current and lie in the scope, by code."""
    nodes = Node.objects.current().filter(territory__code__in=codes, territory__valid_to__isnull=True)
    rows = nodes.values_list("territory__code", "territory_id", "path")
    return {code: territory_id for code, territory_id, path in rows if scope.covers(path)}


def _stage(cursor: Any, good: Sequence[tuple[ParsedRow, bytes]], places: dict[str, int]) -> None:
    cursor.execute(
        """CREATE TEMP TABLE member_stage (row int, name text, territory_id bigint, language text,
           value_index bytea PRIMARY KEY) ON COMMIT DROP"""
    )
    with cursor.copy("COPY member_stage FROM STDIN") as copy:
        for row, key in good:
            copy.write_row((row.row, row.name, places[row.territory], row.language, key))
    cursor.execute("ANALYZE member_stage")


def _update(cursor: Any) -> int:
    """Bring known members up to date; those who are already, and those who left, stay as they are."""
    cursor.execute(
        """UPDATE members_member m SET name = s.name, territory_id = s.territory_id, language = s.language,
             updated_at = %s
           FROM member_stage s JOIN members_contactpoint p
             ON p.value_index = s.value_index AND p.kind = 'phone' AND p.ordinal = 0
           WHERE m.id = p.member_id AND m.state = 'active'
             AND (m.name, m.territory_id, m.language) IS DISTINCT FROM (s.name, s.territory_id, s.language)""",
        [clock.now()],
    )
    return int(cursor.rowcount)


def _create(cursor: Any, phones: dict[bytes, str], drive: Drive) -> int:
    """COPY the unknown ones in, with ids taken from the sequences beforehand."""
    cursor.execute(
        """SELECT nextval(pg_get_serial_sequence('members_member', 'id')),
                  nextval(pg_get_serial_sequence('members_contactpoint', 'id')),
                  n.name, n.territory_id, n.language, n.value_index
           FROM (SELECT s.* FROM member_stage s WHERE NOT EXISTS (
                   SELECT 1 FROM members_contactpoint p
                   WHERE p.value_index = s.value_index AND p.kind = 'phone' AND p.ordinal = 0)
                 ORDER BY s.row) n"""
    )
    new = cursor.fetchall()
    now, today = clock.now(), clock.today()
    until = ends_on(today, drive.term_months)
    with cursor.copy(
        """COPY members_member (id, name, territory_id, language, state, source, drive_id, member_from,
           member_until, created_at, updated_at) FROM STDIN"""
    ) as copy:
        for member_id, _point, name, territory_id, language, _index in new:
            copy.write_row(
                (member_id, name, territory_id, language, "active", "import", drive.pk, today, until, now, now)
            )
    cipher = cipher_for(selectors.CONTACT_CONTEXT)
    with cursor.copy(
        """COPY members_contactpoint (id, member_id, kind, value_sealed, value_index, ordinal)
           FROM STDIN"""
    ) as copy:
        for member_id, point_id, _name, _territory, _language, key in new:
            sealed = cipher.encrypt(phones[bytes(key)], row=point_id)
            copy.write_row((point_id, member_id, "phone", sealed, bytes(key), 0))
    return len(new)


def _count(run: ImportRun, rows: int, batch: _Batch) -> None:
    """Add the batch to the run's counters, in the batch's own transaction."""
    ImportProblem.objects.bulk_create(
        ImportProblem(run=run, row=problem.row, code=problem.code, params=dict(problem.params))
        for problem in batch.problems
    )
    ImportRun.objects.filter(pk=run.pk).update(
        rows=F("rows") + rows,
        created=F("created") + batch.created,
        updated=F("updated") + batch.updated,
        unchanged=F("unchanged") + batch.unchanged,
        rejected=F("rejected") + len(batch.problems),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
