"""Reads about kits. A kit is seen by whoever's area it reaches: from above and from below."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from toli.access.domain.scope import Scope
from toli.compliance.selectors import certified_elections, get_organisation
from toli.content.domain.languages import language_for
from toli.content.domain.passport import Passport, RenditionDraft, missing
from toli.content.errors import KitNotFound, PictureNotFound
from toli.content.models import (
    FileKind,
    Kit,
    KitFile,
    KitMedia,
    KitPicture,
    KitReview,
    KitState,
    PlatformText,
    Rendition,
)
from toli.core import clock
from toli.territories import selectors as territories
from toli.territories.domain.paths import branches_above
from toli.territories.models import Node


def kits(scope: Scope) -> QuerySet[Kit]:
    """Kits of territories in the scope, and what was released in territories above it, newest first."""
    found = Kit.objects.select_related("territory").prefetch_related("renditions").order_by("-created_at", "-pk")
    if scope.everywhere:
        return found
    above = {prefix for path in scope.paths for prefix in branches_above(path)}
    return found.filter(
        Q(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))
        | Q(
            territory_id__in=Node.objects.current().filter(path__in=above).values("territory_id"),
            state__in=[KitState.LIVE, KitState.WITHDRAWN],
        )
    )


def get_kit(scope: Scope, kit_id: int) -> Kit:
    """The kit. Raises KitNotFound, also when it does not reach the scope."""
    kit = kits(scope).filter(pk=kit_id).first()
    if kit is None:
        raise KitNotFound
    return kit


def get_kit_by_code(scope: Scope, code: str) -> Kit:
    """The kit with this code. Raises KitNotFound."""
    kit = kits(scope).filter(code=code).first()
    if kit is None:
        raise KitNotFound
    return kit


def live_kits_for(territory_id: int) -> list[Kit]:
    """Kits that a person living there may share now, newest first."""
    now = clock.now()
    above = {prefix for path in territories.paths_of(territory_id) for prefix in branches_above(path)}
    places = Node.objects.current().filter(path__in=above).values("territory_id")
    found = Kit.objects.filter(state=KitState.LIVE, valid_from__lte=now, valid_until__gt=now, territory_id__in=places)
    return list(found.prefetch_related("renditions").order_by("-live_at", "-pk"))


def rendition_for(kit: Kit, language: str) -> Rendition:
    """The rendition for a reader of ``language``, by the fallback order."""
    by_language: dict[str, Rendition] = {item.language: item for item in kit.renditions.all()}
    chosen = language_for(language, sorted(by_language))
    if chosen is None:
        raise KitNotFound
    return by_language[chosen]


def texts_for(kit: Kit, language: str, platform: str) -> list[str]:
    """The text variants for one platform: its own words if it has some, else those of the rendition."""
    rendition = rendition_for(kit, language)
    own = PlatformText.objects.filter(kit=kit, language=rendition.language, platform=platform).first()
    return list(own.texts if own else rendition.texts)


def waiting_for_review(scope: Scope) -> list[Kit]:
    """Kits of territories in the scope that somebody has to approve, the one that waits longest first."""
    found = kits(scope).filter(state=KitState.IN_REVIEW).order_by("created_at", "pk")
    return [kit for kit in found if scope.covers(territories.path_of(kit.territory_id))]


def expiring_between(scope: Scope, begins: datetime, ends: datetime) -> list[Kit]:
    """Kits that are out, or will be, and end between the two moments."""
    states = [KitState.APPROVED, KitState.SCHEDULED, KitState.LIVE]
    return list(kits(scope).filter(state__in=states, valid_until__gte=begins, valid_until__lt=ends)[:200])


def reviews_of(kit: Kit) -> QuerySet[KitReview]:
    """What those said who were asked to approve it, newest first."""
    return KitReview.objects.filter(kit=kit).select_related("reviewed_by")


def lacks(kit: Kit) -> list[str]:
    """Codes of what blocks the approval of this kit, for its place and its time. Raises Unavailable."""
    return missing(passport_of(kit))


def passport_of(kit: Kit) -> Passport:
    """What is known about the kit. Raises Unavailable before there is an organisation."""
    organisation, picture = get_organisation(), picture_of(kit)
    return Passport(
        organisation_kind=organisation.kind,
        imprints={"hi": organisation.imprint_hi, "en": organisation.imprint_en},
        certificate_number=kit.certificate_number,
        valid_from=kit.valid_from,
        valid_until=kit.valid_until,
        renditions=[
            RenditionDraft(item.language, item.title, tuple(item.texts), item.act_label)
            for item in kit.renditions.all()
        ],
        elections=certified_elections(kit.territory_id, kit.valid_from, kit.valid_until),
        certificate_filed=KitFile.objects.filter(kit=kit, kind=FileKind.CERTIFICATE).exists(),
        made_with_ai=kit.made_with_ai,
        label_share=picture.label_share if picture else None,
    )


def is_current(kit: Kit) -> bool:
    """Whether the kit may be passed on at this moment."""
    return kit.state == KitState.LIVE and kit.valid_from <= clock.now() < kit.valid_until


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture as it is sent. ``fresh_for``: how long others may keep it; nothing for what is not public."""

    data: bytes
    fresh_for: timedelta | None = None


