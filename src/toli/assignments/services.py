"""Asking named people to do something by hand, and taking their answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from toli.assignments.models import Assignment, AssignmentState
from toli.core import clock, wall


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What is asked of whom. ``subject`` names the thing it is about, such as ``chatgroup:12``."""

    kind: str
    assignee_id: int
    territory_id: int
    subject: str
    due_at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
@wall.lifted("a group may reach beyond the area of the one who releases a kit into it")
def assign_many(orders: Sequence[WorkOrder]) -> int:
    """Give out work; for a subject that has open work of that kind already nothing new is asked.

    Returns how many tasks are new.
    """
    open_now = set(
        Assignment.objects.filter(
            state=AssignmentState.OPEN, subject__in=[order.subject for order in orders]
        ).values_list("kind", "subject")
    )
    now = clock.now()
    new = [
        Assignment(
            kind=order.kind,
            assignee_id=order.assignee_id,
            territory_id=order.territory_id,
            subject=order.subject,
            details=dict(order.details),
            created_at=now,
            due_at=order.due_at,
        )
        for order in orders
        if (order.kind, order.subject) not in open_now
    ]
    Assignment.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


@transaction.atomic
def complete_for_subject(
    *, kind: str, subject: str, done_by_id: int | None, answer: Mapping[str, Any] | None = None
) -> int:
    """Close the open work on a subject: it has been done. Returns how much; nothing when it is closed already."""
    return Assignment.objects.filter(kind=kind, subject=subject, state=AssignmentState.OPEN).update(
        state=AssignmentState.DONE, done_at=clock.now(), done_by_id=done_by_id, answer=dict(answer or {})
    )


@transaction.atomic
def cancel_for_subjects(*, kind: str, subjects: Iterable[str]) -> int:
    """Take back open work that has become pointless. Returns how much."""
    return Assignment.objects.filter(kind=kind, subject__in=list(subjects), state=AssignmentState.OPEN).update(
        state=AssignmentState.CANCELLED, done_at=clock.now()
    )


@transaction.atomic
def cancel_beginning_with(*, kind: str, subjects: Iterable[str]) -> int:
    """Take back open work on all subjects that begin like this. Returns how much."""
    begins = Q()
    for subject in subjects:
        begins |= Q(subject__startswith=subject)
    if not begins:
        return 0
    found = Assignment.objects.filter(begins, kind=kind, state=AssignmentState.OPEN)
    return found.update(state=AssignmentState.CANCELLED, done_at=clock.now())


@transaction.atomic
def complete_others(*, kind: str, prefix: str, besides: Iterable[str]) -> int:
    """Close open work whose subject begins like this, except on the subjects ``besides``. Returns how much."""
    found = Assignment.objects.filter(kind=kind, subject__startswith=prefix, state=AssignmentState.OPEN)
    return found.exclude(subject__in=list(besides)).update(state=AssignmentState.DONE, done_at=clock.now())


@transaction.atomic
def hand_on(*, subject: str, assignee_id: int) -> int:
    """Ask somebody else for the open work on a subject. Returns how much."""
    found = Assignment.objects.filter(subject=subject, state=AssignmentState.OPEN)
    return found.update(assignee_id=assignee_id)


@transaction.atomic
def hand_on_place(*, territory_id: int, before_id: int, assignee_id: int) -> int:
    """Ask a successor for the open work of somebody in a place. Returns how much."""
    found = Assignment.objects.filter(territory_id=territory_id, assignee_id=before_id, state=AssignmentState.OPEN)
    return found.update(assignee_id=assignee_id)


@transaction.atomic
def take_over(*, assignment: Assignment, account_id: int, due_at: datetime) -> None:
    """The open task is this account's from now on. For services, which hold the task and know who may do so."""
    assignment.taken_from_id, assignment.assignee_id = assignment.assignee_id, account_id
    assignment.taken_at, assignment.due_at = clock.now(), due_at
    assignment.save(update_fields=["taken_from", "assignee", "taken_at", "due_at"])
