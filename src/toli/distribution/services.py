"""Sending a kit to the groups of a territory, by the hands of their admins."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from toli.access.domain.permissions import GROUPS_MANAGE, KITS_RELEASE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.audit import services as audit
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups.models import ChatGroup, GroupState
from toli.content import selectors as content
from toli.content import services as content_services
from toli.content.domain.passport import variant_for
from toli.content.models import KitState
from toli.core import clock
from toli.core.events import publish
from toli.distribution.errors import KitNotApproved, RelayNotFound
from toli.distribution.events import RelayConfirmed
from toli.distribution.models import Distribution, Relay, RelayState
from toli.territories import selectors as territories

RELAY_WITHIN = timedelta(hours=6)
REACHABLE = (GroupState.OPEN, GroupState.DIVIDING, GroupState.NEWS)


@transaction.atomic
def release_kit(*, actor: Actor, kit_id: int, campaign_code: str, territory_code: str) -> Distribution:
    """Send an approved kit to the groups of a territory: one relay for each group that is open.

    Groups that open later get theirs when they do. Repeating it asks nobody twice.

    Raises:
        TerritoryNotFound, KitNotFound, CampaignNotFound. KitNotApproved.
    """
    scope = scope_for(actor, KITS_RELEASE)
    territory = territories.get_territory(scope, territory_code)
    kit = content.get_kit(scope, kit_id)
    if kit.state not in {KitState.APPROVED, KitState.LIVE}:
        raise KitNotApproved
    campaign = chatgroups.get_campaign(campaign_code)
    content_services.mark_live(actor=actor, kit_id=kit.pk)
    distribution, created = Distribution.objects.get_or_create(
        kit=kit,
        campaign=campaign,
        territory=territory,
        defaults={"created_at": clock.now(), "created_by_id": actor.id},
    )
    found = chatgroups.groups(scope, territory=territory, campaign=campaign).filter(state__in=REACHABLE)
    _add_relays(distribution, list(found))
    if created:
        audit.record_act(
            actor,
            action="distribution.release",
            target=f"kit:{kit.pk}",
            territory_id=territory.pk,
            details={"territory": territory.code, "campaign": campaign.code},
        )
    return distribution


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
            added += _add_relays(distribution, [group])
    return added


@transaction.atomic
def confirm_relay(*, actor: Actor, relay_id: int) -> Relay:
    """The group's admin says that the kit has been posted. Safe to repeat.

    Raises:
        RelayNotFound: not the actor's group, nor one that they manage.
    """
    relay = Relay.objects.select_for_update(of=("self",)).select_related("group").filter(pk=relay_id).first()
    if relay is None or not _may_confirm(actor, relay):
        raise RelayNotFound
    if relay.state == RelayState.CONFIRMED:
        return relay
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
    waiting = Relay.objects.filter(kit_id=kit_id, state=RelayState.WAITING)
    return assignments.cancel_for_subjects(kind="relay_kit", subjects=[f"relay:{relay.pk}" for relay in waiting])


def _may_confirm(actor: Actor, relay: Relay) -> bool:
    if actor.id is not None and relay.group.admin_id == actor.id:
        return True
    managed = ChatGroup.objects.within(scope_for(actor, GROUPS_MANAGE))
    return managed.filter(pk=relay.group_id).exists()


def _add_relays(distribution: Distribution, groups: Iterable[ChatGroup]) -> int:
    have = set(Relay.objects.filter(kit_id=distribution.kit_id).values_list("group_id", flat=True))
    wanted = [group for group in groups if group.pk not in have]
    variants = max(len(item.texts) for item in distribution.kit.renditions.all())
    new = Relay.objects.bulk_create(
        [
            Relay(
                distribution=distribution,
                kit_id=distribution.kit_id,
                group=group,
                language="hi",
                variant=variant_for(group.pk, variants),
            )
            for group in wanted
        ]
    )
    due_at = clock.now() + RELAY_WITHIN
    assignments.assign_many(
        [
            WorkOrder(
                kind="relay_kit",
                assignee_id=relay.group.admin_id,
                territory_id=relay.group.territory_id,
                subject=f"relay:{relay.pk}",
                due_at=due_at,
                details={"relay_id": relay.pk, "group": relay.group.name, "kit": distribution.kit.code},
            )
            for relay in new
        ]
    )
    return len(new)
