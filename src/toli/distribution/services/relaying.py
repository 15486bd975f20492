"""Sending a kit to the groups of a territory, by the hands of their admins."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.db import transaction

from toli.access.domain.permissions import GROUPS_MANAGE, KITS_RELEASE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.audit import services as audit
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups.models import Campaign, ChatGroup
from toli.compliance.services import Refusal, SendingQuestion, judge_sendings
from toli.content import selectors as content
from toli.content import services as content_services
from toli.content.domain.passport import variant_for
from toli.content.models import Kit, KitState
from toli.core import clock
from toli.core.events import publish
from toli.distribution import selectors
from toli.distribution.domain.escalation import FIRST_TERM, Step
from toli.distribution.errors import KitNotApproved, RelayHeldBack, RelayNotFound
from toli.distribution.events import RelayConfirmed
from toli.distribution.models import Distribution, Relay, RelayAsking, RelayState
from toli.territories import selectors as territories
from toli.territories.models import Territory

RELAY_WITHIN: timedelta = FIRST_TERM
RELEASABLE = frozenset({KitState.APPROVED, KitState.SCHEDULED, KitState.LIVE})


@transaction.atomic
def release_kit(*, actor: Actor, kit_id: int, campaign_code: str, territory_code: str) -> Distribution:
    """Send an approved kit to the groups of a territory: one relay for each group that is open.

    Groups that open later get theirs when they do. A group in which a rule forbids it now gets none, and the rule is
    recorded. Repeating it asks nobody twice.

    Raises:
        TerritoryNotFound, KitNotFound, CampaignNotFound. KitNotApproved.
    """
    scope = scope_for(actor, KITS_RELEASE)
    territory = territories.get_territory(scope, territory_code)
    kit = content.get_kit(scope, kit_id)
    if kit.state not in RELEASABLE:
        raise KitNotApproved
    campaign = chatgroups.get_campaign(campaign_code)
    content_services.mark_live(actor=actor, kit_id=kit.pk)
    distribution, created = distribute(actor, kit, campaign, territory)
    found = chatgroups.groups(scope, territory=territory, campaign=campaign).filter(state__in=selectors.REACHABLE)
    add_relays(distribution, list(found))
    if created:
        audit.record_act(
            actor,
            action="distribution.release",
            target=f"kit:{kit.pk}",
            territory_id=territory.pk,
            details={"territory": territory.code, "campaign": campaign.code},
        )
    return distribution


def distribute(
    actor: Actor, kit: Kit, campaign: Campaign, territory: Territory, languages: Sequence[str] = ()
) -> tuple[Distribution, bool]:
    """The record that the kit goes to this territory, and whether it is new."""
    fields = {"created_at": clock.now(), "created_by_id": actor.id, "languages": list(languages)}
    return Distribution.objects.get_or_create(kit=kit, campaign=campaign, territory=territory, defaults=fields)


@transaction.atomic
def add_relays_for_group(*, group_id: int) -> int:
    """Let a group that has just opened have what is live where it stands. Returns how many relays are new."""
    group = ChatGroup.objects.get(pk=group_id)
    paths = [path for item in group.serves.all() for path in territories.paths_of(item.territory_id)]
    now, added = clock.now(), 0
    live = Distribution.objects.filter(
        campaign_id=group.campaign_id,
        kit__state=KitState.LIVE,
        kit__valid_until__gt=now,
    ).select_related("kit", "territory")
    for distribution in live:
        branch = territories.path_of(distribution.territory_id)
        if any(path.startswith(branch) for path in paths):
            added += add_relays(distribution, [group])
    return added


@transaction.atomic
def confirm_relay(*, actor: Actor, relay_id: int) -> Relay:
    """One of the group's admins, or whoever was asked, says that the kit has been posted. Safe to repeat.

    Raises:
        RelayNotFound: not the actor's group, nor one that they manage. RelayHeldBack.
    """
    relay = Relay.objects.select_for_update(of=("self",)).select_related("group").filter(pk=relay_id).first()
    if relay is None or not _may_confirm(actor, relay):
        raise RelayNotFound
    if relay.state == RelayState.CONFIRMED:
        return relay
    if relay.state != RelayState.WAITING:
        raise RelayHeldBack
    relay.state, relay.confirmed_at, relay.confirmed_by_id = RelayState.CONFIRMED, clock.now(), actor.id
    relay.save(update_fields=["state", "confirmed_at", "confirmed_by"])
    assignments.complete_for_subject(kind="relay_kit", subject=f"relay:{relay.pk}", done_by_id=actor.id)
    audit.record_act(
        actor,
        action="distribution.confirm",
        target=f"relay:{relay.pk}",
        territory_id=relay.group.territory_id,
    )
    publish(RelayConfirmed(relay_id=relay.pk))
    return relay


@transaction.atomic
def cancel_relays(*, kit_id: int) -> int:
    """Nobody is asked any more to post a kit that was withdrawn. Returns how many tasks were taken back."""
    waiting = list(Relay.objects.select_for_update().filter(kit_id=kit_id, state=RelayState.WAITING))
    Relay.objects.filter(pk__in=[relay.pk for relay in waiting]).update(state=RelayState.CANCELLED)
    return assignments.cancel_for_subjects(kind="relay_kit", subjects=[f"relay:{relay.pk}" for relay in waiting])


@transaction.atomic
def expire_relays() -> int:
    """Take back what may not be posted any more: a silence has begun, the kit has expired. Returns how many."""
    waiting = list(Relay.objects.select_for_update().filter(state=RelayState.WAITING).order_by("pk"))
    answers = judge_groups({relay.pk: (relay.group_id, relay.kit_id) for relay in waiting})
    over = {relay.pk: answers[relay.pk] for relay in waiting if answers[relay.pk] is not None}
    for relay_id, refusal in over.items():
        Relay.objects.filter(pk=relay_id).update(state=RelayState.REFUSED, rule=refusal.rule if refusal else "")
    assignments.cancel_for_subjects(kind="relay_kit", subjects=[f"relay:{relay_id}" for relay_id in over])
    return len(over)


def judge_groups(wanted: Mapping[int, tuple[int, int]], *, record: bool = True) -> dict[int, Refusal | None]:
    """For each key, whether a kit may go into a group now: ``{key: (group, kit)}``. The first final refusal counts.

    A group is heard in every place that it serves, and below.
    """
    places = selectors.served_by({group_id for group_id, _kit in wanted.values()})
    asked, questions, now = [], [], clock.now()
    for key, (group_id, kit_id) in wanted.items():
        for territory_id in places[group_id]:
            asked.append(key)
            questions.append(SendingQuestion(territory_id, "assisted", "content", now, kit_id, whole_branch=True))
    found: dict[int, Refusal | None] = dict.fromkeys(wanted)
    answers = judge_sendings(questions) if record else selectors.judged(questions)
    for key, answer in zip(asked, answers, strict=True):
        if answer is not None and answer.final:
            found[key] = found[key] or answer
    return found


def _may_confirm(actor: Actor, relay: Relay) -> bool:
    people = {relay.group.admin_id, selectors.deputy_of(relay.group), relay.asked_id}
    if actor.id is not None and actor.id in people:
        return True
    managed = ChatGroup.objects.within(scope_for(actor, GROUPS_MANAGE))
    return managed.filter(pk=relay.group_id).exists()


def add_relays(distribution: Distribution, groups: Iterable[ChatGroup]) -> int:
    """Ask the admins of groups that have no relay of this kit yet. Returns how many relays are new."""
    have = set(Relay.objects.filter(kit_id=distribution.kit_id).values_list("group_id", flat=True))
    wanted = [group for group in groups if group.pk not in have]
    refused = judge_groups({group.pk: (group.pk, distribution.kit_id) for group in wanted})
    variants = max(len(item.texts) for item in distribution.kit.renditions.all())
    language = next(iter(distribution.languages), "hi")
    due_at = clock.now() + RELAY_WITHIN
    new = Relay.objects.bulk_create(
        [_relay(distribution, group, language, variant_for(group.pk, variants), refused[group.pk]) for group in wanted]
    )
    asked = [relay for relay in new if relay.state == RelayState.WAITING]
    for relay in asked:
        relay.due_at = due_at
    Relay.objects.filter(pk__in=[relay.pk for relay in asked]).update(due_at=due_at)
    ask(asked, distribution.kit.code)
    return len(new)


def ask(relays: Sequence[Relay], kit_code: str) -> None:
    """Give the work to whoever each relay is asked of now, and remember that they were asked."""
    now = clock.now()
    RelayAsking.objects.bulk_create(
        [
            RelayAsking(relay=relay, account_id=relay.asked_id, step=relay.step, asked_at=now)
            for relay in relays
            if relay.asked_id
        ],
        ignore_conflicts=True,
    )
    assignments.assign_many(
        [
            WorkOrder(
                kind="relay_kit",
                assignee_id=relay.asked_id or relay.group.admin_id,
                territory_id=relay.group.territory_id,
                subject=f"relay:{relay.pk}",
                due_at=relay.due_at or now,
                details={"relay_id": relay.pk, "group": relay.group.name, "kit": kit_code},
            )
            for relay in relays
        ]
    )


def _relay(distribution: Distribution, group: ChatGroup, language: str, variant: int, refusal: Refusal | None) -> Relay:
    return Relay(
        distribution=distribution,
        kit_id=distribution.kit_id,
        group=group,
        language=language,
        variant=variant,
        state=RelayState.REFUSED if refusal else RelayState.WAITING,
        rule=refusal.rule if refusal else "",
        asked_id=group.admin_id,
        step=Step.ADMIN,
    )
