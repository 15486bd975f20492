"""Dividing the groups of a territory along the tree."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import get_language

from toli.access.domain.permissions import GROUPS_DIVIDE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.chatgroups import selectors
from toli.chatgroups.domain.subdivision import GroupPlan, Unit, fewest_groups, plan_division
from toli.chatgroups.errors import DepthInvalid, NothingToDivide
from toli.chatgroups.events import GroupsDivided
from toli.chatgroups.models import Campaign, ChatGroup, DivisionPolicy, GroupState, GroupTerritory
from toli.chatgroups.services.locking import hold_campaign
from toli.chatgroups.services.opening import GroupOrder, ask_for_groups
from toli.core.events import publish
from toli.territories import selectors as territories
from toli.territories.domain.paths import natural_key
from toli.territories.models import Level, Node, Territory

Served = frozenset[int]


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """One group of the plan: whom it serves, for how many members, and whether it exists already."""

    label: str
    territory_codes: tuple[str, ...]
    members: int
    exists: bool


@dataclass(slots=True)
class DivisionReport:
    """``lower_bound``: no plan can do with fewer groups. ``leaving``: members whose group will change."""

    groups: list[PlannedGroup] = field(default_factory=list)
    created: int = 0
    dividing: int = 0
    leaving: int = 0
    lower_bound: int = 0


@transaction.atomic
def divide(
    *, actor: Actor, campaign_code: str, territory_code: str, depth: str, dry_run: bool = False
) -> DivisionReport:
    """Plan the groups of a territory down to a level, and ask for those that do not exist yet.

    Groups that stand in the plan live on; the others are divided: they keep their people until the
    successors are open (services/moving.py). Repeating it changes nothing while the numbers are the
    same. With ``dry_run`` only the plan is made.

    Raises:
        TerritoryNotFound, CampaignNotFound. DepthInvalid: no such level below the territory.
        NothingToDivide: everyone fits into one group, or there is no open group.
    """
    territory = territories.get_territory(scope_for(actor, GROUPS_DIVIDE), territory_code)
    campaign = selectors.get_campaign(campaign_code)
    level = Level.objects.filter(code=depth, rank__gt=territory.level.rank).first()
    if level is None:
        raise DepthInvalid(territory=territory.code, depth=depth)
    hold_campaign(campaign.pk)
    root, places = _tree(territory, level)
    planned = plan_division(root, target_size=campaign.target_size)
    existing = _existing(campaign, territory)
    if len(planned) < 2 or not existing:
        raise NothingToDivide(territory=territory.label(get_language() or "en"))
    missing, kept = _compare(planned, existing)
    leaving = [group for groups in existing.values() for group in groups if group.pk not in kept]
    report = DivisionReport(
        groups=_described(planned, missing, places),
        created=len(missing),
        dividing=sum(group.state != GroupState.DIVIDING for group in leaving),
        leaving=sum(group.taken for group in leaving),
        lower_bound=fewest_groups(root.count, target_size=campaign.target_size),
    )
    if not dry_run:
        _carry_out(actor, campaign, territory, level, missing, leaving, places)
    return report


def _tree(territory: Territory, level: Level) -> tuple[Unit, dict[int, Territory]]:
    """The branch down to ``level``, with the card holders of each unit; and its territories by id."""
    path = territories.path_of(territory.pk)
    nodes = list(
        Node.objects.within_paths((path,))
        .filter(territory__level__rank__lte=level.rank)
        .select_related("territory__level")
        .order_by("path")
    )
    known = {node.path for node in nodes}
    counts: Counter[str] = Counter()
    for place, members in _card_holders(path):
        for prefix in _prefixes(place):
            if prefix in known:
                counts[prefix] += members
    below: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes[1:]:
        below[node.path[: -len(node.territory.code) - 1]].append(node)

    def unit(node: Node) -> Unit:
        children = sorted(below[node.path], key=_order)
        return Unit(node.territory_id, counts[node.path], tuple(unit(child) for child in children))

    return unit(nodes[0]), {node.territory_id: node.territory for node in nodes}


def _order(node: Node) -> tuple[object, ...]:
    territory = node.territory
    return territory.level.rank, natural_key(territory.number), natural_key(territory.code)


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) + "/" for length in range(2, len(parts) + 1)]


def _card_holders(path: str) -> list[tuple[str, int]]:
    """Active members with a valid card, by the path of the place where they live."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.path, count(*) FROM territories_node n
               JOIN members_member m ON m.territory_id = n.territory_id AND m.state = 'active'
               JOIN cards_card c ON c.member_id = m.id AND c.revoked_at IS NULL
               WHERE n.path >= %s AND n.path < %s AND n.valid_to IS NULL GROUP BY n.path""",
            [path, path[:-1] + "0"],
        )
        return list(cursor.fetchall())


def _existing(campaign: Campaign, territory: Territory) -> dict[Served, list[ChatGroup]]:
    """Current groups that serve the territory or parts of it, by the set of territories they serve."""
    below = territories.descendant_ids(territory)
    rows = GroupTerritory.objects.filter(
        group__campaign=campaign, group__state__in=selectors.CURRENT, territory_id__in=below
    ).values_list("group_id", "territory_id")
    serves: defaultdict[int, set[int]] = defaultdict(set)
    for group_id, territory_id in rows:
        serves[group_id].add(territory_id)
    found: defaultdict[Served, list[ChatGroup]] = defaultdict(list)
    for group in ChatGroup.objects.filter(pk__in=serves).order_by("-taken", "pk"):
        found[frozenset(serves[group.pk])].append(group)
    return dict(found)


def _compare(
    planned: list[tuple[int, GroupPlan]], existing: dict[Served, list[ChatGroup]]
) -> tuple[list[tuple[int, GroupPlan]], set[int]]:
    """Planned groups that nobody has yet, and the ids of those that live on."""
    free = {served: list(groups) for served, groups in existing.items()}
    missing, kept = [], set()
    for parent_id, plan in planned:
        groups = free.get(frozenset(plan.territory_ids))
        if groups:
            kept.add(groups.pop(0).pk)
        else:
            missing.append((parent_id, plan))
    return missing, kept


def _described(
    planned: list[tuple[int, GroupPlan]], missing: list[tuple[int, GroupPlan]], places: dict[int, Territory]
) -> list[PlannedGroup]:
    new = Counter(plan.territory_ids for _parent, plan in missing)
    described = []
    for _parent, plan in planned:
        is_new = new[plan.territory_ids] > 0
        new[plan.territory_ids] -= is_new
        codes = tuple(places[territory_id].code for territory_id in plan.territory_ids)
        described.append(PlannedGroup(_label(plan, places), codes, plan.member_count, not is_new))
    return described


def _label(plan: GroupPlan, places: dict[int, Territory]) -> str:
    """The name of the territory, or of the first and the last one of several."""
    first, last = places[plan.territory_ids[0]].label("hi"), places[plan.territory_ids[-1]].label("hi")
    return first if len(plan.territory_ids) == 1 else f"{first} – {last}"


def _carry_out(
    actor: Actor,
    campaign: Campaign,
    territory: Territory,
    level: Level,
    missing: list[tuple[int, GroupPlan]],
    leaving: list[ChatGroup],
    places: dict[int, Territory],
) -> None:
    predecessor = leaving[0] if leaving else None
    ask_for_groups(
        actor=actor,
        campaign=campaign,
        orders=[
            GroupOrder(
                territory=places[plan.territory_ids[0] if len(plan.territory_ids) == 1 else parent_id],
                plan=plan,
                predecessor=predecessor,
                label=_label(plan, places),
            )
            for parent_id, plan in missing
        ],
    )
    ChatGroup.objects.filter(pk__in=[group.pk for group in leaving], state=GroupState.OPEN).update(
        state=GroupState.DIVIDING
    )
    DivisionPolicy.objects.update_or_create(campaign=campaign, territory=territory, defaults={"depth": level})
    audit.record_act(
        actor,
        action="chatgroups.divide",
        target=f"territory:{territory.pk}",
        territory_id=territory.pk,
        details={"depth": level.code, "asked": len(missing), "dividing": len(leaving)},
    )
    publish(GroupsDivided(campaign_id=campaign.pk, territory_id=territory.pk))
