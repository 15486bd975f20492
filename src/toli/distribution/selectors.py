"""Reads about kits on their way into the groups."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from toli.access.domain.scope import Scope
from toli.access.selectors import assignments as role_assignments
from toli.chatgroups.models import ChatGroup, GroupState, GroupTerritory
from toli.compliance.domain.channels import SMS
from toli.compliance.selectors import judge_all
from toli.compliance.services import Refusal, SendingQuestion
from toli.content import selectors as content
from toli.content.domain.platforms import sms_parts
from toli.content.models import Kit
from toli.core import clock
from toli.distribution import direct
from toli.distribution.direct import ASSISTED
from toli.distribution.domain.beyond import Beyond, beyond_recall
from toli.distribution.domain.escalation import RelayFacts, Standing, standing_of
from toli.distribution.domain.forecast import Forecast, Load, forecast_by_hand, share_out, time_for
from toli.distribution.errors import PlanNotFound, RecallNotFound, RelayNotFound
from toli.distribution.models import Plan, PlanState, Recall, RecallPlace, RecallState, Relay, RelayState
from toli.distribution.ports import forecast, served_groups
from toli.members import selectors as members
from toli.messaging import selectors as messaging
from toli.messaging.domain.prices import cost
from toli.messaging.domain.states import REACHED
from toli.messaging.models import Audience
from toli.sharing import selectors as sharing
from toli.territories import selectors as territories
from toli.territories.models import Node, Territory

REACHABLE = (GroupState.OPEN, GroupState.DIVIDING, GroupState.NEWS)


@dataclass(frozen=True, slots=True)
class Cascade:
    """How far a kit has come: groups asked, and groups where its arrival was confirmed."""

    asked: int
    confirmed: int


# -- relays ----------------------------------------------------------------------------------------


def relays(scope: Scope, kit: Kit) -> QuerySet[Relay]:
    """The kit's relays into groups of the scope, unconfirmed ones first."""
    found = Relay.objects.filter(kit=kit, group__in=ChatGroup.objects.within(scope))
    return found.select_related("group__admin", "group__territory", "asked").order_by("-state", "group__name")


def get_relay(scope: Scope, relay_id: int) -> Relay:
    """The relay. Raises RelayNotFound, also when its group is out of scope."""
    relay = Relay.objects.filter(pk=relay_id, group__in=ChatGroup.objects.within(scope)).first()
    if relay is None:
        raise RelayNotFound
    return relay


def cascade(scope: Scope, kit: Kit) -> Cascade:
    """How far the kit has come in the scope."""
    totals = Relay.objects.filter(kit=kit, group__in=ChatGroup.objects.within(scope)).aggregate(
        asked=Count("id"), confirmed=Count("id", filter=Q(state=RelayState.CONFIRMED))
    )
    return Cascade(totals["asked"], totals["confirmed"])


def relay_text(relay: Relay) -> str:
    """What the admin posts into the group: this group's own variant, and where members find their link.

    The address leads members to their own page, from where each shares with their own words and link.
    """
    rendition = content.rendition_for(relay.kit, relay.language)
    texts = content.texts_for(relay.kit, relay.language, relay.group.campaign.platform)
    return f"{rendition.title}\n\n{texts[relay.variant % len(texts)]}\n\n{settings.BASE_URL}/me"


def why_not_now(relay: Relay) -> Refusal | None:
    """The rule that forbids to post this at this moment, asked when somebody is about to; None: it may be posted."""
    places = served_by({relay.group_id})[relay.group_id]
    now = clock.now()
    asked = [SendingQuestion(place, "assisted", "content", now, relay.kit_id, whole_branch=True) for place in places]
    return next((answer for answer in judged(asked) if answer is not None), None)


def judged(questions: Sequence[SendingQuestion]) -> list[Refusal | None]:
    """The answers of the law engine, of which nothing is recorded."""
    return judge_all(questions)


def served_by(group_ids: Collection[int]) -> dict[int, list[int]]:
    """The places that each group serves."""
    found: dict[int, list[int]] = {group_id: [] for group_id in group_ids}
    rows = GroupTerritory.objects.filter(group_id__in=group_ids).values_list("group_id", "territory_id")
    for group_id, territory_id in rows:
        found[group_id].append(territory_id)
    return found


