"""Dividing the groups of a territory along the tree."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.utils.translation import get_language

from toli.access.domain.permissions import GROUPS_DIVIDE
from toli.access.policies import scope_for
from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.audit import services as audit
from toli.chatgroups import selectors
from toli.chatgroups.domain.planning import Limits, Plan, PlannedGroup, communities, plan_branch
from toli.chatgroups.errors import DepthInvalid, MigrationRunning, NoCoordinator, NothingToDivide
from toli.chatgroups.events import GroupsDivided
from toli.chatgroups.models import (
    Campaign,
    ChatGroup,
    DivisionPolicy,
    GroupState,
    GroupTerritory,
    Migration,
    MigrationState,
)
from toli.chatgroups.services.counting import Counted, count_branch
from toli.chatgroups.services.locking import hold_campaign
from toli.chatgroups.services.opening import GroupOrder, ask_for_groups, whom_to_ask
from toli.core.events import publish
from toli.territories import selectors as territories
from toli.territories.models import Level, Territory


@dataclass(frozen=True, slots=True)
class DivisionGroup:
    """One group of the plan: whom it serves, for how many members, and whether it exists already.

    ``place``: the name of the place under which it is formed.
    """

    label: str
    territory_codes: tuple[str, ...]
    members: int
    exists: bool
    place: str = ""


@dataclass(slots=True)
class DivisionReport:
    """``before``: groups now. ``lower_bound``: no plan can do with fewer groups; ``branch_bound``: none in which the
    divided places keep to themselves. ``leaving``: members whose group will change; ``leaving_bound``: fewest for
    these groups. ``communities``: of the platform. ``tasks``: groups to create by the name of who is asked;
    ``nobody``: a place for which there is nobody to ask.
    """

    groups: list[DivisionGroup] = field(default_factory=list)
    before: int = 0
    created: int = 0
    dividing: int = 0
    leaving: int = 0
    leaving_bound: int = 0
    lower_bound: int = 0
    branch_bound: int = 0
    communities: int = 0
    tasks: dict[str, int] = field(default_factory=dict)
    nobody: str = ""


@transaction.atomic
def divide(
    *, actor: Actor, campaign_code: str, territory_code: str, depth: str, dry_run: bool = False
) -> DivisionReport:
    """Plan the groups of a territory down to a level, and ask for those that do not exist yet.

    Branches below that were divided before keep to their own depth. Groups that stand in the plan live on; the
    others are divided: they keep their people until the successors are open (services/moving.py). Repeating it
    changes nothing while the numbers are the same. With ``dry_run`` only the plan is made.

    Raises:
        TerritoryNotFound, CampaignNotFound. DepthInvalid: no such level below the territory.
        NothingToDivide: everyone fits into one group, or there is no open group. NoCoordinator: nobody
        could create the groups. MigrationRunning: people are moving there in waves.
    """
    territory = territories.get_territory(scope_for(actor, GROUPS_DIVIDE), territory_code)
    campaign = selectors.get_campaign(campaign_code)
    hold_campaign(campaign.pk)
    refuse_beside_another(campaign, territory)
    prepared = prepare(campaign, territory, depth)
    report = report_of(prepared)
    if not dry_run:
        _carry_out(actor, prepared)
    return report


@dataclass(slots=True)
class Prepared:
    """A division that is planned, and nothing of it done. ``orders``: new groups, by their place in the plan."""

    campaign: Campaign
    territory: Territory
    level: Level
    counted: Counted
    plan: Plan
    places: dict[int, Territory]
    ending: list[ChatGroup]
    orders: dict[int, GroupOrder]

    def label(self, group: PlannedGroup) -> str:
        """The name of the territory, or of the first and the last one of several where members live."""
        return _label(group, self.counted, self.places)


def prepare(campaign: Campaign, territory: Territory, depth: str) -> Prepared:
    """Count and plan, under the campaign's lock. Raises DepthInvalid, NothingToDivide."""
    level = Level.objects.filter(code=depth, rank__gt=territory.level.rank).first()
    if level is None:
        raise DepthInvalid(territory=territory.code, depth=depth)
    counted = count_branch(campaign, territory, level)
    limits = limits_of(campaign)
    plan = plan_branch(counted.branch, limits, counted.existing)
    if len(plan.groups) < 2:  # a single group can be divided as soon as it is larger than groups are planned
        plan = plan_branch(counted.branch, replace(limits, capacity=limits.target), counted.existing)
    if len(plan.groups) < 2 or not counted.groups or _same_place_twice(plan):
        raise NothingToDivide(territory=territory.label(get_language() or "en"))
    places = _places(plan, counted)
    ending = [counted.groups[old] for old in plan.giving_up]
    orders = _orders(plan, counted, places, ending)
    return Prepared(campaign, territory, level, counted, plan, places, ending, orders)


