"""Entering spaces that exist already, on any platform, and closing those that nobody needs any more."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from toli.access.domain.permissions import GROUPS_MANAGE
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.audit import services as audit
from toli.chatgroups import selectors
from toli.chatgroups.domain import invites, lifecycle, naming
from toli.chatgroups.domain.kinds import KINDS, Kind, most_people
from toli.chatgroups.domain.lifecycle import Act
from toli.chatgroups.errors import (
    CommunityNotEmpty,
    GroupNotEmpty,
    GroupStateWrong,
    InviteLinkInvalid,
    SpaceInvalid,
)
from toli.chatgroups.events import GroupOpened
from toli.chatgroups.models import Campaign, ChatGroup, GroupState, GroupTerritory
from toli.chatgroups.services.choosing import staff_for
from toli.chatgroups.services.communities import community_with_room
from toli.chatgroups.services.links import check_new_address
from toli.chatgroups.services.locking import hold_campaign
from toli.chatgroups.services.opening import next_numbers
from toli.core import clock
from toli.core.events import publish
from toli.territories import selectors as territories
from toli.territories.models import Territory

MOST_PLACES = 500  # that one group can be entered for


@transaction.atomic
def add_group(
    *,
    actor: Actor,
    campaign_code: str,
    kind: str,
    name: str,
    territory_codes: Sequence[str],
    join_address: str,
    admin_login: str,
    people: int = 0,
    capacity: int | None = None,
    community_id: int | None = None,
) -> ChatGroup:
    """Enter a space that exists on its platform. Members are placed in it from now on, if it is of a seated kind.

    ``people``: who is in it today. They take places away until somebody compares the group with its seats.

    Raises:
        CampaignNotFound, TerritoryNotFound. SpaceInvalid: kind, name or sizes cannot be. InviteLinkInvalid,
        InviteLinkTaken, InviteLinkRetired. AdminUnknown. GroupNotFound, CommunityFull: of the community.
    """
    campaign = selectors.get_campaign(campaign_code)
    scope = scope_for(actor, GROUPS_MANAGE)
    places = [territories.get_territory(scope, code) for code in dict.fromkeys(territory_codes)]
    found, clean = _kind(kind, places), _name(name)
    address = invites.canonical(kind, join_address)
    if address is None:
        raise InviteLinkInvalid
    hold_campaign(campaign.pk)
    check_new_address(address)
    seated = found.seats and found.platform == campaign.platform
    room = _room(found, campaign, seated, capacity, people)
    home = _home(places)
    now = clock.now()
    group = ChatGroup.objects.create(
        campaign=campaign,
        kind=kind,
        seated=seated,
        community=community_with_room(actor, campaign, community_id) if community_id else None,
        territory=home,
        name=clean,
        number=next_numbers(campaign, {home.pk})[home.pk] + 1,
        state=GroupState.OPEN,
        capacity=room,
        outsiders=people,
        join_address=address,
        admin_id=staff_for(admin_login, home),
        created_at=now,
        opened_at=now,
    )
    GroupTerritory.objects.bulk_create(GroupTerritory(group=group, territory=place) for place in places)
    audit.record_act(
        actor,
        action="chatgroups.add",
        target=f"chatgroup:{group.pk}",
        territory_id=home.pk,
        details={"kind": kind, "people": people},
    )
    publish(GroupOpened(group_id=group.pk))
    return group


@transaction.atomic
def rename_group(*, actor: Actor, group_id: int, name: str) -> ChatGroup:
    """Write down another name, as it is on the platform by now. Raises GroupNotFound, SpaceInvalid."""
    group = selectors.get_group(scope_for(actor, GROUPS_MANAGE), group_id)
    if (clean := _name(name)) != group.name:
        group.name = clean
        group.save(update_fields=["name"])
        audit.record_act(
            actor, action="chatgroups.rename", target=f"chatgroup:{group.pk}", territory_id=group.territory_id
        )
    return group


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= naming.LIMIT:
        raise SpaceInvalid(reason=f"1 ≤ {len(clean)} ≤ {naming.LIMIT}")
    return clean


def _kind(kind: str, places: Sequence[Territory]) -> Kind:
    if kind not in KINDS:
        raise SpaceInvalid(reason=f"{kind}?")
    if not 1 <= len(places) <= MOST_PLACES:
        raise SpaceInvalid(reason=f"1 ≤ {len(places)} ≤ {MOST_PLACES}")
    return KINDS[kind]


def _home(places: Sequence[Territory]) -> Territory:
    """The smallest territory that holds all places."""
    parts = zip(*(territories.path_of(place.pk).split("/") for place in places), strict=False)
    codes = [step[0] for step in parts if len(set(step)) == 1]
    return territories.get_territory(EVERYWHERE, [code for code in codes if code][-1])


def _room(kind: Kind, campaign: Campaign, seated: bool, capacity: int | None, people: int) -> int:
    """How many people fit. 0: no limit, nobody is placed there."""
    most = most_people(kind.key, settings.TOLI_GROUP_LIMITS)
    if not seated:
        return most or 0
    room = capacity if capacity is not None else campaign.capacity
    if not 2 <= room <= (most or room) or not 0 <= people <= (most or room):
        raise SpaceInvalid(reason=f"{people} ≤ {room} ≤ {most or room}")
    return room


@transaction.atomic
def archive_group(*, actor: Actor, group_id: int) -> ChatGroup:
    """Close a group that nobody has a place in. Its link is shown to nobody any more. Safe to repeat.

    Raises:
        GroupNotFound. GroupNotEmpty. CommunityNotEmpty: groups stand in it. GroupStateWrong: it is being divided, its
        people come first.
    """
    group = selectors.get_group(scope_for(actor, GROUPS_MANAGE), group_id)
    hold_campaign(group.campaign_id)
    group = ChatGroup.objects.select_for_update(of=("self",)).select_related("campaign", "territory").get(pk=group.pk)
    if group.state == GroupState.ARCHIVED:
        return group
    if group.taken:
        raise GroupNotEmpty(people=group.taken)
    if held := selectors.count_in([group])[group.pk].groups:
        raise CommunityNotEmpty(groups=held)
    try:
        group.state = GroupState(lifecycle.after(group.state, Act.ARCHIVE, taken=group.taken))
    except lifecycle.NotPossible:
        raise GroupStateWrong(state=group.get_state_display()) from None
    group.save(update_fields=["state"])
    for kind in ("create_group", "change_link", "second_admin", "hand_over", "divide_group"):
        assignments.cancel_for_subjects(kind=kind, subjects=[f"chatgroup:{group.pk}"])
    audit.record_act(
        actor, action="chatgroups.archive", target=f"chatgroup:{group.pk}", territory_id=group.territory_id
    )
    return group
