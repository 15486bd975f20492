"""Somebody does what another one was asked to do and has not done in time."""

from datetime import timedelta

from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.assignments import selectors as work
from toli.assignments import services as assignments
from toli.assignments.errors import WorkNotFound
from toli.assignments.models import Assignment, AssignmentState
from toli.audit import services as audit
from toli.chatgroups import late, waves
from toli.chatgroups.errors import NothingToTakeOver
from toli.chatgroups.models import ChatGroup, Wave
from toli.core import clock, wall

TERM = timedelta(days=1)


@transaction.atomic
@wall.lifted("second admins may act on a place beside the group's; who may take over is asked below")
def take_over_work(*, actor: Actor, work_id: int) -> Assignment:
    """The overdue task is the actor's, with a day to do it. Who was asked before is told on their page. Safe to repeat.

    Whoever takes over creating a group becomes its first admin: they will be that on the platform.

    Raises:
        WorkNotFound: nothing that the actor could do. NothingToTakeOver: it is done, or not overdue, also because
        somebody else was quicker.
    """
    task = work.find_work(work_id, lock=True)
    group = late.group_of(task) if task and task.kind in late.TAKEABLE else None
    if task is None or group is None or actor.id is None or not late.could_do(actor, task, group):
        raise WorkNotFound
    if task.assignee_id == actor.id and task.state == AssignmentState.OPEN:
        return task
    if not late.is_late(task):
        raise NothingToTakeOver
    before = task.assignee_id
    assignments.take_over(assignment=task, account_id=actor.id, due_at=clock.now() + TERM)
    if task.kind == late.CREATE:
        _becomes_admin(group, actor.id)
    _nothing_left_to_speak_about(actor, before)
    audit.record_act(
        actor,
        action="chatgroups.take_over",
        target=f"chatgroup:{group.pk}",
        territory_id=task.territory_id,
        details={"kind": task.kind, "before": before},
    )
    return task


def _becomes_admin(group: ChatGroup, account_id: int) -> None:
    ChatGroup.objects.filter(pk=group.pk).update(
        admin=account_id,
        deputy=None if group.deputy_id == account_id else group.deputy_id,
        deputy_confirmed_at=None,
    )


def _nothing_left_to_speak_about(actor: Actor, person_id: int) -> None:
    """Who was told that somebody is late need not speak to them once nothing of it is late with them."""
    for told in work.open_work(actor):
        kind, _colon, rest = told.subject.partition(":")
        wave_id, _colon, late_one = rest.partition(":")
        if kind != "wave" or late_one != str(person_id):
            continue
        wave = Wave.objects.get(pk=wave_id)
        if not any(task.assignee_id == person_id for task in waves.late_work(wave)):
            assignments.complete_for_subject(kind=told.kind, subject=told.subject, done_by_id=actor.id)
