"""Carrying out the schedule of toli.core.keeping: line by line, in small transactions, each with its count.

A run that was cut off (kill, power, time) is found by its row without an end; the next run goes on with it, and
what it has cleared so far is counted exactly, because rows go and are counted in one transaction.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy as _

from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.core import clock, jobs, keeping
from toli.core.errors import Forbidden
from toli.core.keeping import After, Term
from toli.rights import selectors
from toli.rights.errors import LineUnknown, RetentionIncomplete
from toli.rights.models import RetentionRun

log = logging.getLogger(__name__)
Advance = Callable[[int, int], None]
BUDGET = timedelta(minutes=10)  # of one job; what is left over is another job
THEN = {
    After.DELETED: _("is deleted"),
    After.PSEUDONYMISED: _("becomes nameless"),
    After.COUNTED: _("becomes a count"),
}
PATIENCE = "3s"  # so long a batch waits for a lock that somebody else has


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the schedule with how much of it is over (``due``), and how much of that went (``cleared``)."""

    term: Term
    days: int
    due: int
    cleared: int = 0
    paused: bool = False

    @property
    def then(self) -> str:
        """What becomes of it, in words."""
        return str(THEN[self.term.after])

    def as_json(self) -> dict[str, Any]:
        term = self.term
        return {
            "key": term.key,
            "what": str(term.label),
            "tables": list(term.tables),
            "days": self.days,
            "since": str(term.since),
            "why": str(term.why),
            "after": str(term.after),
            "bounds": [term.least, term.most] if term.most else None,
            "due": self.due,
            "cleared": self.cleared,
            "paused": self.paused,
        }


def schedule(*, keys: Sequence[str] = ()) -> list[Line]:
    """Dry run: every line (or those of ``keys``) and how much of it is over. Raises LineUnknown."""
    now = clock.now()
    return [
        Line(term, keeping.days_of(term), term.store.due(keeping.before(term, now)), paused=keeping.is_paused(term))
        for term in _chosen(keys)
    ]


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of the schedule as the desk shows it: with its last run (None: it never did anything)."""

    term: Term
    days: int
    then: str
    run: RetentionRun | None
    paused: bool


def schedule_shown() -> list[Kept]:
    """The schedule with what it did last. Counts nothing: that would take long on a large installation."""
    runs = selectors.last_runs()
    return [
        Kept(term, keeping.days_of(term), str(THEN[term.after]), runs.get(term.key), keeping.is_paused(term))
        for term in keeping.terms()
    ]


def carry_out_schedule(
    *, actor: Actor, keys: Sequence[str] = (), budget: timedelta | None = None, advance: Advance | None = None
) -> list[Line]:
    """Clear what is over. Works as the owner of the tables (command line or job).

    A line that fails does not keep the others from being done. ``budget``: how long it may take; when it is used
    up, the rest is for the next time.

    Raises:
        Forbidden: only the system does this. LineUnknown. RetentionIncomplete: after all others are done.
    """
    if not actor.is_system:
        raise Forbidden
    until = monotonic() + budget.total_seconds() if budget is not None else None
    lines: list[Line] = []
    failed: list[str] = []
    chosen = _chosen(keys)
    for number, term in enumerate(chosen):
        if advance:
            advance(number, len(chosen))
        try:
            lines.append(_carry_out(term, until))
        except DatabaseError:
            log.exception("the line %s of the schedule could not be carried out", term.key)
            failed.append(term.key)
    if failed:
        raise RetentionIncomplete(keys=", ".join(failed))
    return lines


def carry_out_schedule_daily() -> None:
    """The job: everything that is over, in pieces of BUDGET."""
    started = monotonic()
    carry_out_schedule(actor=SYSTEM, budget=BUDGET)
    if monotonic() - started >= BUDGET.total_seconds():
        jobs.enqueue_once("rights.retention")


def _chosen(keys: Sequence[str]) -> list[Term]:
    found = keeping.terms()
    known = {term.key for term in found}
    for key in keys:
        if key not in known:
            raise LineUnknown(key=key)
    return [term for term in found if not keys or term.key in keys]


def _carry_out(term: Term, until: float | None) -> Line:
    paused, before = keeping.is_paused(term), keeping.before(term, clock.now())
    if paused or (not term.store.due(before) and not selectors.is_under_way(term.key)):
        return Line(term, keeping.days_of(term), term.store.due(before) if paused else 0, paused=paused)
    run = _begin(term, before)
    cleared = 0
    while until is None or monotonic() < until:
        count = _batch(term, run.pk, before)
        cleared += count
        if not count:
            _finish(term, run.pk)
            break
    return Line(term, keeping.days_of(term), term.store.due(before), cleared)


@transaction.atomic
def _begin(term: Term, before: Any) -> RetentionRun:
    """A new run, or the one that was cut off."""
    with connection.cursor() as cursor:  # two that begin at once
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"rights.retention:{term.key}"])
    run = RetentionRun.objects.filter(key=term.key, finished_at__isnull=True).first()
    if run is None:
        return RetentionRun.objects.create(key=term.key, before=before, started_at=clock.now())
    run.before = before
    run.save(update_fields=["before"])
    return run


@transaction.atomic
def _batch(term: Term, run_id: int, before: Any) -> int:
    """Clear a few and count them. 0 also when somebody else has just finished this run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
    run = RetentionRun.objects.select_for_update().get(pk=run_id)
    if run.finished_at:
        return 0
    count = term.store.clear(before, term.batch)
    run.cleared += count
    run.save(update_fields=["cleared"])
    return count


@transaction.atomic
def _finish(term: Term, run_id: int) -> None:
    run = RetentionRun.objects.select_for_update().get(pk=run_id)
    if run.finished_at:
        return
    run.finished_at = clock.now()
    run.save(update_fields=["finished_at"])
    audit.record_act(
        SYSTEM,
        action="rights.retention",
        target=f"retention:{term.key}",
        details={"count": run.cleared, "before": run.before.isoformat(), "after": str(term.after)},
    )
