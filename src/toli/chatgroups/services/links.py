"""The join addresses of groups: changed after a leak, and never used again once they are retired."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.audit import services as audit
from toli.chatgroups.domain.lifecycle import IN_USE
from toli.chatgroups.errors import GroupNotFound, GroupStateWrong, InviteLinkRetired, InviteLinkTaken
from toli.chatgroups.models import ChatGroup, RetiredLink
from toli.chatgroups.policies import runs_group
from toli.core import clock
from toli.core.crypto import keyed_hash

HASH_CONTEXT = "chatgroups_retiredlink.link"
DUE_IN = timedelta(hours=2)


@transaction.atomic
def report_leak(*, actor: Actor, group_id: int) -> ChatGroup:
    """Somebody else has the group's own link: nobody is sent there until its admin has changed it.

    The permanent links and the printed QR codes stay as they are; meanwhile they lead to other groups. The admin gets
    a task to reset the link on the platform. Safe to repeat.

    Raises:
        GroupNotFound: also when the actor neither manages groups there nor is an admin of it.
        GroupStateWrong: it has no link.
    """
    group = _locked(actor, group_id)
    if group.state not in IN_USE:
        raise GroupStateWrong(state=group.get_state_display())
    if group.link_leaked_at is None:
        group.link_leaked_at = clock.now()
        group.save(update_fields=["link_leaked_at"])
        _ask_for_new_link(group)
        audit.record_act(
            actor, action="chatgroups.leak", target=f"chatgroup:{group.pk}", territory_id=group.territory_id
        )
    return group


def retire_address(group: ChatGroup) -> None:
    """The address is not to be used again, by nobody."""
    RetiredLink.objects.get_or_create(
        link_hash=link_hash(group.join_address), defaults={"group": group, "retired_at": clock.now()}
    )


def check_new_address(address: str, *, besides: int = 0) -> None:
    """Raises InviteLinkTaken: another group has it. InviteLinkRetired: it was given up."""
    if ChatGroup.objects.filter(join_address=address).exclude(pk=besides).exists():
        raise InviteLinkTaken
    if RetiredLink.objects.filter(link_hash=link_hash(address)).exists():
        raise InviteLinkRetired


def link_hash(address: str) -> bytes:
    """The name under which a retired address is remembered."""
    return keyed_hash(settings.TOLI_TOMBSTONE_KEY, HASH_CONTEXT, address)


def _locked(actor: Actor, group_id: int) -> ChatGroup:
    found = ChatGroup.objects.select_for_update(of=("self",)).select_related("campaign", "territory")
    group = found.filter(pk=group_id).first()
    if group is None or not runs_group(actor, group):
        raise GroupNotFound
    return group


def _ask_for_new_link(group: ChatGroup) -> None:
    assignments.assign_many(
        [
            WorkOrder(
                kind="change_link",
                assignee_id=group.admin_id,
                territory_id=group.territory_id,
                subject=f"chatgroup:{group.pk}",
                due_at=clock.now() + DUE_IN,
                details={"group_id": group.pk, "name": group.name, "kind": group.kind},
            )
        ]
    )
