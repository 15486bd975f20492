"""Who looks after a group: two people, so that none is ever without an admin."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from toli.access.domain.permissions import GROUPS_MANAGE, WORK_DO
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.audit import services as audit
from toli.chatgroups import selectors
from toli.chatgroups.errors import AdminUnknown, GroupNotFound
from toli.chatgroups.models import ChatGroup
from toli.chatgroups.policies import runs_group
from toli.chatgroups.services.choosing import AdminChoice, staff_for
from toli.core import clock, wall

logger = logging.getLogger(__name__)
DUE_IN = timedelta(days=2)
BATCH = 500


@dataclass(slots=True)
class KeptReport:
    """``succeeded``: groups that have another admin now. ``asked``: second admins asked for. ``nobody``: groups
    without anybody who could look after them."""

    succeeded: int = 0
    asked: int = 0
    nobody: int = 0


def keep_admins(*, actor: Actor, campaign_code: str) -> KeptReport:
    """See to it that every group has an admin who may act there, and a second one. Safe to repeat.

    Where the admin has lost the role, the second one takes over, else the nearest coordinator; what the former one was
    asked to do for the group is asked of the successor. Raises CampaignNotFound.
    """
    campaign, report, after = selectors.get_campaign(campaign_code), KeptReport(), 0
    while True:
        with transaction.atomic():
            found = campaign.groups.filter(state__in=selectors.CURRENT, pk__gt=after)
            groups = list(found.select_related("territory").select_for_update(of=("self",)).order_by("pk")[:BATCH])
            if not groups:
                return report
            after = groups[-1].pk
            choice, able = AdminChoice(campaign), _able(groups)
            for group in groups:
                _keep(actor, group, choice, able, report)


def _keep(actor: Actor, group: ChatGroup, choice: AdminChoice, able: set[tuple[int, int]], report: KeptReport) -> None:
    if (group.pk, group.admin_id) not in able:
        deputy = group.deputy_id if group.deputy_id and (group.pk, group.deputy_id) in able else None
        heir = deputy or choice.find(group.territory, besides={group.admin_id})
        if heir is None:
            report.nobody += 1
            logger.warning("a group has nobody to look after it", extra={"group": group.pk})
            return
        _succeed(actor, group, heir)
        report.succeeded += 1
    if group.deputy_id is None or (group.pk, group.deputy_id) not in able:
        report.asked += _ask_second(group, choice)


def _succeed(actor: Actor, group: ChatGroup, heir: int) -> None:
    before, group.admin_id = group.admin_id, heir
    if group.deputy_id == heir:
        group.deputy_id = group.deputy_confirmed_at = None
    group.save(update_fields=["admin", "deputy", "deputy_confirmed_at"])
    assignments.hand_on(subject=f"chatgroup:{group.pk}", assignee_id=heir)
    assignments.hand_on_place(territory_id=group.territory_id, before_id=before, assignee_id=heir)
    if group.join_address:
        assignments.assign_many([_order("hand_over", group, heir)])
    audit.record_act(
        actor,
        action="chatgroups.succeed",
        target=f"chatgroup:{group.pk}",
        territory_id=group.territory_id,
        details={"before": before, "after": heir},
    )


def _ask_second(group: ChatGroup, choice: AdminChoice) -> int:
    """Choose a second admin and ask the first one to add them on the platform, once the group is there."""
    group.deputy_id = choice.find(group.territory, besides={group.admin_id})
    group.deputy_confirmed_at = None
    group.save(update_fields=["deputy", "deputy_confirmed_at"])
    if group.deputy_id is None:
        return 0
    if group.join_address:
        assignments.assign_many([_order("second_admin", group, group.admin_id)])
    return 1


def _order(kind: str, group: ChatGroup, assignee_id: int) -> WorkOrder:
    return WorkOrder(
        kind=kind,
        assignee_id=assignee_id,
        territory_id=group.territory_id,
        subject=f"chatgroup:{group.pk}",
        due_at=clock.now() + DUE_IN,
        details={"group_id": group.pk, "name": group.name},
    )


@transaction.atomic
def confirm_second_admin(*, actor: Actor, group_id: int) -> ChatGroup:
    """The second admin is one on the platform too. Safe to repeat. Raises GroupNotFound."""
    return _confirm(actor, group_id, "second_admin", "chatgroups.second_admin")


@transaction.atomic
def confirm_hand_over(*, actor: Actor, group_id: int) -> ChatGroup:
    """Whoever took over is an admin on the platform now, and the former one is not. Raises GroupNotFound."""
    return _confirm(actor, group_id, "hand_over", "chatgroups.hand_over")


def _confirm(actor: Actor, group_id: int, kind: str, action: str) -> ChatGroup:
    group = _locked(actor, group_id)
    if kind == "second_admin" and group.deputy_id and group.deputy_confirmed_at is None:
        group.deputy_confirmed_at = clock.now()
        group.save(update_fields=["deputy_confirmed_at"])
    assignments.complete_for_subject(kind=kind, subject=f"chatgroup:{group.pk}", done_by_id=actor.id)
    audit.record_act(actor, action=action, target=f"chatgroup:{group.pk}", territory_id=group.territory_id)
    return group


@transaction.atomic
@wall.lifted("admins may act on a place above, and hold work there that is handed on")
def name_admins(*, actor: Actor, group_id: int, admin: str, deputy: str = "") -> ChatGroup:
    """Say who looks after a group, by their logins. Without ``deputy`` one is looked for.

    Raises:
        GroupNotFound. AdminUnknown: they do not work on groups there, or both are the same.
    """
    scope = scope_for(actor, GROUPS_MANAGE)
    if not ChatGroup.objects.within(scope).filter(pk=group_id).exists():
        raise GroupNotFound
    group = _locked(actor, group_id)
    chosen = staff_for(admin, group.territory)
    second = staff_for(deputy, group.territory) if deputy else None
    if chosen == second:
        raise AdminUnknown(login=deputy)
    if second is not None and second != group.deputy_id:
        group.deputy_id, group.deputy_confirmed_at = second, None
        group.save(update_fields=["deputy", "deputy_confirmed_at"])
    if chosen != group.admin_id:
        _succeed(actor, group, chosen)
    if group.deputy_id is None:
        _ask_second(group, AdminChoice(group.campaign))
    elif group.deputy_confirmed_at is None and group.join_address:
        assignments.assign_many([_order("second_admin", group, group.admin_id)])
    return group


def _locked(actor: Actor, group_id: int) -> ChatGroup:
    found = ChatGroup.objects.select_for_update(of=("self",)).select_related("campaign", "territory", "deputy")
    group = found.filter(pk=group_id).first()
    if group is None or not runs_group(actor, group):
        raise GroupNotFound
    return group


def _able(groups: list[ChatGroup]) -> set[tuple[int, int]]:
    """Pairs of group and account: which of their admins may still do work there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT g.id, u.id FROM chatgroups_chatgroup g
               JOIN accounts_account u ON u.id IN (g.admin_id, g.deputy_id) AND u.is_active
               JOIN territories_node n ON n.territory_id = g.territory_id AND n.valid_to IS NULL
               WHERE g.id = ANY(%s) AND EXISTS (
                 SELECT FROM access_roleassignment a JOIN access_role r ON r.id = a.role_id AND %s = ANY(r.permissions)
                 JOIN territories_node held ON held.territory_id = a.territory_id AND held.valid_to IS NULL
                   AND starts_with(n.path, held.path)
                 WHERE a.account_id = u.id AND a.valid_from <= %s AND (a.valid_to IS NULL OR a.valid_to > %s))""",
            [[group.pk for group in groups], WORK_DO, clock.today(), clock.today()],
        )
        return set(cursor.fetchall())