def picture_of(kit: Kit) -> KitPicture | None:
    """What is known of the kit's picture, without its bytes."""
    return KitPicture.objects.filter(kit=kit).defer("data", "plain").first()


def picture_for_platform(kit: Kit, platform: str) -> KitMedia | KitPicture | None:
    """The picture in the size of the platform, or as it was kept, without its bytes; None: the kit has none."""
    sized = KitMedia.objects.filter(kit=kit, platform=platform).defer("data").first()
    return sized or picture_of(kit)


def picture_bytes(digest: str) -> bytes:
    """A picture by the name that its content gives it, whatever the state of its kit. Raises PictureNotFound."""
    for table in (KitMedia, KitPicture):
        data = table.objects.filter(digest=digest).values_list("data", flat=True).first()
        if data is not None:
            return bytes(data)
    raise PictureNotFound


def unlabelled_picture(kit_id: int) -> bytes:
    """The kit's picture as it came, for what carries the label of AI in a place of its own. Raises PictureNotFound."""
    found = KitPicture.objects.filter(kit_id=kit_id).values_list("plain", "data").first()
    if found is None:
        raise PictureNotFound
    return bytes(found[0] or found[1])


def media_of(kit: Kit) -> list[KitMedia]:
    """The pictures that were made for platforms, without their bytes."""
    return list(KitMedia.objects.filter(kit=kit).defer("data").order_by("platform"))


def media_for_staff(scope: Scope, kit_id: int, platform: str) -> PictureFile:
    """The picture for one platform, of a kit that reaches the scope. Raises KitNotFound, PictureNotFound."""
    found = KitMedia.objects.filter(kit=get_kit(scope, kit_id), platform=platform).values_list("data", flat=True)
    data = found.first()
    if data is None:
        raise PictureNotFound
    return PictureFile(bytes(data))


def files_of(kit: Kit) -> dict[str, KitFile]:
    """The kit's certificate and document, by kind, without their bytes."""
    return {item.kind: item for item in KitFile.objects.filter(kit=kit).defer("data")}


def file_for_staff(scope: Scope, kit_id: int, kind: str) -> bytes:
    """The PDF of a kit that reaches the scope. Raises KitNotFound, PictureNotFound."""
    data = KitFile.objects.filter(kit=get_kit(scope, kit_id), kind=kind).values_list("data", flat=True).first()
    if data is None:
        raise PictureNotFound
    return bytes(data)


def picture_for_staff(scope: Scope, kit_id: int) -> PictureFile:
    """The picture of a kit that reaches the scope, whatever its state. Raises KitNotFound, PictureNotFound."""
    data = KitPicture.objects.filter(kit=get_kit(scope, kit_id)).values_list("data", flat=True).first()
    if data is None:
        raise PictureNotFound
    return PictureFile(bytes(data))


def public_picture(digest: str) -> PictureFile:
    """The picture with this name, in whatever size, while a kit that everybody may pass on has it.

    Raises PictureNotFound.

    Caches may keep it for as long as its kit is valid, and so hardly longer than we show it ourselves.
    """
    now = clock.now()
    live = {"kit__state": KitState.LIVE, "kit__valid_from__lte": now, "kit__valid_until__gt": now}
    for table in (KitPicture, KitMedia):
        found = table.objects.filter(digest=digest, **live).order_by("-kit__valid_until")
        if picture := found.values_list("data", "kit__valid_until").first():
            return PictureFile(bytes(picture[0]), fresh_for=picture[1] - now)
    raise PictureNotFound
