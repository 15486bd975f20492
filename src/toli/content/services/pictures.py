"""The picture of a kit: taken from a file or from the web, described, removed.

Reading a file or fetching from the web comes first and holds no lock; what it gives is then put to a kit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from toli.access.domain.permissions import KITS_EDIT
from toli.accounts.domain.actor import Actor
from toli.content.domain.passport import alt_faults
from toli.content.errors import KitIncomplete, KitStateWrong, PictureNotFound
from toli.content.models import Kit, KitPicture, KitState
from toli.content.services.acting import locked, named, trace
from toli.core import clock, fetching, images, limits
from toli.core.domain.pictures import MOST_BYTES

COUNTER = "pictures.person"
ACCEPT = "image/jpeg, image/png, image/webp"


@dataclass(frozen=True, slots=True)
class PictureDraft:
    """A clean picture and, by language, what it shows. ``origin``: ``file`` or the host it was fetched from."""

    picture: images.Picture
    alt: Mapping[str, str]
    origin: str = "file"


def read_picture(*, actor: Actor, data: bytes) -> images.Picture:
    """A clean picture from the bytes of a file. Raises what images.clean raises; TooManyRequests."""
    _count(actor)
    return images.clean(data)


def fetch_picture(*, actor: Actor, address: str) -> images.Picture:
    """A clean picture from the web. Raises AddressUnfit, NotFetched, what images.clean raises; TooManyRequests."""
    _count(actor)
    return images.clean(fetching.fetch(address, most_bytes=MOST_BYTES, accept=ACCEPT))


@transaction.atomic
def set_picture(*, actor: Actor, kit_id: int, picture: PictureDraft) -> KitPicture:
    """Give a draft its picture, in place of the one it has. Raises KitIncomplete, KitNotFound, KitStateWrong."""
    return attach(actor, _draft(actor, kit_id), picture)


@transaction.atomic
def describe_picture(*, actor: Actor, kit_id: int, alt: Mapping[str, str]) -> None:
    """Say in other words what the picture shows. Raises as set_picture does; PictureNotFound."""
    kit = _draft(actor, kit_id)
    if not KitPicture.objects.filter(kit=kit).update(alt=_full(kit, alt)):
        raise PictureNotFound
    trace(actor, "content.describe_picture", kit)


@transaction.atomic
def remove_picture(*, actor: Actor, kit_id: int) -> None:
    """Take the picture from a draft, or from a kit that was withdrawn. Raises KitNotFound, KitStateWrong."""
    kit = locked(actor, KITS_EDIT, kit_id)
    if kit.state not in {KitState.DRAFT, KitState.WITHDRAWN}:
        raise KitStateWrong(state=KitState(kit.state).label)
    deleted, _by_table = KitPicture.objects.filter(kit=kit).delete()
    if not deleted:
        raise PictureNotFound
    trace(actor, "content.remove_picture", kit)


def attach(actor: Actor, kit: Kit, draft: PictureDraft) -> KitPicture:
    """Put the picture to a kit that the caller has locked or made. Raises KitIncomplete: a description is missing."""
    alt = _full(kit, draft.alt)
    kept, _created = KitPicture.objects.update_or_create(
        kit=kit,
        defaults={
            "digest": draft.picture.digest,
            "width": draft.picture.width,
            "height": draft.picture.height,
            "alt": alt,
            "data": draft.picture.data,
            "added_at": clock.now(),
        },
    )
    trace(actor, "content.set_picture", kit, digest=kept.digest, origin=draft.origin)
    return kept


def _draft(actor: Actor, kit_id: int) -> Kit:
    kit = locked(actor, KITS_EDIT, kit_id)
    if kit.state != KitState.DRAFT:
        raise KitStateWrong(state=KitState(kit.state).label)
    return kit


def _full(kit: Kit, alt: Mapping[str, str]) -> dict[str, str]:
    """The descriptions, in every language that the kit has."""
    languages = sorted(kit.renditions.values_list("language", flat=True))
    faults = alt_faults(alt, languages)
    if faults:
        raise KitIncomplete(missing=named(faults))
    return {language: alt[language].strip() for language in languages}


def _count(actor: Actor) -> None:
    if actor.id is not None:
        limits.hit(COUNTER, str(actor.id))
