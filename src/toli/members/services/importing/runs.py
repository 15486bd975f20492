"""The row of a run: who works on it, what it has counted, how it ends."""

import time
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock, jobs
from toli.core.events import publish
from toli.members.events import MembersImported
from toli.members.models import ImportChunk, ImportProblem, ImportRun, ImportState
from toli.members.services.importing.taking import Taken

PATIENCE = 5  # seconds to wait for whoever may be working on a run
_LOCK = 0x6C697374  # "list": a run is worked on by one process at a time
_PROBLEMS_AT_ONCE = 5000


def count(run: ImportRun, number: int, taken: Taken) -> None:
    """Add a piece to the run, in the piece's own transaction."""
    ImportChunk.objects.create(run=run, number=number, made=_ranges(taken.made))
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(run=run, row=problem.row, code=problem.code, params=dict(problem.params))
            for problem in taken.problems
        ],
        batch_size=_PROBLEMS_AT_ONCE,
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
def finish(actor: Actor, run: ImportRun) -> None:
    """The list has been read to its end."""
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.DONE, finished_at=clock.now())
    run.refresh_from_db()
    write_down(actor, "members.import", run)
    publish(MembersImported(run_id=run.pk))
    jobs.enqueue("members.count_imported", drive_id=run.drive_id)


def enter(run: ImportRun) -> bool:
    """Be the one who works on the run, until :func:`leave` or the end of this process.

    The server needs a moment to notice that the process before us was killed.
    """
    deadline = time.monotonic() + PATIENCE
    while not _lock("SELECT pg_try_advisory_lock(%s, %s)", run):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    run.refresh_from_db()
    return True


def leave(run: ImportRun) -> None:
    """Let others work on the run."""
    if not connection.needs_rollback:  # else the transaction is lost, and the connection's end frees the lock
        _lock("SELECT pg_advisory_unlock(%s, %s)", run)


def _lock(sql: str, run: ImportRun) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [_LOCK, run.pk])
        return bool(cursor.fetchone()[0])


def write_down(actor: Actor, action: str, run: ImportRun, **details: Any) -> None:
    """Record what was done to the run, without names and numbers."""
    audit.record_act(
        actor,
        action=action,
        target=f"import:{run.pk}",
        territory_id=run.drive.territory_id,
        details=details,
    )