def deputy_of(group: ChatGroup) -> int | None:
    """The account of the group's second admin, if it has one."""
    return group.deputy_id


# -- the board: where did it stop? -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One place below; None: groups that stand across several of them."""

    territory: Territory | None
    standing: Standing
    groups: int


@dataclass(frozen=True, slots=True)
class Board:
    """How far a kit has come in a place, and in each of those below."""

    total: Standing
    rows: Sequence[BoardRow]
    stopped: Sequence[Relay]


STOPPED_SHOWN = 50


def board(scope: Scope, kit: Kit, place: Territory) -> Board:
    """Where the kit has come to, and where it stopped, in a place of the scope and in each of those below it."""
    path, now = territories.path_of(place.pk), clock.now()
    groups = ChatGroup.objects.within(scope).filter(territory_id__in=territories.within_path(path))
    found = Relay.objects.filter(kit=kit, group__in=groups)
    rows = found.values_list("group__territory_id", "state", "due_at", "step", "nobody_left")
    facts = [
        (where, RelayFacts(state, _is_over(due_at, now), step, nobody)) for where, state, due_at, step, nobody in rows
    ]
    open_groups = groups.filter(state__in=REACHABLE).values_list("territory_id", flat=True)
    below = territories.children(scope, place)
    bucket = _buckets({where for where, _fact in facts} | set(open_groups), below)
    by_place: dict[int | None, list[RelayFacts]] = defaultdict(list)
    for where, fact in facts:
        by_place[bucket[where]].append(fact)
    counted = Counter(bucket[where] for where in open_groups)
    lines = [BoardRow(child, standing_of(by_place[child.pk]), counted[child.pk]) for child in below]
    if by_place[None]:
        lines.append(BoardRow(None, standing_of(by_place[None]), counted[None]))
    late = Q(state=RelayState.WAITING) & (Q(due_at__lte=now) | Q(nobody_left=True))
    stopped = found.filter(late | Q(state=RelayState.REFUSED)).select_related(
        "group__territory", "group__admin", "asked"
    )
    stopped = stopped.prefetch_related("askings__account").order_by("-nobody_left", "due_at", "pk")
    return Board(standing_of(fact for _where, fact in facts), lines, list(stopped[:STOPPED_SHOWN]))


def _is_over(due_at: datetime | None, now: datetime) -> bool:
    return due_at is not None and due_at <= now


def _buckets(places: Collection[int], below: Sequence[Territory]) -> dict[int, int | None]:
    """For each place, the one of those below in whose branch it lies."""
    paths = {territories.path_of(child.pk): child.pk for child in below}
    found: dict[int, int | None] = dict.fromkeys(places)
    nodes = Node.objects.current().filter(territory_id__in=places, tree__is_main=True)
    for territory_id, path in nodes.values_list("territory_id", "path"):
        parts = path.split("/")
        branches = ("/".join(parts[:length]) + "/" for length in range(2, len(parts)))
        found[territory_id] = next((paths[branch] for branch in branches if branch in paths), None)
    return found


# -- plans -------------------------------------------------------------------------------------------


def plans(scope: Scope) -> list[Plan]:
    """Plans whose places all lie in the scope, the one that begins last first."""
    found = Plan.objects.select_related("kit", "campaign").prefetch_related("territories").order_by("-starts_at", "-pk")
    return [plan for plan in found[:500] if covers_plan(scope, plan)]


def get_plan(scope: Scope, plan_id: int) -> Plan:
    """The plan. Raises PlanNotFound, also when one of its places is out of scope."""
    plan = Plan.objects.select_related("kit", "campaign").filter(pk=plan_id).first()
    if plan is None or not covers_plan(scope, plan):
        raise PlanNotFound
    return plan


def covers_plan(scope: Scope, plan: Plan) -> bool:
    """Whether all places of the plan lie in the scope."""
    places = [territory.pk for territory in plan.territories.all()]
    if scope.everywhere:
        return True
    paths = dict(Node.objects.current().filter(territory_id__in=places).values_list("path", "territory_id"))
    covered = {territory_id for path, territory_id in paths.items() if scope.covers(path)}
    return bool(places) and covered == set(places)


