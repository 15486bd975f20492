"""Running an import: piece after piece, each one transaction together with the run's own counters.

A process that dies loses the piece it was at, never half of one. Whoever reads the same file again in the same
way goes on behind the last piece that is in. A piece has a fixed number of lines, so that the rest of the file
falls into the same pieces as before; what lies behind is read again only for the numbers in it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from toli.access.domain.permissions import MEMBERS_IMPORT
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock, statistics
from toli.core.ahead import ahead
from toli.core.crypto import index_for
from toli.core.domain.terms import ends_on
from toli.core.errors import Forbidden
from toli.core.events import publish
from toli.members import selectors
from toli.members.domain.importing.normalising import People, people_of
from toli.members.events import MembersImported
from toli.members.models import Drive, ImportChunk, ImportProblem, ImportRun, ImportState
from toli.members.services.importing.cards import CardWriter, card_desk
from toli.members.services.importing.list_file import ListFile, examine, remap, require_columns
from toli.members.services.importing.mappings import recall, remember
from toli.members.services.importing.places import Places
from toli.members.services.importing.reports import ImportReport, problem_of, report_of
from toli.members.services.importing.taking import Sorted, Sorter, Taken, take
from toli.members.services.locking import keeping_index_keys, lock_all_numbers

Advance = Callable[[int, int], None]
CHUNK = 20_000  # lines: people who join wait for at most one piece, about a second
PATIENCE = 5  # seconds to wait for whoever may be working on a run
_LOCK = 0x6C697374  # "list": a run is worked on by one process at a time


@keeping_index_keys()
def import_members(
    *,
    actor: Actor,
    drive_code: str,
    path: Path,
    mapping: Mapping[str, str] | None = None,
    territory: str = "",
    dry_run: bool = False,
    advance: Advance | None = None,
) -> ImportReport:
    """Take the members of a file (CSV, XLSX, vCard) into a drive.

    ``mapping`` (field -> heading) corrects what is proposed; ``territory``: the place of rows that name none.
    Every row's territory must lie where the actor may import; elsewhere it reads as unknown. Those who
    left stay away: a list does not bring anybody back. With ``dry_run`` the report is the same and
    nothing is written. A run of the same file that was cut off is continued.

    Raises:
        Forbidden: the actor imports nowhere. DriveNotFound.
        ListFileMissing, ListFormatUnknown, ListTooLarge, ListHeaderWrong, ColumnUnknown, ColumnRefused: nothing
            of the file was taken.
    """
    scope = scope_for(actor, MEMBERS_IMPORT)
    if scope.is_empty:
        raise Forbidden
    drive = selectors.get_drive(drive_code)
    started = time.perf_counter()
    file = recall(examine(path, territory=territory))
    if mapping:
        file = remap(file, mapping)
    require_columns(file)
    if mapping and not dry_run:
        remember(file)
    report = _look(scope, drive, file, advance) if dry_run else _run(actor, scope, drive, file, advance)
    report.problems.sort(key=lambda problem: problem.row)
    report.seconds = time.perf_counter() - started
    return report


def _look(scope: Scope, drive: Drive, file: ListFile, advance: Advance | None) -> ImportReport:
    report, sorter = ImportReport(None), Sorter(Places(scope, drive))
    for people, keys in _prepared(file, CHUNK):
        piece = sorter.sort(people, keys)
        with transaction.atomic():
            _add(report, take(scope, drive, piece, until=None))
        if advance:
            advance(piece.last_row, file.lines)
    return report


def _run(actor: Actor, scope: Scope, drive: Drive, file: ListFile, advance: Advance | None) -> ImportReport:
    run, resumed = _begin(actor, drive, file)
    try:
        sorter = Sorter(Places(scope, drive))
        with card_desk() as write_cards:
            for people, keys in _prepared(file, run.chunk_rows):
                piece = sorter.sort(people, keys)
                if people.number >= run.chunks:
                    _store(actor, scope, run, people.number, piece, write_cards)
                if advance:
                    advance(piece.last_row, file.lines)
        _finish(actor, run)
    finally:
        _leave(run)
    if run.created:
        statistics.refresh("members_member", "members_contactpoint")
    report = report_of(run)
    report.resumed = resumed
    return report


def _prepared(file: ListFile, size: int) -> Iterator[tuple[People, list[bytes]]]:
    """The pieces of the file, read and hashed while the database stores the one before."""
    index, plan = index_for(selectors.PHONE_INDEX), file.plan

    def prepare() -> Iterator[tuple[People, list[bytes]]]:
        for records in file.records(size):
            people = people_of(records, default_language=plan.language, default_territory=plan.territory)
            yield people, index.of_many(people.frame["phone"])

    return ahead(prepare(), by=2)


# -- the run -----------------------------------------------------------------------------------------


def _begin(actor: Actor, drive: Drive, file: ListFile) -> tuple[ImportRun, bool]:
    """A run of this file that was cut off and that nobody works on, or a new one."""
    plan = file.plan.as_json()
    cut = ImportRun.objects.filter(drive=drive, file_sha256=file.sha256, plan=plan, state=ImportState.RUNNING)
    for run in cut.order_by("-pk"):
        if _enter(run):
            run.refresh_from_db()
            if run.state == ImportState.RUNNING:
                return run, True
            _leave(run)
    run = ImportRun.objects.create(
        drive=drive,
        file_name=file.path.name[:200],
        file_sha256=file.sha256,
        path=str(file.path.absolute())[:1000],
        plan=plan,
        asked_by_id=actor.id,
        started_at=clock.now(),
        chunk_rows=CHUNK,
    )
    _enter(run)
    return run, False


def _store(actor: Actor, scope: Scope, run: ImportRun, number: int, piece: Sorted, write_cards: CardWriter) -> None:
    """Take a piece together with its cards and its place in the run."""
    until = ends_on(clock.today(), run.drive.term_months)
    with transaction.atomic():
        lock_all_numbers()
        taken = take(scope, run.drive, piece, until=until)
        write_cards(taken.made, until)
        _count(run, number, taken)
        if taken.moves:
            _record(actor, "members.move", run, moves=taken.moves)


def _count(run: ImportRun, number: int, taken: Taken) -> None:
    """Add the piece to the run, in the piece's own transaction."""
    ImportChunk.objects.create(run=run, number=number, made=_ranges(taken.made))
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(run=run, row=problem.row, code=problem.code, params=dict(problem.params))
            for problem in taken.problems
        ],
        batch_size=5000,
    )
    ImportRun.objects.filter(pk=run.pk).update(
        chunks=number + 1,
        rows=F("rows") + taken.rows,
        created=F("created") + taken.created,
        updated=F("updated") + taken.updated,
        unchanged=F("unchanged") + taken.unchanged,
        rejected=F("rejected") + len(taken.problems),
    )


