"""Reads about kits. A kit is seen by whoever's area it reaches: from above and from below."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BinaryField, F, Func, Q, QuerySet

from toli.access.domain.scope import Scope
from toli.compliance.selectors import certified_elections, get_organisation
from toli.content.domain.languages import language_for
from toli.content.domain.passport import Passport, RenditionDraft, missing
from toli.content.errors import KitNotFound, PictureNotFound, VideoNotFound
from toli.content.models import (
    FileKind,
    Kit,
    KitFile,
    KitMedia,
    KitPicture,
    KitReview,
    KitState,
    KitVideo,
    KitVideoFile,
    PlatformText,
    Rendition,
    VideoState,
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


@dataclass(frozen=True, slots=True)
class Words:
    """What is said on one platform. ``subject``: the line above an e-mail, where it is not the title."""

    title: str
    texts: list[str]
    subject: str = ""


def words_for(kit: Kit, language: str, platform: str) -> Words:
    """The words for one platform: its own if it has some, else those of the rendition."""
    rendition = rendition_for(kit, language)
    own = PlatformText.objects.filter(kit=kit, language=rendition.language, platform=platform).first()
    texts = own.texts if own and own.texts else rendition.texts
    return Words(rendition.title, list(texts), own.subject if own else "")


def texts_for(kit: Kit, language: str, platform: str) -> list[str]:
    """The text variants for one platform, as :func:`words_for`."""
    return words_for(kit, language, platform).texts


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
    organisation, picture, video = get_organisation(), picture_of(kit), video_of(kit)
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
        video_ready=video.state == VideoState.READY if video else None,
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
    live = _live(now)
    for found, data in (
        (KitPicture.objects.filter(digest=digest, **live), "data"),
        (KitMedia.objects.filter(digest=digest, **live), "data"),
        (KitVideo.objects.filter(poster_digest=digest, state=VideoState.READY, **live), "poster"),
    ):
        if picture := found.order_by("-kit__valid_until").values_list(data, "kit__valid_until").first():
            return PictureFile(bytes(picture[0]), fresh_for=picture[1] - now)
    raise PictureNotFound


# -- videos ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VideoPart:
    """Some bytes of a video that has ``size`` of them. ``fresh_for``: as for pictures."""

    data: bytes
    size: int
    fresh_for: timedelta | None = None


def video_of(kit: Kit) -> KitVideo | None:
    """What is known of the kit's video, without its bytes."""
    return KitVideo.objects.filter(kit=kit).defer("source", "poster").first()


def count_waiting_videos() -> int:
    """How many videos are yet to be made ready."""
    return KitVideo.objects.filter(state=VideoState.WAITING).count()


def video_files(kit: Kit) -> list[KitVideoFile]:
    """The videos for platforms, without their bytes; none until all are made."""
    return list(KitVideoFile.objects.filter(kit=kit).defer("data").order_by("platform"))


def video_file(kit: Kit, platform: str) -> KitVideoFile | None:
    """What is known of the video for one platform, without its bytes."""
    return KitVideoFile.objects.filter(kit=kit, platform=platform).defer("data").first()


def video_bytes(kit: Kit, platform: str) -> bytes:
    """The whole video for one platform, to be handed over. Raises VideoNotFound."""
    data = KitVideoFile.objects.filter(kit=kit, platform=platform).values_list("data", flat=True).first()
    if data is None:
        raise VideoNotFound
    return bytes(data)


def video_poster_for_staff(scope: Scope, kit_id: int) -> PictureFile:
    """The picture that stands for the video of a kit that reaches the scope. Raises KitNotFound, PictureNotFound."""
    data = KitVideo.objects.filter(kit=get_kit(scope, kit_id)).values_list("poster", flat=True).first()
    if not data:
        raise PictureNotFound
    return PictureFile(bytes(data))


def video_for_staff(scope: Scope, kit_id: int, platform: str, begins: int, most: int) -> VideoPart:
    """A part of the video for one platform, of a kit that reaches the scope. Raises KitNotFound, VideoNotFound."""
    found = KitVideoFile.objects.filter(kit=get_kit(scope, kit_id), platform=platform)
    return _part(found, begins, most)


def public_video(digest: str, begins: int, most: int) -> VideoPart:
    """A part of the video with this name, while a kit that everybody may pass on has it. Raises VideoNotFound."""
    now = clock.now()
    found = KitVideoFile.objects.filter(digest=digest, **_live(now)).order_by("-kit__valid_until")
    part, until = _part(found, begins, most), found.values_list("kit__valid_until", flat=True).first()
    return VideoPart(part.data, part.size, until - now if until else None)


def public_captions(poster_digest: str, language: str) -> str:
    """What is said in a video, by the name of the picture that stands for it, as :func:`public_video`."""
    found = KitVideo.objects.filter(poster_digest=poster_digest, state=VideoState.READY, **_live(clock.now()))
    captions = found.values_list("captions", flat=True).first() or {}
    if not captions.get(language):
        raise VideoNotFound
    return str(captions[language])


def _live(now: datetime) -> dict[str, Any]:
    return {"kit__state": KitState.LIVE, "kit__valid_from__lte": now, "kit__valid_until__gt": now}


def _part(found: QuerySet[KitVideoFile], begins: int, most: int) -> VideoPart:
    """Only these bytes leave the database."""
    piece = Func(F("data"), begins + 1, most, function="substring", output_field=BinaryField())
    row = found.annotate(piece=piece).values_list("piece", "size").first()
    if row is None:
        raise VideoNotFound
    return VideoPart(bytes(row[0]), row[1])