def groups_of_plan(plan: Plan, territory: Territory) -> list[ChatGroup]:
    """Open groups of one of the plan's places, whose admins hold one of its roles if it names some."""
    found = ChatGroup.objects.filter(
        campaign_id=plan.campaign_id,
        state__in=REACHABLE,
        serves__territory_id__in=territories.descendant_ids(territory),
    )
    if plan.roles:
        held = role_assignments().filter(role__code__in=plan.roles).order_by().values("account_id")
        found = found.filter(admin_id__in=held)
    return list(found.distinct().order_by("pk"))


def groups_to_carry(plan: Plan, territory: Territory) -> list[ChatGroup]:
    """Groups of one of the plan's places into which somebody has to carry the kit: no program posts there."""
    served = served_groups(plan.channels)
    return [group for group in groups_of_plan(plan, territory) if group.pk not in served]


def dry_run(plan: Plan) -> list[Forecast]:
    """What the plan would do at its time, by channel: places, refusals by rule, time and costs. Changes nothing.

    Each member counts once, with the first of the plan's channels that they agreed to; those who have a message about
    the kit already do not count. Citizens have lines of their own, behind those of members.
    """
    lines = {line.channel: line for line in _to_audience(plan, Audience.MEMBERS)}
    shown = [channel for channel in plan.channels if channel in lines or not direct.to_members([channel])]
    told = [
        lines[channel] if channel in lines else _by_hand(plan) if channel == ASSISTED else forecast(plan.pk, channel)
        for channel in shown
    ]
    return [*told, *_to_audience(plan, Audience.CITIZENS)]


def _to_audience(plan: Plan, audience: Audience) -> list[Forecast]:
    """A line for each channel by which the plan writes to these people; none where it does not name them."""
    if audience not in plan.audiences:
        return []
    ways = [direct.way_of(key) for key in direct.for_audience(plan.channels, audience)]
    counts = _by_way(ways, partial(_count_citizens if audience == Audience.CITIZENS else _count_members, plan))
    return [replace(_to_people(plan, way, counts[way.key]), audience=_shown(audience)) for way in ways]


def _by_hand(plan: Plan) -> Forecast:
    found = {group.pk: group for place in plan.territories.all() for group in groups_to_carry(plan, place)}
    places = served_by(set(found))
    asked = [(group_id, place) for group_id, served in places.items() for place in served]
    questions = [_question(plan, "assisted", place, whole=True) for _group, place in asked]
    refused: dict[int, str] = {}
    for (group_id, _place), answer in zip(asked, judge_all(questions), strict=True):
        if answer is not None and answer.final:
            refused.setdefault(group_id, answer.rule)
    allowed = Counter(group.admin_id for group in found.values() if group.pk not in refused)
    return forecast_by_hand(allowed, Counter(refused.values()))


def branches_of(plan: Plan) -> list[str]:
    """Paths of the plan's places."""
    return [territories.path_of(place.pk) for place in plan.territories.all()]


def _by_way(
    ways: Sequence[direct.Way], counted: Callable[[list[str]], Mapping[tuple[str, int], int]]
) -> dict[str, dict[int, int]]:
    """For each way, how many people of each place would be written to by it. ``counted``: by consent and place."""
    found: dict[str, dict[int, int]] = {way.key: {} for way in ways}
    if ways:
        first = {way.channel: way.key for way in reversed(ways)}  # of two for the same consent the first one
        for (channel, place), count in counted(direct.consents_of(ways)).items():
            found[first[channel]][place] = count
    return found


def _count_members(plan: Plan, channels: list[str]) -> Mapping[tuple[str, int], int]:
    written = messaging.written_about(f"kit:{plan.kit_id}")
    return members.first_way_counts(branches_of(plan), purpose=direct.PURPOSE, channels=channels, besides=written)


def _count_citizens(plan: Plan, channels: list[str]) -> Mapping[tuple[str, int], int]:
    written = partial(citizens_written, plan.kit)
    return members.first_citizen_way_counts(branches_of(plan), channels=channels, besides=written)


