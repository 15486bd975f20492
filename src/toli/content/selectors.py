"""Reads about kits. A kit is seen by whoever's area it reaches: from above and from below."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from toli.access.domain.scope import Scope
from toli.content.domain.passport import language_for
from toli.content.errors import KitNotFound, PictureNotFound
from toli.content.models import Kit, KitPicture, KitState, Rendition
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
    return KitPicture.objects.filter(kit=kit).defer("data").first()


def picture_for_staff(scope: Scope, kit_id: int) -> PictureFile:
    """The picture of a kit that reaches the scope, whatever its state. Raises KitNotFound, PictureNotFound."""
    data = KitPicture.objects.filter(kit=get_kit(scope, kit_id)).values_list("data", flat=True).first()
    if data is None:
        raise PictureNotFound
    return PictureFile(bytes(data))


def public_picture(digest: str) -> PictureFile:
    """The picture with this name, while a kit that everybody may pass on has it. Raises PictureNotFound.

    Caches may keep it for as long as its kit is valid, and so hardly longer than we show it ourselves.
    """
    now = clock.now()
    live = KitPicture.objects.filter(
        digest=digest, kit__state=KitState.LIVE, kit__valid_from__lte=now, kit__valid_until__gt=now
    )
    found = live.order_by("-kit__valid_until").values_list("data", "kit__valid_until").first()
    if found is None:
        raise PictureNotFound
    return PictureFile(bytes(found[0]), fresh_for=found[1] - now)
