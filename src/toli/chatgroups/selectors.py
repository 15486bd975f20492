"""Reads about campaigns, groups and seats."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.chatgroups.domain.kinds import KINDS
from toli.chatgroups.domain.lifecycle import Stage, stage
from toli.chatgroups.errors import CampaignNotFound, GroupNotFound, JoinLinkUnknown
from toli.chatgroups.models import (
    ACTIVE_SEATS,
    Campaign,
    ChatGroup,
    GroupKind,
    GroupState,
    GroupTerritory,
    JoinLink,
    Roster,
    Seat,
    WaitingPlace,
)
from toli.core import wall
from toli.core.domain import base32
from toli.members.models import Member, MemberState
from toli.territories import selectors as territories
from toli.territories.models import Node, Territory

NEARLY_FULL = 0.85
HOLDING = tuple(kind.key for kind in KINDS.values() if kind.holds)
CURRENT = (GroupState.PLANNED, GroupState.ASKED, GroupState.OPEN, GroupState.DIVIDING)


@dataclass(frozen=True, slots=True)
class Fill:
    """Groups that serve a branch: how many, how many of them open, seats taken and capacity of those."""

    groups: int
    open: int
    taken: int
    capacity: int

    @property
    def percent(self) -> int:
        """Seats taken in percent of the open groups' capacity."""
        return round(100 * self.taken / self.capacity) if self.capacity else 0


def campaigns() -> QuerySet[Campaign]:
    """All campaigns, the newest first."""
    return Campaign.objects.select_related("territory").order_by("-pk")


def get_campaign(code: str) -> Campaign:
    """The campaign with this code. Raises CampaignNotFound."""
    campaign = campaigns().filter(code=code).first()
    if campaign is None:
        raise CampaignNotFound(campaign=code)
    return campaign


def current_campaign() -> Campaign | None:
    """The campaign that members join today: the newest one."""
    return campaigns().first()


def groups(
    scope: Scope, *, territory: Territory | None = None, campaign: Campaign | None = None
) -> QuerySet[ChatGroup]:
    """Groups of the scope, those in use first; by territory and number."""
    found = ChatGroup.objects.within(scope).select_related(
        "territory__level", "campaign", "admin", "deputy", "community"
    )
    if territory is not None:
        below = territories.descendant_ids(territory)
        serving = GroupTerritory.objects.filter(territory_id__in=below)
        found = found.filter(pk__in=serving.values("group_id"))
    if campaign is not None:
        found = found.filter(campaign=campaign)
    in_use = Case(When(state__in=CURRENT, then=0), default=1)
    return found.order_by(in_use, "territory__level__rank", "territory__code", "number")


def find_group(scope: Scope, group_id: int) -> ChatGroup | None:
    """The group, or None when it serves no territory of the scope."""
    return groups(scope).filter(pk=group_id).first()


def looked_at(found: QuerySet[ChatGroup]) -> QuerySet[ChatGroup]:
    """The groups, each with the moment at which somebody looked into it last as ``looked_at``."""
    latest = Roster.objects.filter(group=OuterRef("pk")).order_by("-at").values("at")[:1]
    return found.annotate(looked_at=Subquery(latest))


def filtered(found: QuerySet[ChatGroup], *, kind: str = "", state: str = "", needs: str = "") -> QuerySet[ChatGroup]:
    """Those of the groups that are of this kind, in this state, and need what is named (see NEEDS)."""
    if kind:
        found = found.filter(kind=kind)
    if state:
        found = found.filter(state=state)
    if needs == "second_admin":
        found = found.filter(state__in=CURRENT).filter(Q(deputy=None) | Q(deputy_confirmed_at=None))
    elif needs == "new_link":
        found = found.exclude(link_leaked_at=None)
    elif needs == "look":
        found = found.filter(state=GroupState.OPEN, seated=True, rosters=None)
    elif needs == "room":
        found = found.filter(state=GroupState.OPEN, seated=True, taken__gte=F("capacity") * NEARLY_FULL)
    return found


NEEDS = {
    "room": _("Nearly full"),
    "second_admin": _("A second admin"),
    "new_link": _("A new link"),
    "look": _("Somebody to look into it"),
}


