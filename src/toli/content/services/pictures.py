"""The picture of a kit: taken from a file or from the web, described, removed.

Reading a file or fetching from the web comes first and holds no lock; what it gives is then put to a kit.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from toli.access.domain.permissions import KITS_EDIT
from toli.accounts.domain.actor import Actor
from toli.content.domain.media import labelled
from toli.content.domain.passport import alt_faults
from toli.content.domain.poster import LEAST_HEIGHT, LEAST_WIDTH, PosterTemplate, as_stored, faults_of
from toli.content.errors import KitIncomplete, KitStateWrong, PictureNotFound, PosterUnfit
from toli.content.models import Kit, KitMedia, KitPicture, KitState
from toli.content.services.acting import locked, named, trace
from toli.core import clock, fetching, images, jobs, limits
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
    return attach(actor, draft_of(actor, kit_id), picture)


@transaction.atomic
def describe_picture(*, actor: Actor, kit_id: int, alt: Mapping[str, str]) -> None:
    """Say in other words what the picture shows. Raises as set_picture does; PictureNotFound."""
    kit = draft_of(actor, kit_id)
    if not KitPicture.objects.filter(kit=kit).update(alt=_full(kit, alt)):
        raise PictureNotFound
    trace(actor, "content.describe_picture", kit)


@transaction.atomic
def set_poster(*, actor: Actor, kit_id: int, template: PosterTemplate) -> None:
    """Say where members stand on posters from this picture; another picture starts from the standard again.

    Raises as set_picture does; PictureNotFound. PosterUnfit: the place is too small, or not on the picture.
    """
    kit = draft_of(actor, kit_id)
    if faults_of(template):
        raise PosterUnfit(width=LEAST_WIDTH, height=LEAST_HEIGHT)
    if not KitPicture.objects.filter(kit=kit).update(poster=as_stored(template)):
        raise PictureNotFound
    trace(actor, "content.set_poster", kit)


@transaction.atomic
def remove_picture(*, actor: Actor, kit_id: int) -> None:
    """Take the picture from a draft, or from a kit that was withdrawn. Raises KitNotFound, KitStateWrong."""
    kit = locked(actor, KITS_EDIT, kit_id)
    if kit.state not in {KitState.DRAFT, KitState.WITHDRAWN}:
        raise KitStateWrong(state=KitState(kit.state).label)
    KitMedia.objects.filter(kit=kit).delete()
    deleted, _by_table = KitPicture.objects.filter(kit=kit).delete()
    if not deleted:
        raise PictureNotFound
    trace(actor, "content.remove_picture", kit)


def attach(actor: Actor, kit: Kit, draft: PictureDraft) -> KitPicture:
    """Put the picture to a kit that the caller has locked or made. Raises KitIncomplete: a description is missing."""
    alt = _full(kit, draft.alt)
    looks = _looks(draft.picture.data, with_ai=kit.made_with_ai) or {
        "digest": draft.picture.digest,
        "width": draft.picture.width,
        "height": draft.picture.height,
        "data": draft.picture.data,
        "plain": None,
        "label_share": 0,
    }
    kept, _created = KitPicture.objects.update_or_create(
        kit=kit, defaults={**looks, "alt": alt, "poster": {}, "added_at": clock.now()}
    )
    jobs.enqueue("content.make_media", kit_id=kit.pk)
    trace(actor, "content.set_picture", kit, digest=kept.digest, origin=draft.origin)
    return kept


def relabel(kit: Kit) -> None:
    """Draw the label of AI into the picture of a kit that the caller has locked, or take it out again."""
    kept = KitPicture.objects.filter(kit=kit).first()
    if kept is None:
        return
    plain = bytes(kept.plain or kept.data)
    looks = _looks(plain, with_ai=kit.made_with_ai)
    unlabelled = {"digest": hashlib.sha256(plain).hexdigest(), "data": plain, "plain": None, "label_share": 0}
    KitPicture.objects.filter(kit=kit).update(**(looks or unlabelled))
    jobs.enqueue("content.make_media", kit_id=kit.pk)


def _looks(plain: bytes, *, with_ai: bool) -> dict[str, Any]:
    """The picture with the label of AI, as columns; nothing where none is needed."""
    if not with_ai:
        return {}
    drawn = labelled(plain, with_ai=True)
    return {
        "digest": hashlib.sha256(drawn.data).hexdigest(),
        "width": drawn.width,
        "height": drawn.height,
        "data": drawn.data,
        "plain": plain,
        "label_share": drawn.label_share,
    }


def draft_of(actor: Actor, kit_id: int) -> Kit:
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
