"""Who may act on a group."""

from toli.access.domain.permissions import GROUPS_MANAGE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.chatgroups.models import ChatGroup


def runs_group(actor: Actor, group: ChatGroup) -> bool:
    """Whether the actor is one of the group's admins, or manages groups in a place that it serves."""
    if actor.id is not None and actor.id in (group.admin_id, group.deputy_id):
        return True
    scope = scope_for(actor, GROUPS_MANAGE)
    return ChatGroup.objects.within(scope).filter(pk=group.pk).exists()