def kind_names() -> dict[str, str]:
    """The word for each kind of space."""
    return {key: str(word) for key, word in GroupKind.choices}


def state_names() -> dict[str, str]:
    """The word for each state of a group."""
    return {key: str(word) for key, word in GroupState.choices}


def stage_of(group: ChatGroup) -> Stage:
    """The group's state, and for an open one how full it is."""
    people = group.taken + group.outsiders
    return stage(group.state, people=people, capacity=group.capacity, percent=group.campaign.nearly_full_percent)


def held_groups(scope: Scope, community: ChatGroup) -> QuerySet[ChatGroup]:
    """The groups that stand in a community, as far as the scope goes."""
    return groups(scope).filter(community=community).exclude(state=GroupState.ARCHIVED)


@dataclass(frozen=True, slots=True)
class CommunityCount:
    """What stands in a community, wherever it stands, and what its platform allows. ``people``: an estimate."""

    groups: int
    most_groups: int
    people: int
    most_people: int

    @property
    def full(self) -> bool:
        """Whether no further group fits."""
        return self.groups >= self.most_groups

    @property
    def crowded(self) -> bool:
        """Whether more people are in its groups than its announcements reach."""
        return 0 < self.most_people < self.people


def communities(scope: Scope, *, territory: Territory | None = None) -> QuerySet[ChatGroup]:
    """Communities of the scope that are not closed; by territory and number."""
    return groups(scope, territory=territory).filter(kind__in=HOLDING).exclude(state=GroupState.ARCHIVED)


def count_in(communities: Iterable[ChatGroup]) -> dict[int, CommunityCount]:
    """How much stands in each of the communities."""
    found = {community.pk: community for community in communities}
    inside = ChatGroup.objects.filter(community_id__in=found).exclude(state=GroupState.ARCHIVED)
    with wall.lifted("how many groups and people a community holds, not which"):
        rows = inside.values("community_id").annotate(groups=Count("id"), people=Sum(F("taken") + F("outsiders")))
        counted = {row["community_id"]: (row["groups"], row["people"]) for row in rows}
    return {
        pk: CommunityCount(groups, community.campaign.community_limit, people, community.capacity)
        for pk, community in found.items()
        for groups, people in [counted.get(pk, (0, 0))]
    }


def may_stand_in(scope: Scope, community: ChatGroup) -> QuerySet[ChatGroup]:
    """Groups of the scope that could be put into the community: of its platform and campaign, in none so far."""
    platform = KINDS[community.kind].platform
    kinds = [kind.key for kind in KINDS.values() if kind.platform == platform and kind.seats]
    found = groups(scope, campaign=community.campaign).filter(kind__in=kinds, community=None)
    return found.filter(state__in=CURRENT)


def get_group(scope: Scope, group_id: int) -> ChatGroup:
    """The group. Raises GroupNotFound, also when it serves no territory of the scope."""
    group = groups(scope).filter(pk=group_id).first()
    if group is None:
        raise GroupNotFound
    return group


def served_territories(group: ChatGroup) -> list[Territory]:
    """The territories whose members belong here, in path order."""
    serves = group.serves.filter(giving_up=False).values("territory_id")
    nodes = Node.objects.current().filter(territory_id__in=serves, tree__is_main=True)
    return [node.territory for node in nodes.select_related("territory__level").order_by("path")]


def latest_roster(group: ChatGroup) -> Roster | None:
    """What was found when somebody looked into the group last."""
    return group.rosters.select_related("account").order_by("-at", "-pk").first()


def seats_by_state(group: ChatGroup) -> dict[str, int]:
    """How many seats of the group are in each state."""
    rows = group.seats.values_list("state").annotate(count=Count("id"))
    return dict(rows)


def fill(scope: Scope, territory: Territory) -> Fill:
    """How full the groups of a branch are."""
    totals = (
        groups(scope, territory=territory)
        .filter(state__in=CURRENT, seated=True)
        .order_by()
        .aggregate(
            groups=Count("id"),
            open=Count("id", filter=Q(state=GroupState.OPEN)),
            taken=Sum("taken", filter=Q(state=GroupState.OPEN)),
            capacity=Sum("capacity", filter=Q(state=GroupState.OPEN)),
        )
    )
    return Fill(totals["groups"], totals["open"], totals["taken"] or 0, totals["capacity"] or 0)


