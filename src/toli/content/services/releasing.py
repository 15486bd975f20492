"""From approved to withdrawn."""

from django.db import transaction

from toli.access.domain.permissions import KITS_RELEASE
from toli.accounts.domain.actor import Actor
from toli.compliance import services as compliance
from toli.content.errors import ReasonMissing
from toli.content.events import KitWithdrawn
from toli.content.models import Kit, KitState
from toli.content.services.acting import locked, move
from toli.core import clock
from toli.core.events import publish


@transaction.atomic
def mark_scheduled(*, actor: Actor, kit_id: int) -> Kit:
    """The kit will go out by itself; repeating it, or a kit that is live, changes nothing."""
    kit = locked(actor, KITS_RELEASE, kit_id)
    if kit.state in {KitState.SCHEDULED, KitState.LIVE}:
        return kit
    return move(actor, kit, KitState.SCHEDULED, "content.schedule")


@transaction.atomic
def mark_unscheduled(*, actor: Actor, kit_id: int) -> Kit:
    """Nothing is planned for the kit any more; of one that is not scheduled nothing changes."""
    kit = locked(actor, KITS_RELEASE, kit_id)
    return move(actor, kit, KitState.APPROVED, "content.unschedule") if kit.state == KitState.SCHEDULED else kit


@transaction.atomic
def mark_live(*, actor: Actor, kit_id: int) -> Kit:
    """The kit is being handed out from now on; repeating it changes nothing."""
    kit = locked(actor, KITS_RELEASE, kit_id)
    if kit.state == KitState.LIVE:
        return kit
    kit.live_at = clock.now()
    return move(actor, kit, KitState.LIVE, "content.live")


@transaction.atomic
def withdraw_kit(*, actor: Actor, kit_id: int, reason: str) -> Kit:
    """Take the kit back. Share pages say so from the next request on. Raises ReasonMissing, KitStateWrong."""
    if not reason.strip():
        raise ReasonMissing
    kit = locked(actor, KITS_RELEASE, kit_id)
    kit.withdrawn_at, kit.withdrawn_because = clock.now(), reason.strip()[:300]
    move(actor, kit, KitState.WITHDRAWN, "content.withdraw")
    compliance.withdraw_clearance(kit_id=kit.pk)
    publish(KitWithdrawn(kit_id=kit.pk))
    return kit
