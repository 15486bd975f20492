"""Reads of work: everybody sees their own."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from toli.access.domain.scope import Scope
from toli.accounts.domain.actor import Actor
from toli.accounts.models import Account
from toli.assignments.domain import urgency
from toli.assignments.errors import WorkNotFound
from toli.assignments.models import Assignment, AssignmentState
from toli.core import clock
from toli.territories.models import Territory


def open_work(actor: Actor) -> list[Assignment]:
    """What the actor is asked to do now, the most harmful delay first."""
    found = Assignment.objects.select_related("territory").filter(assignee_id=actor.id, state=AssignmentState.OPEN)
    return sorted(found, key=lambda item: (*urgency(item.kind, item.due_at.timestamp()), item.pk))


def get_work(actor: Actor, assignment_id: int) -> Assignment:
    """One of the actor's own open tasks. Raises WorkNotFound."""
    found = Assignment.objects.select_related("territory").filter(
        pk=assignment_id, assignee_id=actor.id, state=AssignmentState.OPEN
    )
    work = found.first()
    if work is None:
        raise WorkNotFound
    return work


def find_work(assignment_id: int, *, lock: bool = False) -> Assignment | None:
    """The task with this number, open or not, whoever was asked. For services, which judge who may do what."""
    found = Assignment.objects.select_related("territory").filter(pk=assignment_id)
    return (found.select_for_update(of=("self",)) if lock else found).first()


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A task that the actor was asked for, and that somebody else has by now. ``now``: as it stands with ``by``."""

    now: Assignment
    by: Account
    at: datetime

    @property
    def over(self) -> bool:
        """Whether it is done, or not wanted any more."""
        return self.now.state != AssignmentState.OPEN


def passed_on(actor: Actor, *, since: datetime) -> list[PassedOn]:
    """What somebody else was asked for instead of the actor, or took over from them, the latest first."""
    return _passed_on(actor, taken=Q(taken_at__gte=since), cancelled=Q(done_at__gte=since))


def find_passed_on(actor: Actor, assignment_id: int) -> PassedOn | None:
    """Who has the task by now that the actor was asked for under this number; None: nobody else."""
    this = Q(pk=assignment_id)
    return next(iter(_passed_on(actor, taken=this, cancelled=this)), None)


def _passed_on(actor: Actor, *, taken: Q, cancelled: Q) -> list[PassedOn]:
    tasks = Assignment.objects.select_related("territory", "assignee")
    found = [
        PassedOn(task, task.assignee, task.taken_at or task.created_at)
        for task in tasks.filter(taken, taken_from_id=actor.id).exclude(assignee_id=actor.id)
    ]
    mine = list(tasks.filter(cancelled, assignee_id=actor.id, state=AssignmentState.CANCELLED))
    asked_instead = {(task.kind, task.subject): task for task in _about([old.subject for old in mine])}
    for old in mine:
        task = asked_instead.get((old.kind, old.subject))
        if task is not None and task.pk > old.pk and task.assignee_id != actor.id:
            found.append(PassedOn(task, task.assignee, task.created_at))
    return sorted(found, key=lambda passed: passed.at, reverse=True)


def _about(subjects: Collection[str]) -> QuerySet[Assignment]:
    return Assignment.objects.select_related("territory", "assignee").filter(subject__in=subjects).order_by("pk")


def late_with_others(actor: Actor, within: Mapping[str, Scope], *, subjects: Collection[str]) -> QuerySet[Assignment]:
    """Overdue tasks of others, the longest overdue first: of these kinds, each within its scope or on a subject."""
    late = Assignment.objects.select_related("territory", "assignee").filter(
        state=AssignmentState.OPEN, due_at__lt=clock.now(), kind__in=within
    )
    inside = Q(subject__in=subjects)
    for kind, scope in within.items():
        inside |= Q(kind=kind, territory__in=Territory.objects.within_paths(scope.paths))
    return late.filter(inside).exclude(assignee_id=actor.id).order_by("due_at", "pk")


def open_about(kind: str, subjects: Iterable[str]) -> list[Assignment]:
    """Open work of a kind on these subjects, whoever was asked."""
    found = Assignment.objects.filter(kind=kind, subject__in=list(subjects), state=AssignmentState.OPEN)
    return list(found.order_by("pk"))


def open_on(subject: str) -> list[Assignment]:
    """Open work of any kind on a subject, the most urgent first."""
    found = Assignment.objects.select_related("territory", "assignee").filter(subject=subject)
    return list(found.filter(state=AssignmentState.OPEN).order_by("due_at", "pk"))


def ever_asked(kind: str, subject: str) -> list[int]:
    """The accounts that were asked for this kind of work on the subject, at any time."""
    found = Assignment.objects.filter(kind=kind, subject=subject).order_by("pk")
    return list(found.values_list("assignee_id", flat=True))
