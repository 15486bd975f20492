"""A list that is sent through the browser: looked at in memory, kept for a day at most, imported by a worker.

A file with columns that must not be stored is not written to any disk: it is sent back with their names.
"""

import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from toli.accounts.domain.actor import SYSTEM, Actor
from toli.accounts.selectors import actor_for
from toli.core import clock, jobs
from toli.members import selectors
from toli.members.domain.importing.columns import FIELDS
from toli.members.errors import ImportStateWrong, ListHoldsRefused, UndoTooLate, UploadTooLarge
from toli.members.models import ImportProblem, ImportRun, ImportState
from toli.members.services.importing import runs
from toli.members.services.importing.list_file import (
    examine,
    kind_names,
    place_fields,
    require_columns,
)
from toli.members.services.importing.looking import FileLook, look_of
from toli.members.services.importing.mappings import recall, remember
from toli.members.services.importing.running import (
    CHUNK,
    file_of,
    importing_scope,
    look_through,
    resume_import,
)
from toli.members.services.importing.undoing import can_undo, undo_import

MOST_BYTES = 15 << 20  # below what is spooled to a disk on its way in; larger lists go by the command
KEEP_FOR = timedelta(hours=24)


def keep_upload(*, actor: Actor, drive_code: str, territory: str, file_name: str, parts: Iterable[bytes]) -> ImportRun:
    """Keep a list that was sent, for a day, and propose what its columns hold. Nobody is imported yet.

    Raises:
        Forbidden. DriveNotFound. UploadTooLarge. ListHoldsRefused: it has columns that must not be stored.
        ListFormatUnknown, ListTooLarge.
    """
    importing_scope(actor)
    drive = selectors.get_drive(drive_code)
    path = Path(settings.IMPORTS_DIR) / secrets.token_hex(16)
    memory = os.memfd_create("list", os.MFD_CLOEXEC)
    try:
        _receive(memory, parts)
        seen = Path(f"/proc/self/fd/{memory}")
        file = recall(examine(seen, territory=territory))
        if file.refused:
            names = "; ".join(f"{column.header} ({kind_names(column.kind)})" for column in file.refused)
            raise ListHoldsRefused(columns=names)
        _write(path, seen.read_bytes())
    finally:
        os.close(memory)
    return ImportRun.objects.create(
        drive=drive,
        file_name=Path(file_name).name[:200],
        file_sha256=file.sha256,
        path=str(path),
        uploaded=True,
        plan=file.plan.as_json(),
        asked_by_id=actor.id,
        state=ImportState.WAITING,
        started_at=clock.now(),
        chunk_rows=CHUNK,
        lines=file.lines,
    )


def look_at_import(*, actor: Actor, run_id: int) -> tuple[ImportRun, FileLook]:
    """One's own list that waits, with its first rows. Raises ImportNotFound, ListFileMissing."""
    run = selectors.get_import(actor, run_id)
    return run, look_of(file_of(run))


@transaction.atomic
def choose_columns(*, actor: Actor, run_id: int, places: Mapping[str, int | None], territory: str) -> None:
    """Say which column (counted from 0) holds which field, and where rows live that name no place.

    Raises:
        ImportNotFound. ImportStateWrong: it is being imported already. ListHeaderWrong: a field is missing.
    """
    run = _waiting(actor, run_id)
    file = file_of(run)
    inside = {
        field: place if place is not None and 0 <= place < len(file.headers) else None
        for field, place in places.items()
        if field in FIELDS
    }
    if file.plan.header_row:  # contact cards have no columns to choose
        file = place_fields(file, inside)
    file = replace(file, plan=replace(file.plan, territory=territory.strip().upper()))
    require_columns(file)
    if file.plan.header_row:
        remember(file)
    ImportRun.objects.filter(pk=run.pk).update(plan=file.plan.as_json(), checked=None)


@transaction.atomic
def ask_for_check(*, actor: Actor, run_id: int) -> None:
    """Have a worker count what an import would do. Raises ImportNotFound, ImportStateWrong, ListHeaderWrong."""
    _next(_waiting(actor, run_id), ImportState.CHECKING)
    jobs.enqueue("members.check_import", run_id=run_id)