def _same_place_twice(plan: Plan) -> bool:
    """Whether an old group would have to send people to another group of the same place: nobody knows whom."""
    homes = Counter(unit for group in plan.groups for unit in group.units)
    staying = [group for group in plan.groups if group.lives_on >= 0]
    kept = {(group.lives_on, unit) for group in staying for unit in group.units if homes[unit] > 1}
    return any((old, unit) in kept for old, _place, new, _people in plan.moves for unit in plan.groups[new].units)


def limits_of(campaign: Campaign) -> Limits:
    """The sizes that plans of the campaign keep to."""
    return Limits(campaign.capacity, campaign.target_size, campaign.minimum_size, campaign.community_limit)


def report_of(prepared: Prepared) -> DivisionReport:
    """What the plan comes to, in numbers, and who would be asked."""
    plan, counted = prepared.plan, prepared.counted
    report = DivisionReport(
        groups=_described(plan, counted, prepared.places),
        before=len(counted.groups),
        created=len(prepared.orders),
        dividing=sum(group.state == GroupState.OPEN for group in prepared.ending),
        leaving=plan.moves.total,
        leaving_bound=plan.moves_bound,
        lower_bound=plan.any_bound,
        branch_bound=plan.bound,
        communities=len(communities(counted.branch, plan.groups, limits_of(prepared.campaign).community)),
    )
    _name_who_is_asked(report, prepared.campaign, list(prepared.orders.values()))
    return report


def refuse_beside_another(campaign: Campaign, territory: Territory, *, but: int | None = None) -> None:
    """Raises MigrationRunning: people of the territory, or of a part of it, or around it, are moving in waves."""
    path = territories.path_of(territory.pk)
    others = Migration.objects.filter(campaign=campaign, state__in=(MigrationState.RUNNING, MigrationState.PAUSED))
    for other in (others.exclude(pk=but) if but else others).select_related("territory"):
        beside = territories.path_of(other.territory_id)
        if path.startswith(beside) or beside.startswith(path):
            raise MigrationRunning(territory=other.territory.label(get_language() or "en"))


def _places(plan: Plan, counted: Counted) -> dict[int, Territory]:
    """The territories that the plan names, by position in the branch."""
    wanted = {place for group in plan.groups for place in (*group.units, group.home)}
    ids = counted.branch.ids
    found = territories.by_id(ids[place] for place in wanted)
    return {place: found[ids[place]] for place in wanted}


def _label(group: PlannedGroup, counted: Counted, places: dict[int, Territory]) -> str:
    """The name of the territory, or of the first and the last one of several where members live."""
    units = [unit for unit in group.units if counted.branch.counts[unit]] or group.units
    first, last = places[units[0]].label("hi"), places[units[-1]].label("hi")
    return first if len(units) == 1 else f"{first} – {last}"


def _described(plan: Plan, counted: Counted, places: dict[int, Territory]) -> list[DivisionGroup]:
    return [
        DivisionGroup(
            label=_label(group, counted, places),
            territory_codes=tuple(places[unit].code for unit in group.units),
            members=group.members,
            exists=group.lives_on >= 0,
            place=places[group.home].label(get_language() or "en"),
        )
        for group in sorted(plan.groups, key=lambda group: group.units[0])
    ]