def members_written(kit: Kit, member_ids: Collection[int]) -> set[int]:
    """Those of the members who have or will have a message about the kit, also as the citizens that they were."""
    subject = f"kit:{kit.pk}"
    written = set(messaging.written_about(subject).filter(member_id__in=list(member_ids)))
    if messaging.went_to_citizens(subject):
        numbers = members.number_hashes_of(member_ids)
        for key in messaging.numbers_written_about(subject, numbers, waiting=False):
            written |= numbers[key]
    return written


def citizens_written(kit: Kit, people: Sequence[members.ReachedCitizen]) -> set[int]:
    """Those of the citizens whose number has or will have a message about the kit, whoever had it then."""
    subject = f"kit:{kit.pk}"
    numbers = messaging.numbers_written_about(subject, [who.number_hash for who in people])
    once = [member_id for who in people for member_id in who.once_members]
    left = set(messaging.written_about(subject).filter(member_id__in=once)) if once else set()
    return {who.citizen_id for who in people if who.number_hash in numbers or left & set(who.once_members)}


def _to_people(plan: Plan, way: direct.Way, counts: Mapping[int, int]) -> Forecast:
    template = direct.template_name(plan.kit, way.senders[0]) if way.senders else ""
    answers = judge_all([_question(plan, way.key, place, template=template) for place in counts])
    refused: Counter[str] = Counter()
    for count, answer in zip(counts.values(), answers, strict=True):
        if answer is not None:
            refused[answer.rule] += count
    allowed = sum(counts.values()) - refused.total()
    loads, costs = _loads_and_costs(plan, way, allowed)
    return Forecast(
        way.key,
        allowed + refused.total(),
        dict(refused),
        time_for(loads),
        None if None in costs else sum(cost or 0 for cost in costs),
        direct.obstacle_of(plan.kit, way, sending=True),
        direct.pictured(plan.kit, way),
        free=way.free and not any(costs),
    )


def _loads_and_costs(plan: Plan, way: direct.Way, count: int) -> tuple[list[Load], list[int | None]]:
    """What each sender would have to do, and what that costs at most. Without a sender nobody knows."""
    loads: list[Load] = []
    costs: list[int | None] = [] if way.senders else [None]
    parts = _parts(plan, way)
    for sender, share in zip(way.senders, share_out(count, len(way.senders) or 1), strict=False):
        pool = sender.portfolio
        loads.append(Load(share, sender.per_second, pool.per_day if pool else 0, pool.code if pool else ""))
        price = sender.prices.get(direct.PURPOSE, "0" if way.free else None)
        costs.append(cost(share, price, parts=parts))
    return loads or [Load(count)], costs


def _parts(plan: Plan, way: direct.Way) -> int:
    """How many messages the telephone companies count for one: of an SMS those of the longest text."""
    if way.channel != SMS:
        return 1
    texts = [item.free() for variants in direct.wordings(plan.kit, way).values() for item in variants]
    return max(map(sms_parts, texts), default=1)


def _question(
    plan: Plan, channel: str, territory_id: int, *, whole: bool = False, template: str = ""
) -> SendingQuestion:
    at = max(plan.starts_at, clock.now())
    return SendingQuestion(territory_id, channel, direct.PURPOSE, at, plan.kit_id, template, whole_branch=whole)


@dataclass(frozen=True, slots=True)
class WayProgress:
    """How far a plan has come by one channel: messages by state. ``opened``: how often citizens of its places opened
    the link of their messages about the kit; None: of members, each of whom has a link of their own."""

    channel: str
    states: Mapping[str, int]
    audience: str = ""
    opened: int | None = None

    @property
    def all(self) -> int:
        return sum(self.states.values())

    @property
    def out(self) -> int:
        """How many are with the provider or beyond, as far as anybody knows."""
        return sum(self.states.get(state, 0) for state in REACHED)


