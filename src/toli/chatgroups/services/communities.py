"""Communities: spaces of a platform that hold groups. Which group stands in which is written down here.

A community's own announcements are the community itself: kits are posted there as in a channel.
"""

from django.db import transaction

from toli.access.domain.permissions import GROUPS_MANAGE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.chatgroups import selectors
from toli.chatgroups.domain.kinds import KINDS
from toli.chatgroups.errors import CommunityFull, CommunityWrong, GroupNotFound
from toli.chatgroups.models import Campaign, ChatGroup, GroupState


def community_with_room(actor: Actor, campaign: Campaign, community_id: int) -> ChatGroup:
    """The community, locked, if it has room for another group. Raises GroupNotFound, CommunityFull."""
    scope = scope_for(actor, GROUPS_MANAGE)
    found = ChatGroup.objects.within(scope).select_for_update(of=("self",)).filter(pk=community_id, campaign=campaign)
    found = found.select_related("campaign")
    community = found.exclude(state=GroupState.ARCHIVED).first()
    if community is None or not KINDS[community.kind].holds:
        raise GroupNotFound
    if selectors.count_in([community])[community.pk].full:
        raise CommunityFull(most=campaign.community_limit)
    return community


@transaction.atomic
def put_in_community(*, actor: Actor, group_id: int, community_id: int | None) -> ChatGroup:
    """Write down in which community a group stands; None: in none. Safe to repeat.

    Raises:
        GroupNotFound: the group, or a community of its campaign. CommunityFull. CommunityWrong: the group cannot stand
        in it.
    """
    group = selectors.get_group(scope_for(actor, GROUPS_MANAGE), group_id)
    if group.community_id == community_id:
        return group
    community = community_with_room(actor, group.campaign, community_id) if community_id else None
    if community is not None and not may_hold(community, group):
        raise CommunityWrong
    ChatGroup.objects.filter(pk=group.pk).update(community=community)
    group.community = community
    audit.record_act(
        actor,
        action="chatgroups.community",
        target=f"chatgroup:{group.pk}",
        territory_id=group.territory_id,
        details={"community": community_id},
    )
    return group


def may_hold(community: ChatGroup, group: ChatGroup) -> bool:
    """Whether the group could stand in the community: it is of the same platform, open, and holds none itself."""
    kind = KINDS[group.kind]
    return kind.platform == KINDS[community.kind].platform and not kind.holds and group.state != GroupState.ARCHIVED