def _orders(
    plan: Plan, counted: Counted, places: dict[int, Territory], ending: list[ChatGroup]
) -> dict[int, GroupOrder]:
    """The groups that nobody has yet; each comes from the old group that gives it the most people."""
    gives: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for old, _place, new, members in plan.moves:
        gives[new][old] += members
    orders = {}
    for index, group in sorted(enumerate(plan.groups), key=lambda pair: pair[1].units[0]):
        if group.lives_on >= 0:
            continue
        givers = [counted.groups[old] for old, _members in gives[index].most_common(1)] or ending
        orders[index] = GroupOrder(
            territory=places[group.units[0] if len(group.units) == 1 else group.home],
            serves=tuple(places[unit].pk for unit in group.units),
            predecessor=givers[0] if givers else None,
            label=_label(group, counted, places),
        )
    return orders


def _name_who_is_asked(report: DivisionReport, campaign: Campaign, orders: list[GroupOrder]) -> None:
    try:
        asked = whom_to_ask(campaign, [order.territory for order in orders])
    except NoCoordinator as nobody:
        report.nobody = str(nobody)
        return
    names = {account.pk: account.display_name for account in accounts.staff_by_id(asked).values()}
    for account_id, number in sorted(asked.items(), key=lambda item: (-item[1], item[0])):
        report.tasks[names[account_id]] = report.tasks.get(names[account_id], 0) + number


def _carry_out(actor: Actor, prepared: Prepared) -> None:
    orders = list(prepared.orders.values())
    ask_for_groups(actor=actor, campaign=prepared.campaign, orders=orders)
    begin_emptying(prepared.ending)
    living = [group for group in prepared.plan.groups if group.lives_on >= 0]
    ids, existing = prepared.counted.branch.ids, prepared.counted.existing
    for planned in living:
        before = {ids[unit] for unit in existing.serves[planned.lives_on]}
        change_places(prepared.counted.groups[planned.lives_on], before, {ids[unit] for unit in planned.units})
    follow_depth(actor, prepared.campaign, prepared.territory, prepared.level, len(orders), len(prepared.ending))


def begin_emptying(ending: Sequence[ChatGroup]) -> None:
    """Groups keep their people until the successors are open; one that was never made is asked for no more."""
    by_state: defaultdict[str, list[int]] = defaultdict(list)
    for group in ending:
        by_state[group.state].append(group.pk)
    ChatGroup.objects.filter(pk__in=by_state[GroupState.OPEN]).update(state=GroupState.DIVIDING)
    give_up_asking(by_state[GroupState.ASKED])


def give_up_asking(group_ids: Sequence[int]) -> None:
    """Groups that nobody has made are not wanted any more."""
    ChatGroup.objects.filter(pk__in=group_ids).update(state=GroupState.ARCHIVED)
    assignments.cancel_for_subjects(kind="create_group", subjects=[f"chatgroup:{pk}" for pk in group_ids])


def follow_depth(
    actor: Actor, campaign: Campaign, territory: Territory, level: Level, asked: int, dividing: int
) -> None:
    """From now on the branch is divided down to this level; tell the trail and whoever listens."""
    DivisionPolicy.objects.update_or_create(campaign=campaign, territory=territory, defaults={"depth": level})
    audit.record_act(
        actor,
        action="chatgroups.divide",
        target=f"territory:{territory.pk}",
        territory_id=territory.pk,
        details={"depth": level.code, "asked": asked, "dividing": dividing},
    )
    publish(GroupsDivided(campaign_id=campaign.pk, territory_id=territory.pk))


def change_places(group: ChatGroup, before: set[int], after: set[int]) -> None:
    """A group that lives on takes in new places at once, and keeps those that it gives up until these have a group."""
    if before == after:
        return
    group.serves.exclude(territory_id__in=after).update(giving_up=True)
    group.serves.filter(territory_id__in=after).update(giving_up=False)
    GroupTerritory.objects.bulk_create(
        [GroupTerritory(group=group, territory_id=place) for place in after - before], ignore_conflicts=True
    )
