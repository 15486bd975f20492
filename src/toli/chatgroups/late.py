"""Work about groups that is overdue with somebody, for those who could do it instead."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet

from toli.access.domain.permissions import GROUPS_MANAGE, WORK_DO
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.assignments import selectors as work
from toli.assignments.models import Assignment, AssignmentState
from toli.chatgroups import selectors
from toli.chatgroups.models import Announcement, ChatGroup, OldGroup
from toli.chatgroups.policies import runs_group
from toli.core import clock
from toli.territories import selectors as territories

# Whoever could be asked to create a group can take that over; the rest needs somebody who runs the group already.
CREATE = "create_group"
IN_THE_GROUP = ("change_link", "announce_division", "close_group", "remove_group")
TAKEABLE = (CREATE, *IN_THE_GROUP)
TOLD_FOR = timedelta(days=3)


def late_with_others(actor: Actor) -> QuerySet[Assignment]:
    """Overdue work of others that the actor may take over, the longest overdue first."""
    managed = scope_for(actor, GROUPS_MANAGE)
    within = dict.fromkeys(IN_THE_GROUP, managed) | {CREATE: scope_for(actor, WORK_DO)}
    return work.late_with_others(actor, within, subjects=_as_second_admin(actor))


def _as_second_admin(actor: Actor) -> list[str]:
    groups = list(ChatGroup.objects.filter(deputy_id=actor.id).values_list("pk", flat=True))
    posts = Announcement.objects.filter(group_id__in=groups, posted_at=None).values_list("pk", flat=True)
    olds = OldGroup.objects.filter(group_id__in=groups, closed_at=None).values_list("pk", flat=True)
    return [
        *(f"chatgroup:{pk}" for pk in groups),
        *(f"announcement:{pk}" for pk in posts),
        *(f"oldgroup:{pk}" for pk in olds),
    ]


def group_of(task: Assignment) -> ChatGroup | None:
    """The group that a task about groups (TAKEABLE) is about."""
    kind, _colon, number = task.subject.partition(":")
    if kind == "chatgroup":
        return selectors.find_group(EVERYWHERE, int(number))
    asked = {"announcement": Announcement.objects, "oldgroup": OldGroup.objects}[kind]
    group_id = asked.filter(pk=number).values_list("group_id", flat=True).first()
    return selectors.find_group(EVERYWHERE, group_id) if group_id else None


def could_do(actor: Actor, task: Assignment, group: ChatGroup) -> bool:
    """Whether the actor could do the task themselves."""
    if task.kind not in TAKEABLE:
        return False
    if runs_group(actor, group):
        return True
    return task.kind == CREATE and scope_for(actor, WORK_DO).covers(territories.path_of(group.territory_id))


def is_late(task: Assignment) -> bool:
    """Whether it should have been done by now, and is not."""
    return task.state == AssignmentState.OPEN and task.due_at < clock.now()


def open_tasks(actor: Actor, group: ChatGroup) -> list[tuple[Assignment, bool]]:
    """What somebody is asked to do about the group now, and whether the actor may take it over."""
    found = work.open_on(f"chatgroup:{group.pk}")
    return [(task, is_late(task) and task.assignee_id != actor.id and could_do(actor, task, group)) for task in found]


def passed_on(actor: Actor) -> Sequence[work.PassedOn]:
    """What others have taken over from the actor lately, or were asked for instead."""
    return work.passed_on(actor, since=clock.now() - TOLD_FOR)
