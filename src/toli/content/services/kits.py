"""Writing kits: the draft, its changes, and asking for approval."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from toli.access.domain.permissions import KITS_EDIT
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.content import selectors
from toli.content.domain.mails import subject_fits
from toli.content.domain.passport import RenditionDraft, faults_of
from toli.content.domain.platforms import PLATFORMS
from toli.content.errors import ActAddressInvalid, KitExists, KitIncomplete, KitStateWrong
from toli.content.models import Kit, KitState, PlatformText, Rendition
from toli.content.services.acting import locked, move, named, trace
from toli.content.services.pictures import PictureDraft, attach, relabel
from toli.content.services.videos import remake
from toli.core import clock
from toli.core.domain.addresses import AddressRefused, web_address
from toli.territories import selectors as territories


@dataclass(frozen=True, slots=True)
class PlatformDraft:
    """Other words for one platform; without texts those of the rendition are used, without a subject its title."""

    language: str
    platform: str
    texts: tuple[str, ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class KitEdits:
    """What shall be different; None: as it is."""

    renditions: Sequence[RenditionDraft] | None = None
    platform_texts: Sequence[PlatformDraft] = field(default=())
    act_url: str | None = None
    topic: str | None = None
    certificate_number: str | None = None
    made_with_ai: bool | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


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
    topic: str = "",
    picture: PictureDraft | None = None,
    platform_texts: Sequence[PlatformDraft] = (),
) -> Kit:
    """A draft. Raises TerritoryNotFound, KitExists, ActAddressInvalid, KitIncomplete (parts and language)."""
    territory = territories.get_territory(scope_for(actor, KITS_EDIT), territory_code)
    if Kit.objects.filter(code=code).exists():
        raise KitExists(kit=code)
    _require_whole(renditions, valid_from, valid_until)
    kit = Kit.objects.create(
        code=code,
        territory=territory,
        act_url=_act_address(act_url),
        topic=topic.strip()[:80],
        certificate_number=certificate_number,
        made_with_ai=made_with_ai,
        valid_from=valid_from,
        valid_until=valid_until,
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    _write(kit, renditions)
    _write_platforms(kit, platform_texts)
    trace(actor, "content.create", kit)
    if picture:
        attach(actor, kit, picture)
    return kit


@transaction.atomic
def edit_kit(*, actor: Actor, kit_id: int, edits: KitEdits) -> Kit:
    """Change a draft. Raises KitNotFound, KitStateWrong, ActAddressInvalid, KitIncomplete."""
    kit = locked(actor, KITS_EDIT, kit_id)
    if kit.state != KitState.DRAFT:
        raise KitStateWrong(state=KitState(kit.state).label)
    changed = apply_edits(kit, edits)
    if changed:
        trace(actor, "content.edit", kit, changed=changed)
    return kit


@transaction.atomic
def submit_kit(*, actor: Actor, kit_id: int) -> Kit:
    """Ask for approval. Raises KitIncomplete: what the passport lacks; KitNotFound; KitStateWrong."""
    kit = locked(actor, KITS_EDIT, kit_id)
    require_passport(kit)
    return move(actor, kit, KitState.IN_REVIEW, "content.submit")


def require_passport(kit: Kit) -> None:
    """Raises KitIncomplete: what is missing for the kit's place and time, by name."""
    blocked = selectors.lacks(kit)
    if blocked:
        raise KitIncomplete(missing=named(blocked))


def apply_edits(kit: Kit, edits: KitEdits) -> list[str]:
    """Carry out edits of a kit that the caller has locked. Returns which fields are different now.

    Raises:
        KitIncomplete. ActAddressInvalid.
    """
    begins, ends = edits.valid_from or kit.valid_from, edits.valid_until or kit.valid_until
    renditions = edits.renditions if edits.renditions is not None else list(_drafts(kit))
    _require_whole(renditions, begins, ends)
    wanted: dict[str, Any] = {
        "act_url": _act_address(edits.act_url) if edits.act_url is not None else None,
        "topic": edits.topic,
        "certificate_number": edits.certificate_number,
        "made_with_ai": edits.made_with_ai,
        "valid_from": edits.valid_from,
        "valid_until": edits.valid_until,
    }
    changed = [name for name, value in wanted.items() if value is not None and value != getattr(kit, name)]
    for name in changed:
        setattr(kit, name, wanted[name])
    kit.save(update_fields=changed)
    if "made_with_ai" in changed:
        relabel(kit)
        remake(kit)
    if edits.renditions is not None and list(edits.renditions) != list(_drafts(kit)):
        _write(kit, edits.renditions)
        changed.append("texts")
    return changed + _write_platforms(kit, edits.platform_texts)


def _drafts(kit: Kit) -> Iterable[RenditionDraft]:
    for item in Rendition.objects.filter(kit=kit).order_by("-language"):
        yield RenditionDraft(item.language, item.title, tuple(item.texts), item.act_label)


def _write(kit: Kit, renditions: Sequence[RenditionDraft]) -> None:
    Rendition.objects.filter(kit=kit).delete()
    Rendition.objects.bulk_create(
        Rendition(kit=kit, language=item.language, title=item.title, texts=list(item.texts), act_label=item.act_label)
        for item in renditions
    )


def _write_platforms(kit: Kit, drafts: Sequence[PlatformDraft]) -> list[str]:
    """Other words for platforms. Raises KitIncomplete: they do not fit there."""
    have = {
        (item.language, item.platform): (tuple(item.texts), item.subject)
        for item in PlatformText.objects.filter(kit=kit)
    }
    new = [item for item in drafts if have.get((item.language, item.platform), ((), "")) != (item.texts, item.subject)]
    too_long = [
        f"platform:{PLATFORMS[item.platform].name}"
        for item in new
        if any(PLATFORMS[item.platform].count(text) > PLATFORMS[item.platform].most for text in item.texts)
    ]
    too_long += [f"subject:{item.language}" for item in new if not subject_fits(item.subject)]
    if too_long:
        raise KitIncomplete(missing=named(too_long))
    for item in new:
        _write_platform(kit, item)
    return [f"{item.platform}:{item.language}" for item in new]


def _write_platform(kit: Kit, draft: PlatformDraft) -> None:
    key: Mapping[str, Any] = {"kit": kit, "language": draft.language, "platform": draft.platform}
    if draft.texts or draft.subject:
        own = {"texts": list(draft.texts), "subject": draft.subject}
        PlatformText.objects.update_or_create(**key, defaults=own)
    else:
        PlatformText.objects.filter(**key).delete()


def _require_whole(renditions: Sequence[RenditionDraft], valid_from: datetime, valid_until: datetime) -> None:
    faults = [f"{fault}:{item.language}" for item in renditions for fault in faults_of(item)]
    if faults or not renditions or valid_until <= valid_from:
        raise KitIncomplete(missing=named(faults or ["rendition" if not renditions else "validity"]))


def _act_address(text: str) -> str:
    try:
        return web_address(text)
    except AddressRefused:
        raise ActAddressInvalid from None
