"""Plans: which kit goes where, when and by which channels; tried out, scheduled, carried out."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from toli.access.domain.permissions import KITS_RELEASE
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.chatgroups import selectors as chatgroups
from toli.compliance.services import require_channel
from toli.content import selectors as content
from toli.content import services as content_services
from toli.core import clock
from toli.core.events import publish
from toli.distribution import direct, selectors
from toli.distribution.direct import ASSISTED
from toli.distribution.errors import (
    OBSTACLES,
    ChannelNotReady,
    CitizensNotReached,
    KitNotApproved,
    PlanIncomplete,
    PlanNotFound,
    PlanStateWrong,
)
from toli.distribution.events import PlanStarted
from toli.distribution.models import Plan, PlanState
from toli.distribution.services.relaying import RELEASABLE, add_relays, distribute
from toli.messaging.models import Audience
from toli.territories import selectors as territories


@transaction.atomic
def make_plan(
    *,
    actor: Actor,
    kit_id: int,
    campaign_code: str,
    territory_codes: Sequence[str],
    channels: Sequence[str],
    starts_at: datetime,
    roles: Sequence[str] = (),
    languages: Sequence[str] = (),
    audiences: Sequence[str] = (Audience.MEMBERS.value,),
) -> Plan:
    """A plan that can be tried out; it does nothing until it is scheduled.

    ``channels``: people's hands and keys of providers. A member is written to by the first that they agreed to.
    ``audiences``: whom providers write to: members, citizens who agreed, or both.

    Raises:
        KitNotFound. TerritoryNotFound: not in the actor's area. CampaignNotFound. PlanIncomplete.
        ChannelBarred: the organisation may not use one of the channels.
        CitizensNotReached: none of the channels is one that citizens are asked about.
    """
    scope = scope_for(actor, KITS_RELEASE)
    kit = content.get_kit(scope, kit_id)
    places = [territories.get_territory(scope, code) for code in dict.fromkeys(territory_codes)]
    if not places or not channels or not set(channels) <= set(direct.channels()):
        raise PlanIncomplete
    if not audiences or not set(audiences) <= set(Audience.values):
        raise PlanIncomplete
    if Audience.CITIZENS in audiences and not direct.to_citizens(channels):
        raise CitizensNotReached
    for channel in channels:
        require_channel(channel)
    plan = Plan.objects.create(
        kit=kit,
        campaign=chatgroups.get_campaign(campaign_code),
        channels=list(dict.fromkeys(channels)),
        audiences=[item for item in Audience.values if item in audiences],
        roles=list(roles),
        languages=list(languages),
        starts_at=starts_at,
        created_at=clock.now(),
        created_by_id=actor.id,
    )
    plan.territories.set(places)
    _trace(actor, "distribution.plan", plan)
    return plan


@transaction.atomic
def schedule_plan(*, actor: Actor, plan_id: int) -> Plan:
    """Let the plan begin by itself at its time; at once when that is past. Safe to repeat.

    Raises:
        PlanNotFound. PlanStateWrong. KitNotApproved.
        ChannelBarred: the organisation may not use one of its channels any more.
        ChannelNotReady: nothing sends by one of its channels, or it cannot carry the kit.
    """
    plan = _locked(scope_for(actor, KITS_RELEASE), plan_id)
    if plan.state == PlanState.SCHEDULED:
        return plan
    if plan.state != PlanState.DRAFT:
        raise PlanStateWrong(state=PlanState(plan.state).label)
    if plan.kit.state not in RELEASABLE:
        raise KitNotApproved
    for channel in plan.channels:
        require_channel(channel)
    for channel in direct.to_members(plan.channels):
        obstacle = direct.obstacle_of(plan.kit, direct.way_of(channel), sending=True)
        if obstacle is not None:
            raise ChannelNotReady(channel=channel, reason=OBSTACLES[obstacle])
    content_services.mark_scheduled(actor=actor, kit_id=plan.kit_id)
    return _move(actor, plan, PlanState.SCHEDULED, "distribution.schedule")


@transaction.atomic
def cancel_plan(*, actor: Actor, plan_id: int) -> Plan:
    """The plan does not begin. Safe to repeat. Raises PlanNotFound, PlanStateWrong: it has begun."""
    plan = _locked(scope_for(actor, KITS_RELEASE), plan_id)
    if plan.state == PlanState.CANCELLED:
        return plan
    if plan.state == PlanState.STARTED:
        raise PlanStateWrong(state=PlanState(plan.state).label)
    _move(actor, plan, PlanState.CANCELLED, "distribution.cancel")
    if not plan.kit.plans.filter(state=PlanState.SCHEDULED).exists():
        content_services.mark_unscheduled(actor=actor, kit_id=plan.kit_id)
    return plan


def start_due_plans() -> int:
    """Begin what is due. Returns how many plans began or were given up. Safe to repeat at any time."""
    due = Plan.objects.filter(state=PlanState.SCHEDULED, starts_at__lte=clock.now()).order_by("starts_at", "pk")
    return sum(_start(plan_id) for plan_id in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _start(plan_id: int) -> int:
    plan = Plan.objects.select_for_update(of=("self",)).select_related("kit", "campaign").get(pk=plan_id)
    if plan.state != PlanState.SCHEDULED:
        return 0
    if plan.kit.state not in RELEASABLE:  # withdrawn meanwhile
        _move(SYSTEM, plan, PlanState.CANCELLED, "distribution.cancel")
        return 1
    content_services.mark_live(actor=SYSTEM, kit_id=plan.kit_id)
    if ASSISTED in plan.channels:
        for territory in plan.territories.all():
            distribution, _new = distribute(SYSTEM, plan.kit, plan.campaign, territory, plan.languages)
            add_relays(distribution, selectors.groups_to_carry(plan, territory))
    plan.started_at = clock.now()
    _move(SYSTEM, plan, PlanState.STARTED, "distribution.start")
    publish(PlanStarted(plan_id=plan.pk))
    return 1


def _locked(scope: Scope, plan_id: int) -> Plan:
    plan = Plan.objects.select_for_update(of=("self",)).select_related("kit").filter(pk=plan_id).first()
    if plan is None or not selectors.covers_plan(scope, plan):
        raise PlanNotFound
    return plan


def _move(actor: Actor, plan: Plan, state: PlanState, action: str) -> Plan:
    plan.state = state
    plan.save(update_fields=["state", "started_at"])
    _trace(actor, action, plan)
    return plan


def _trace(actor: Actor, action: str, plan: Plan) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"plan:{plan.pk}",
        territory_id=plan.kit.territory_id,
        details={"kit": plan.kit_id, "channels": plan.channels, "audiences": plan.audiences},
    )