def groups_to_divide(scope: Scope, *, territory: Territory | None = None, limit: int = 10) -> list[ChatGroup]:
    """Open groups that are nearly full, the fullest first."""
    found = groups(scope, territory=territory).filter(
        state=GroupState.OPEN, seated=True, taken__gte=F("capacity") * NEARLY_FULL
    )
    return list(found.order_by((F("taken") * 1.0 / F("capacity")).desc(), "pk")[:limit])


def seat_of(member_id: int, campaign_id: int) -> Seat | None:
    """The member's active seat, or None."""
    found = Seat.objects.select_related("group__campaign", "group__admin", "group__territory")
    return found.filter(member_id=member_id, campaign_id=campaign_id, state__in=ACTIVE_SEATS).first()


def members_in(group_id: int) -> frozenset[int]:
    """Ids of the members who have an active seat in the group."""
    found = Seat.objects.filter(group_id=group_id, state__in=ACTIVE_SEATS, member__state=MemberState.ACTIVE)
    return frozenset(found.values_list("member_id", flat=True))


def seated(campaign_id: int) -> QuerySet[Seat, int]:
    """Ids of members who have a seat in the campaign, as a sub-query."""
    return Seat.objects.filter(campaign_id=campaign_id, state__in=ACTIVE_SEATS).values_list("member_id", flat=True)


def seat_states(member_ids: Sequence[int], campaign_id: int) -> dict[int, str]:
    """The names of the states of these members' active seats; members without one are missing."""
    seats = Seat.objects.filter(member_id__in=member_ids, campaign_id=campaign_id, state__in=ACTIVE_SEATS)
    return {seat.member_id: str(seat.get_state_display()) for seat in seats}


def resolve_join_link(code: str) -> JoinLink:
    """The link with this code, forgiving case and look-alike letters. Raises JoinLinkUnknown."""
    clean = base32.normalise(code)
    link = JoinLink.objects.select_related("campaign", "territory__level").filter(code=clean.lower()).first()
    if link is None or not base32.is_valid(clean):
        raise JoinLinkUnknown
    return link


def find_join_link(campaign: Campaign, territory: Territory) -> JoinLink | None:
    """The territory's permanent link, or None before it was made."""
    return JoinLink.objects.filter(campaign=campaign, territory=territory).first()


def counts_by_state() -> dict[str, int]:
    """How many groups are in each state, everywhere."""
    return dict(ChatGroup.objects.values_list("state").annotate(count=Count("id")))


def waiting_places(campaign: Campaign) -> QuerySet[WaitingPlace]:
    """Those who wait for a seat, in the order in which they are served."""
    found = WaitingPlace.objects.filter(campaign=campaign, ended_at=None)
    return found.select_related("member__territory__level").order_by("pk")


def place_in_line(member_id: int, campaign_id: int) -> int | None:
    """At which place of the waiting list the member stands, among people of the same place; None: they do not wait."""
    waiting = WaitingPlace.objects.filter(campaign_id=campaign_id, ended_at=None)
    own = waiting.filter(member_id=member_id).first()
    if own is None:
        return None
    with wall.lifted("how many come before one is told, not who they are"):
        return waiting.filter(territory_id=own.territory_id, pk__lte=own.pk).count()


def waiting_in(scope: Scope, campaign: Campaign, *, territory: Territory) -> QuerySet[WaitingPlace]:
    """Those who live in the territory and in the scope and wait for a seat, in order."""
    members = Member.objects.within(scope).filter(territory_id__in=territories.descendant_ids(territory))
    return waiting_places(campaign).filter(member__in=members)


def waiting_by_territory(scope: Scope, campaign: Campaign, *, territory: Territory) -> list[tuple[Territory, int]]:
    """How many wait in each place of the territory, as far as the scope goes; most first."""
    rows = waiting_in(scope, campaign, territory=territory).order_by().values_list("member__territory_id")
    counts = dict(rows.annotate(people=Count("id")))
    places = territories.by_id(counts)
    return sorted(((places[pk], people) for pk, people in counts.items()), key=lambda row: (-row[1], row[0].code))