@transaction.atomic
def start_import(*, actor: Actor, run_id: int) -> None:
    """Have a worker import the list. Raises ImportNotFound, ImportStateWrong, ListHeaderWrong."""
    run = _waiting(actor, run_id)
    _next(run, ImportState.RUNNING)
    runs.write_down(actor, "members.import_start", run)
    jobs.enqueue("members.run_import", run_id=run_id)


@transaction.atomic
def ask_for_undo(*, actor: Actor, run_id: int) -> None:
    """Have a worker take an import back. Raises ImportNotFound, ImportStateWrong, UndoTooLate."""
    run = selectors.get_import(actor, run_id)
    if run.state != ImportState.DONE:
        raise ImportStateWrong(state=run.get_state_display())
    if not can_undo(run):
        raise UndoTooLate
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.UNDOING)
    jobs.enqueue("members.undo_import", run_id=run_id)


@transaction.atomic
def drop_upload(*, actor: Actor, run_id: int) -> None:
    """Throw a list away that was not imported. Raises ImportNotFound, ImportStateWrong."""
    run = _waiting(actor, run_id)
    _delete_file(run)
    run.delete()


# -- what workers do -----------------------------------------------------------------------------------


def check_import(*, run_id: int) -> None:
    """Count what an import would do, and keep the rows that would not be taken. Safe to repeat."""
    run = _in_state(run_id, ImportState.CHECKING)
    if run is None:
        return
    report = look_through(importing_scope(_asker(run)), run.drive, file_of(run), None)
    names = ("rows", "created", "updated", "unchanged", "rejected")
    with transaction.atomic():
        run.problems.all().delete()
        ImportProblem.objects.bulk_create(
            [
                ImportProblem(run=run, row=problem.row, code=problem.code, params=problem.params)
                for problem in report.problems
            ],
            batch_size=5000,
        )
        ImportRun.objects.filter(pk=run.pk, state=ImportState.CHECKING).update(
            state=ImportState.WAITING, checked={name: getattr(report, name) for name in names}
        )


def run_import(*, run_id: int) -> None:
    """Import a list that was sent, or go on with it. Safe to repeat."""
    run = _in_state(run_id, ImportState.RUNNING)
    if run is None:
        return
    if not run.chunks:
        run.problems.all().delete()  # those of the check: they are counted anew
    resume_import(actor=_asker(run), run_id=run_id)
    _delete_file(run)


def carry_out_undo(*, run_id: int) -> None:
    """Take an import back. Safe to repeat."""
    run = _in_state(run_id, ImportState.UNDOING)
    if run is not None:
        undo_import(actor=_asker(run), run_id=run_id)


def purge_uploads(*, before: datetime | None = None, dry_run: bool = False) -> int:
    """Delete lists that were sent ``before`` (more than a day ago), whatever became of them. Returns how many."""
    before = before or clock.now() - KEEP_FOR
    folder = Path(settings.IMPORTS_DIR)
    files = [path for path in folder.glob("*") if path.stat().st_mtime <= before.timestamp()]
    waiting = ImportRun.objects.filter(uploaded=True, started_at__lte=before).filter(
        state__in=(ImportState.WAITING, ImportState.CHECKING)
    )
    found = len(files) + waiting.count()
    if not dry_run:
        for path in files:
            path.unlink(missing_ok=True)
        waiting.delete()
    return found


def _waiting(actor: Actor, run_id: int) -> ImportRun:
    run = selectors.get_import(actor, run_id, lock=True)
    if run.state != ImportState.WAITING:
        raise ImportStateWrong(state=run.get_state_display())
    return run


def _next(run: ImportRun, state: ImportState) -> None:
    require_columns(file_of(run))
    ImportRun.objects.filter(pk=run.pk).update(state=state, started_at=clock.now())


def _in_state(run_id: int, state: ImportState) -> ImportRun | None:
    return ImportRun.objects.select_related("drive", "asked_by").filter(pk=run_id, state=state).first()


def _asker(run: ImportRun) -> Actor:
    return actor_for(run.asked_by) if run.asked_by else SYSTEM


def _receive(memory: int, parts: Iterable[bytes]) -> None:
    size = 0
    for part in parts:
        size += len(part)
        if size > MOST_BYTES:
            raise UploadTooLarge(megabytes=MOST_BYTES >> 20)
        view = memoryview(part)
        while view:
            view = view[os.write(memory, view) :]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _delete_file(run: ImportRun) -> None:
    if run.uploaded:
        with suppress(FileNotFoundError):
            Path(run.path).unlink()
