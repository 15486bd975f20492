"""Reads of work: everybody sees their own."""

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
