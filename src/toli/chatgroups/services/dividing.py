"""Dividing the groups of a territory along the tree."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

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
from toli.chatgroups.errors import DepthInvalid, NoCoordinator, NothingToDivide
from toli.chatgroups.events import GroupsDivided
from toli.chatgroups.models import Campaign, ChatGroup, DivisionPolicy, GroupState, GroupTerritory
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
        could create the groups.
    """
    territory = territories.get_territory(scope_for(actor, GROUPS_DIVIDE), territory_code)
    campaign = selectors.get_campaign(campaign_code)
    level = Level.objects.filter(code=depth, rank__gt=territory.level.rank).first()
    if level is None:
        raise DepthInvalid(territory=territory.code, depth=depth)
    hold_campaign(campaign.pk)
    counted = count_branch(campaign, territory, level)
    limits = Limits(campaign.capacity, campaign.target_size, campaign.minimum_size, campaign.community_limit)
    plan = plan_branch(counted.branch, limits, counted.existing)
    if len(plan.groups) < 2 or not counted.groups:
        raise NothingToDivide(territory=territory.label(get_language() or "en"))
    places = _places(plan, counted)
    ending = [counted.groups[old] for old in plan.giving_up]
    orders = _orders(plan, counted, places, ending)
    report = DivisionReport(
        groups=_described(plan, counted, places),
        before=len(counted.groups),
        created=len(orders),
        dividing=sum(group.state == GroupState.OPEN for group in ending),
        leaving=plan.moves.total,
        leaving_bound=plan.moves_bound,
        lower_bound=plan.any_bound,
        branch_bound=plan.bound,
        communities=len(communities(counted.branch, plan.groups, limits.community)),
    )
    _name_who_is_asked(report, campaign, orders)
    if not dry_run:
        _carry_out(actor, campaign, territory, level, orders, ending)
        _change_places(plan, counted)
    return report


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


def _orders(plan: Plan, counted: Counted, places: dict[int, Territory], ending: list[ChatGroup]) -> list[GroupOrder]:
    """The groups that nobody has yet; each comes from the old group that gives it the most people."""
    gives: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for old, _place, new, members in plan.moves:
        gives[new][old] += members
    orders = []
    for index, group in sorted(enumerate(plan.groups), key=lambda pair: pair[1].units[0]):
        if group.lives_on >= 0:
            continue
        givers = [counted.groups[old] for old, _members in gives[index].most_common(1)] or ending
        orders.append(
            GroupOrder(
                territory=places[group.units[0] if len(group.units) == 1 else group.home],
                serves=tuple(places[unit].pk for unit in group.units),
                predecessor=givers[0] if givers else None,
                label=_label(group, counted, places),
            )
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


def _carry_out(
    actor: Actor,
    campaign: Campaign,
    territory: Territory,
    level: Level,
    orders: list[GroupOrder],
    ending: list[ChatGroup],
) -> None:
    ask_for_groups(actor=actor, campaign=campaign, orders=orders)
    by_state: defaultdict[str, list[int]] = defaultdict(list)
    for group in ending:
        by_state[group.state].append(group.pk)
    ChatGroup.objects.filter(pk__in=by_state[GroupState.OPEN]).update(state=GroupState.DIVIDING)
    never_made = by_state[GroupState.ASKED]
    ChatGroup.objects.filter(pk__in=never_made).update(state=GroupState.ARCHIVED)
    assignments.cancel_for_subjects(kind="create_group", subjects=[f"chatgroup:{pk}" for pk in never_made])
    DivisionPolicy.objects.update_or_create(campaign=campaign, territory=territory, defaults={"depth": level})
    audit.record_act(
        actor,
        action="chatgroups.divide",
        target=f"territory:{territory.pk}",
        territory_id=territory.pk,
        details={"depth": level.code, "asked": len(orders), "dividing": len(ending)},
    )
    publish(GroupsDivided(campaign_id=campaign.pk, territory_id=territory.pk))


def _change_places(plan: Plan, counted: Counted) -> None:
    """Groups that live on take in new places at once, and keep those that they give up until these have a group."""
    ids = counted.branch.ids
    new: list[GroupTerritory] = []
    for planned in plan.groups:
        if planned.lives_on < 0:
            continue
        group = counted.groups[planned.lives_on]
        before = {ids[unit] for unit in counted.existing.serves[planned.lives_on]}
        after = {ids[unit] for unit in planned.units}
        if before == after:
            continue
        group.serves.exclude(territory_id__in=after).update(giving_up=True)
        group.serves.filter(territory_id__in=after).update(giving_up=False)
        new.extend(GroupTerritory(group=group, territory_id=place) for place in after - before)
    GroupTerritory.objects.bulk_create(new, ignore_conflicts=True)