def _ranges(ids: list[int]) -> list[list[int]]:
    """Rising numbers as pairs of first and last."""
    pairs: list[list[int]] = []
    for number in ids:
        if pairs and pairs[-1][1] == number - 1:
            pairs[-1][1] = number
        else:
            pairs.append([number, number])
    return pairs


@transaction.atomic
def _finish(actor: Actor, run: ImportRun) -> None:
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.DONE, finished_at=clock.now())
    run.refresh_from_db()
    _record(actor, "members.import", run)
    publish(MembersImported(run_id=run.pk))


def _enter(run: ImportRun) -> bool:
    """Be the one who works on the run, until :func:`_leave` or the end of this process.

    The server needs a moment to notice that the process before us was killed.
    """
    deadline = time.monotonic() + PATIENCE
    while not _lock("SELECT pg_try_advisory_lock(%s, %s)", run):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _leave(run: ImportRun) -> None:
    if not connection.needs_rollback:  # else the transaction is lost, and the connection's end frees the lock
        _lock("SELECT pg_advisory_unlock(%s, %s)", run)


def _lock(sql: str, run: ImportRun) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [_LOCK, run.pk])
        return bool(cursor.fetchone()[0])


def _add(report: ImportReport, taken: Taken) -> None:
    report.rows += taken.rows
    report.created += taken.created
    report.updated += taken.updated
    report.unchanged += taken.unchanged
    report.rejected += len(taken.problems)
    report.problems += [problem_of(problem) for problem in taken.problems]


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
