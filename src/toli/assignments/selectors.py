"""Reads of work: everybody sees their own."""

from collections.abc import Iterable

from toli.accounts.domain.actor import Actor
from toli.assignments.domain import urgency
from toli.assignments.errors import WorkNotFound
from toli.assignments.models import Assignment, AssignmentState


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


def open_about(kind: str, subjects: Iterable[str]) -> list[Assignment]:
    """Open work of a kind on these subjects, whoever was asked."""
    found = Assignment.objects.filter(kind=kind, subject__in=list(subjects), state=AssignmentState.OPEN)
    return list(found.order_by("pk"))


def ever_asked(kind: str, subject: str) -> list[int]:
    """The accounts that were asked for this kind of work on the subject, at any time."""
    found = Assignment.objects.filter(kind=kind, subject=subject).order_by("pk")
    return list(found.values_list("assignee_id", flat=True))
