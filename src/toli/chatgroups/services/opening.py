"""Having groups created, and putting them to use once they exist."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max

from toli.access.domain.permissions import GROUPS_MANAGE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.audit import services as audit
from toli.chatgroups import selectors
from toli.chatgroups.domain import invites, lifecycle, naming
from toli.chatgroups.domain.kinds import usual_kind
from toli.chatgroups.domain.lifecycle import Act
from toli.chatgroups.domain.planning import fewest_groups
from toli.chatgroups.errors import GroupNotFound, GroupStateWrong, InviteLinkInvalid
from toli.chatgroups.events import GroupOpened
from toli.chatgroups.models import Campaign, ChatGroup, GroupState, GroupTerritory
from toli.chatgroups.policies import runs_group
from toli.chatgroups.ports import GroupRequest
from toli.chatgroups.providers import get_provider
from toli.chatgroups.services.choosing import AdminChoice
from toli.chatgroups.services.links import check_new_address, retire_address
from toli.chatgroups.services.locking import hold_campaign
from toli.chatgroups.services.waiting import serve_waiting
from toli.core import clock
from toli.core.events import publish
from toli.territories import selectors as territories
from toli.territories.models import Territory


@transaction.atomic
def open_state_groups(*, actor: Actor, campaign_code: str, territory_code: str) -> list[ChatGroup]:
    """Ask for as many groups as the card holders of a territory need, all serving the whole of it.

    Safe to repeat: groups that were asked for stay, and are returned; more are asked for only when
    there are more members.

    Raises:
        TerritoryNotFound, CampaignNotFound. NoCoordinator: nobody could create them.
    """
    territory = territories.get_territory(scope_for(actor, GROUPS_MANAGE), territory_code)
    campaign = selectors.get_campaign(campaign_code)
    hold_campaign(campaign.pk)
    existing = ChatGroup.objects.filter(campaign=campaign, territory=territory).order_by("number")
    members = card_holders_below(territory)
    wanted = max(1, fewest_groups(members, target_size=campaign.target_size))
    if existing.count() < wanted:
        order = GroupOrder(territory, (territory.pk,))
        ask_for_groups(actor=actor, campaign=campaign, orders=[order] * (wanted - existing.count()))
    return list(existing.all())


@transaction.atomic
def confirm_group_open(*, actor: Actor, group_id: int, join_address: str) -> ChatGroup:
    """Take the invite link of a group that its admin has just created; members are sent there from now on.

    Only its admins, or someone who manages groups there, may do this. Repeating it with the same link changes
    nothing; another link replaces the first one (after a leak, say), which is never used again.

    Raises:
        GroupNotFound, GroupStateWrong, InviteLinkInvalid, InviteLinkTaken, InviteLinkRetired.
    """
    for campaign_id in ChatGroup.objects.filter(pk=group_id).values_list("campaign_id", flat=True):
        hold_campaign(campaign_id)
    group = ChatGroup.objects.select_for_update(of=("self",)).select_related("campaign").filter(pk=group_id).first()
    if group is None or not runs_group(actor, group):
        raise GroupNotFound
    address = invites.canonical(group.kind, join_address)
    if address is None:
        raise InviteLinkInvalid
    check_new_address(address, besides=group.pk)
    newly_open = group.state != GroupState.OPEN and group.state != GroupState.DIVIDING
    if newly_open:
        _open(group)
    elif group.join_address != address:
        retire_address(group)
        group.link_changed_at, group.link_leaked_at = clock.now(), None
    group.join_address = address
    group.save(update_fields=["join_address", "state", "opened_at", "link_changed_at", "link_leaked_at"])
    done = "create_group" if newly_open else "change_link"
    if group.link_leaked_at is None:
        assignments.complete_for_subject(kind=done, subject=f"chatgroup:{group.pk}", done_by_id=actor.id)
    audit.record_act(
        actor,
        action="chatgroups.open" if newly_open else "chatgroups.change_link",
        target=f"chatgroup:{group.pk}",
        territory_id=group.territory_id,
    )
    if newly_open:
        serve_waiting(campaign_id=group.campaign_id)
        publish(GroupOpened(group_id=group.pk))
    return group


def _open(group: ChatGroup) -> None:
    try:
        group.state = GroupState(lifecycle.after(group.state, Act.OPEN, taken=group.taken))
    except lifecycle.NotPossible:
        raise GroupStateWrong(state=group.get_state_display()) from None
    group.opened_at = clock.now()


@dataclass(frozen=True, slots=True)
class GroupOrder:
    """A group to ask for: where it belongs, whom it serves, and the old group it comes from.

    ``admin_id``: who is asked, where that was decided before.
    """

    territory: Territory
    serves: tuple[int, ...]
    predecessor: ChatGroup | None = None
    label: str = ""
    admin_id: int | None = None


def ask_for_groups(*, actor: Actor, campaign: Campaign, orders: Sequence[GroupOrder]) -> list[ChatGroup]:
    """Create the rows of new groups and have the provider, or a person, create the groups themselves."""
    next_number = next_numbers(campaign, {order.territory.pk for order in orders})
    admins = AdminChoice(campaign)
    now = clock.now()
    groups = []
    for order in orders:
        number = next_number[order.territory.pk] = next_number[order.territory.pk] + 1
        groups.append(
            ChatGroup(
                campaign=campaign,
                kind=usual_kind(campaign.platform),
                territory=order.territory,
                name=naming.group_name(
                    campaign.naming_pattern,
                    campaign=campaign.name_hi,
                    territory=order.label or order.territory.label("hi"),
                    number=number,
                ),
                number=number,
                capacity=campaign.capacity,
                admin_id=order.admin_id or admins.for_territory(order.territory),
                predecessor=order.predecessor,
                created_at=now,
            )
        )
    ChatGroup.objects.bulk_create(groups)
    GroupTerritory.objects.bulk_create(
        GroupTerritory(group=group, territory_id=territory_id)
        for group, order in zip(groups, orders, strict=True)
        for territory_id in order.serves
    )
    get_provider(campaign.provider).request_groups(
        [GroupRequest(group.pk, campaign.platform, group.name, group.territory_id, group.admin_id) for group in groups]
    )
    audit.record_act(
        actor,
        action="chatgroups.ask",
        target=f"campaign:{campaign.pk}",
        territory_id=campaign.territory_id,
        details={"groups": [group.pk for group in groups]},
    )
    return groups


def admins_for(campaign: Campaign, wanted: Sequence[Territory]) -> list[int]:
    """The account that would be asked to create each of these groups. Raises NoCoordinator."""
    admins = AdminChoice(campaign)
    return [admins.for_territory(territory) for territory in wanted]


def whom_to_ask(campaign: Campaign, wanted: Sequence[Territory]) -> dict[int, int]:
    """How many of these groups each account would be asked to create. Raises NoCoordinator."""
    return dict(Counter(admins_for(campaign, wanted)))


def coordinators(campaign: Campaign) -> dict[str, list[int]]:
    """The accounts that can be asked for groups, by the path of the place on which they act."""
    return AdminChoice(campaign).by_path


def card_holders_below(territory: Territory) -> int:
    """How many active members with a valid card live in the branch."""
    with connection.cursor() as cursor:
        path = territories.path_of(territory.pk)
        cursor.execute(
            """SELECT count(*) FROM territories_node n
               JOIN members_member m ON m.territory_id = n.territory_id AND m.state = 'active'
               JOIN cards_card c ON c.member_id = m.id AND c.revoked_at IS NULL
               WHERE n.path >= %s AND n.path < %s AND n.valid_to IS NULL""",
            [path, path[:-1] + "0"],
        )
        return int(cursor.fetchone()[0])


def next_numbers(campaign: Campaign, territory_ids: set[int]) -> dict[int, int]:
    """The highest number of a group in each of the territories; 0 where there is none yet."""
    rows = (
        ChatGroup.objects.filter(campaign=campaign, territory_id__in=territory_ids)
        .values_list("territory_id")
        .annotate(last=Max("number"))
    )
    return dict.fromkeys(territory_ids, 0) | dict(rows)
