"""Running an import: piece after piece, each one transaction together with the run's own counters.

A process that dies loses the piece it was at, never half of one. Whoever reads the same file again in the same
way goes on behind the last piece that is in. A piece has a fixed number of lines, so that the rest of the file
falls into the same pieces as before; what lies behind is read again only for the numbers in it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from django.db import transaction

from toli.access.domain.permissions import MEMBERS_IMPORT
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.accounts.selectors import actor_for
from toli.core import clock, statistics
from toli.core.ahead import ahead
from toli.core.crypto import index_for
from toli.core.domain.terms import ends_on
from toli.core.errors import Forbidden
from toli.members import selectors
from toli.members.domain.importing.normalising import People, people_of
from toli.members.domain.importing.plans import plan_from
from toli.members.errors import ImportBusy, ImportStateWrong, ListFileChanged
from toli.members.models import Drive, ImportRun, ImportState
from toli.members.services.importing import runs
from toli.members.services.importing.cards import CardWriter, card_desk
from toli.members.services.importing.list_file import ListFile, examine, remap, require_columns
from toli.members.services.importing.mappings import recall, remember
from toli.members.services.importing.places import Places
from toli.members.services.importing.reports import ImportReport, problem_of, report_of
from toli.members.services.importing.sorting import Sorted, Sorter
from toli.members.services.importing.taking import Taken, Target, take
from toli.members.services.locking import keeping_index_keys, lock_all_numbers

Advance = Callable[[int, int], None]
CHUNK = 20_000  # lines: people who join wait for at most one piece, about a second


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
    scope = importing_scope(actor)
    drive = selectors.get_drive(drive_code)
    started = time.perf_counter()
    file = recall(examine(path, territory=territory))
    if mapping:
        file = remap(file, mapping)
    require_columns(file)
    if mapping and not dry_run:
        remember(file)
    if dry_run:
        report = look_through(scope, drive, file, advance)
    else:
        run, resumed = _begin(actor, drive, file)
        report = _work(actor, scope, run, file, advance)
        report.resumed = resumed
    report.seconds = time.perf_counter() - started
    return report


@keeping_index_keys()
def resume_import(
    *, actor: Actor, run_id: int, path: Path | None = None, advance: Advance | None = None
) -> ImportReport:
    """Go on with a run that was cut off. ``path``: where its file lies now, if it was moved.

    The system goes on for whoever asked for it: with their area, which may be smaller than all.

    Raises:
        Forbidden. ImportNotFound. ImportStateWrong: it is not cut off. ImportBusy: somebody works on it.
        ListFileMissing. ListFileChanged: the file is another one.
    """
    run = selectors.get_import(actor, run_id)
    actor = actor_for(run.asked_by) if actor.is_system and run.asked_by else actor
    scope = importing_scope(actor)
    if run.state != ImportState.RUNNING:
        raise ImportStateWrong(state=run.get_state_display())
    started = time.perf_counter()
    file = file_of(run, path)
    if not runs.enter(run):
        raise ImportBusy
    if run.state != ImportState.RUNNING:
        runs.leave(run)
        return report_of(run)
    report = _work(actor, scope, run, file, advance)
    report.resumed, report.seconds = True, time.perf_counter() - started
    return report


def importing_scope(actor: Actor) -> Scope:
    """Where the actor may import. Raises Forbidden: nowhere."""
    scope = scope_for(actor, MEMBERS_IMPORT)
    if scope.is_empty:
        raise Forbidden
    return scope


def file_of(run: ImportRun, path: Path | None = None) -> ListFile:
    """The run's file, read as it was said to be. Raises ListFileMissing, ListFileChanged."""
    plan = plan_from(run.plan)
    file = examine(path or Path(run.path), territory=plan.territory, language=plan.language)
    if file.sha256 != run.file_sha256:
        raise ListFileChanged(file=file.path.name)
    return replace(file, plan=plan)


def look_through(scope: Scope, drive: Drive, file: ListFile, advance: Advance | None) -> ImportReport:
    """What an import would do, with nothing written."""
    report, sorter = ImportReport(None), Sorter(Places(scope, drive))
    for people, keys in _prepared(file, CHUNK):
        piece = sorter.sort(people, keys)
        with transaction.atomic():
            _add(report, take(scope, drive, piece, into=None))
        if advance:
            advance(piece.last_row, file.lines)
    report.problems.sort(key=lambda problem: problem.row)
    return report


def _begin(actor: Actor, drive: Drive, file: ListFile) -> tuple[ImportRun, bool]:
    """The actor's run of this file that was cut off and that nobody works on, or a new one. It is entered."""
    plan = file.plan.as_json()
    cut = ImportRun.objects.filter(
        drive=drive, file_sha256=file.sha256, plan=plan, state=ImportState.RUNNING, asked_by_id=actor.id
    )
    for run in cut.order_by("-pk"):
        if runs.enter(run):
            if run.state == ImportState.RUNNING:
                return run, True
            runs.leave(run)
    run = ImportRun.objects.create(
        drive=drive,
        file_name=file.path.name[:200],
        file_sha256=file.sha256,
        path=str(file.path.absolute())[:1000],
        plan=plan,
        asked_by_id=actor.id,
        started_at=clock.now(),
        chunk_rows=CHUNK,
        lines=file.lines,
    )
    runs.enter(run)
    return run, False


def _work(actor: Actor, scope: Scope, run: ImportRun, file: ListFile, advance: Advance | None) -> ImportReport:
    """Take what is left of the file into the run, which has been entered."""
    try:
        sorter = Sorter(Places(scope, run.drive))
        with card_desk() as write_cards:
            for people, keys in _prepared(file, run.chunk_rows):
                piece = sorter.sort(people, keys)
                if people.number >= run.chunks:
                    _store(actor, scope, run, people.number, piece, write_cards)
                if advance:
                    advance(piece.last_row, file.lines)
        runs.finish(actor, run)
    finally:
        runs.leave(run)
    if run.created:
        statistics.refresh("members_member", "members_contactpoint")
    return report_of(run)


def _prepared(file: ListFile, size: int) -> Iterator[tuple[People, list[bytes]]]:
    """The pieces of the file, read and hashed while the database stores the one before."""
    index, plan = index_for(selectors.PHONE_INDEX), file.plan

    def prepare() -> Iterator[tuple[People, list[bytes]]]:
        for records in file.records(size):
            people = people_of(records, default_language=plan.language, default_territory=plan.territory)
            yield people, index.of_many(people.frame["phone"])

    return ahead(prepare(), by=2)


def _store(actor: Actor, scope: Scope, run: ImportRun, number: int, piece: Sorted, write_cards: CardWriter) -> None:
    """Take a piece together with its cards and its place in the run."""
    until = ends_on(clock.today(), run.drive.term_months)
    with transaction.atomic():
        lock_all_numbers()
        taken = take(scope, run.drive, piece, into=Target(run.pk, until))
        write_cards(taken.new, until)
        runs.count(run, number, taken)
        if taken.moves:
            runs.write_down(actor, "members.move", run, moves=taken.moves)


def _add(report: ImportReport, taken: Taken) -> None:
    report.rows += taken.rows
    report.created += taken.created
    report.updated += taken.updated
    report.unchanged += taken.unchanged
    report.rejected += len(taken.problems)
    report.problems += [problem_of(problem) for problem in taken.problems]
