"""Writing, checking, approving and withdrawing kits."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from toli.access.domain.permissions import KITS_APPROVE, KITS_EDIT, KITS_RELEASE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.compliance import services as compliance
from toli.compliance.selectors import get_organisation
from toli.content.domain.passport import Passport, RenditionDraft, faults_of, may_become, missing
from toli.content.errors import (
    ActAddressInvalid,
    KitExists,
    KitIncomplete,
    KitStateWrong,
    ReasonMissing,
    SamePerson,
)
from toli.content.events import KitWithdrawn
from toli.content.models import Kit, KitState, Rendition
from toli.content.services.acting import locked, named, trace
from toli.content.services.pictures import PictureDraft, attach
from toli.core import clock
from toli.core.domain.addresses import AddressRefused, web_address
from toli.core.events import publish
from toli.territories import selectors as territories


@transaction.atomic
def create_kit(
    *,
    actor: Actor,
    code: str,
    territory_code: str,
    act_url: str,
    renditions: Sequence[RenditionDraft],
    valid_from: datetime,
    valid_until: datetime,
    certificate_number: str = "",
    made_with_ai: bool = False,
    picture: PictureDraft | None = None,
) -> Kit:
    """A draft. Raises TerritoryNotFound, KitExists, ActAddressInvalid, KitIncomplete (parts and language)."""
    territory = territories.get_territory(scope_for(actor, KITS_EDIT), territory_code)
    if Kit.objects.filter(code=code).exists():
        raise KitExists(kit=code)
    faults = [f"{fault}:{item.language}" for item in renditions for fault in faults_of(item)]
    if faults or not renditions or valid_until <= valid_from:
        raise KitIncomplete(missing=named(faults or ["rendition" if not renditions else "validity"]))
    kit = Kit.objects.create(
        code=code,
        territory=territory,
        act_url=_act_address(act_url),
        certificate_number=certificate_number,
        made_with_ai=made_with_ai,
        valid_from=valid_from,
        valid_until=valid_until,
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    Rendition.objects.bulk_create(
        Rendition(kit=kit, language=item.language, title=item.title, texts=list(item.texts), act_label=item.act_label)
        for item in renditions
    )
    trace(actor, "content.create", kit)
    if picture:
        attach(actor, kit, picture)
    return kit


@transaction.atomic
def submit_kit(*, actor: Actor, kit_id: int) -> Kit:
    """Ask for approval. Raises KitIncomplete: what the passport lacks; KitNotFound; KitStateWrong."""
    kit = locked(actor, KITS_EDIT, kit_id)
    organisation = get_organisation()
    passport = Passport(
        organisation_kind=organisation.kind,
        imprints={"hi": organisation.imprint_hi, "en": organisation.imprint_en},
        certificate_number=kit.certificate_number,
        valid_from=kit.valid_from,
        valid_until=kit.valid_until,
        renditions=[
            RenditionDraft(item.language, item.title, tuple(item.texts), item.act_label)
            for item in kit.renditions.all()
        ],
    )
    blocked = missing(passport)
    if blocked:
        raise KitIncomplete(missing=named(blocked))
    return _move(actor, kit, KitState.IN_REVIEW, "content.submit")


@transaction.atomic
def approve_kit(*, actor: Actor, kit_id: int) -> Kit:
    """Let the kit go out. Raises SamePerson: the author asks someone else; KitNotFound; KitStateWrong."""
    kit = locked(actor, KITS_APPROVE, kit_id)
    if actor.id is not None and kit.created_by_id == actor.id and get_organisation().two_people:
        raise SamePerson
    kit.approved_by_id, kit.approved_at = actor.id, clock.now()
    compliance.clear_kit(
        kit_id=kit.pk,
        certificate_number=kit.certificate_number,
        valid_from=kit.valid_from,
        valid_until=kit.valid_until,
    )
    return _move(actor, kit, KitState.APPROVED, "content.approve")


@transaction.atomic
def mark_live(*, actor: Actor, kit_id: int) -> Kit:
    """The kit is being handed out from now on; repeating it changes nothing."""
    kit = locked(actor, KITS_RELEASE, kit_id)
    if kit.state == KitState.LIVE:
        return kit
    kit.live_at = clock.now()
    return _move(actor, kit, KitState.LIVE, "content.live")


@transaction.atomic
def withdraw_kit(*, actor: Actor, kit_id: int, reason: str) -> Kit:
    """Take the kit back. Share pages say so from the next request on. Raises ReasonMissing, KitStateWrong."""
    if not reason.strip():
        raise ReasonMissing
    kit = locked(actor, KITS_RELEASE, kit_id)
    kit.withdrawn_at, kit.withdrawn_because = clock.now(), reason.strip()[:300]
    _move(actor, kit, KitState.WITHDRAWN, "content.withdraw")
    compliance.withdraw_clearance(kit_id=kit.pk)
    publish(KitWithdrawn(kit_id=kit.pk))
    return kit


def _act_address(text: str) -> str:
    try:
        return web_address(text)
    except AddressRefused:
        raise ActAddressInvalid from None


def _move(actor: Actor, kit: Kit, state: KitState, action: str) -> Kit:
    if not may_become(kit.state, state):
        raise KitStateWrong(state=KitState(kit.state).label)
    kit.state = state
    kit.save()
    trace(actor, action, kit)
    return kit