def progress(plan: Plan) -> list[WayProgress]:
    """What became of the plan's messages to members, by channel, in its order; then of those to citizens."""
    rows = plan.batches.values_list("batch_id", "audience", "sender__provider")
    batches = {batch_id: (_shown(audience), channel) for batch_id, audience, channel in rows}
    named = [audience for audience in Audience.values if audience in plan.audiences]
    keys = [(_shown(item), channel) for item in named for channel in direct.for_audience(plan.channels, item)]
    found: dict[tuple[str, str], Counter[str]] = {key: Counter() for key in keys}
    for batch_id, states in messaging.counts(list(batches)).items():
        found.setdefault(batches[batch_id], Counter()).update(states)
    return [
        WayProgress(channel, states, audience, _opened(plan, channel) if audience else None)
        for (audience, channel), states in found.items()
    ]


def _opened(plan: Plan, channel: str) -> int:
    places = [place.pk for place in plan.territories.all()]
    return sharing.opens_by_citizens(plan.kit, direct.channel_of(channel), places)


def _shown(audience: str) -> str:
    """Empty for members, whom everything is about unless it says otherwise."""
    return Audience.CITIZENS.value if audience == Audience.CITIZENS else ""


def plans_between(scope: Scope, begins: datetime, ends: datetime) -> list[Plan]:
    """Plans that begin between the two moments, the first one first; cancelled ones are left out."""
    found = Plan.objects.filter(starts_at__gte=begins, starts_at__lt=ends).exclude(state=PlanState.CANCELLED)
    found = found.select_related("kit").prefetch_related("territories").order_by("starts_at", "pk")
    return [plan for plan in found if covers_plan(scope, plan)]


# -- recalls -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecallReport:
    """What became of a recall: what is gone by itself, and of what people have to delete.

    ``beyond``: by channel, messages that had gone to people before, which nobody can take back.
    """

    recall: Recall
    gone: int
    asked: int
    stays: int
    nobody_left: int
    beyond: Sequence[Beyond] = ()

    @property
    def out(self) -> int:
        """Messages that had gone to people, by all channels."""
        return sum(item.out for item in self.beyond)

    @property
    def uncertain(self) -> int:
        """Messages of which nobody knows whether they had gone."""
        return sum(item.uncertain for item in self.beyond)

    @property
    def automatic_seconds(self) -> float | None:
        """How long it took until the last place was gone that needs nobody's hand; None: not yet."""
        done = self.recall.automatic_done_at
        return (done - self.recall.begun_at).total_seconds() if done else None


def was_recalled(kit: Kit) -> bool:
    """Whether there is a recall of the kit."""
    return Recall.objects.filter(kit=kit).exists()


def recall_of(scope: Scope, kit: Kit) -> RecallReport:
    """The recall of a kit, counted in the scope. Raises RecallNotFound: the kit was not recalled."""
    recall = Recall.objects.select_related("kit").filter(kit=kit).first()
    if recall is None:
        raise RecallNotFound
    counts = _places(scope, recall).aggregate(
        gone=Count("pk", filter=Q(state=RecallState.GONE)),
        asked=Count("pk", filter=Q(state=RecallState.ASKED)),
        stays=Count("pk", filter=Q(state=RecallState.STAYS)),
        nobody_left=Count("pk", filter=Q(state=RecallState.ASKED, nobody_left=True)),
    )
    fates = messaging.fates_of(scope, f"kit:{kit.pk}")
    return RecallReport(
        recall, **counts, beyond=beyond_recall((direct.channel_of(key), fate) for key, fate in fates.items())
    )


def recall_rest(scope: Scope, recall: Recall) -> QuerySet[RecallPlace]:
    """Places in which the kit may still stand, each with the person who is asked, the latest first."""
    rest = _places(scope, recall).exclude(state=RecallState.GONE)
    return rest.select_related("person", "relay__group__territory").order_by("-nobody_left", "due_at", "pk")


def get_recall_place(scope: Scope, place_id: int) -> RecallPlace:
    """A place of a recall. Raises RecallNotFound, also when its group is out of scope."""
    groups = ChatGroup.objects.within(scope)
    place = RecallPlace.objects.select_related("relay__group", "recall__kit").filter(
        pk=place_id, relay__group__in=groups
    )
    found = place.first()
    if found is None:
        raise RecallNotFound
    return found


def _places(scope: Scope, recall: Recall) -> QuerySet[RecallPlace]:
    found = RecallPlace.objects.filter(recall=recall)
    return found if scope.everywhere else found.filter(relay__group__in=ChatGroup.objects.within(scope))
