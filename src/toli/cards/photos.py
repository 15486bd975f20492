"""Reads about members' photos."""

import base64
from collections.abc import Sequence

from toli.cards.models import Photo
from toli.core.crypto import cipher_for

CONTEXT = "cards_photo.picture"


def photo_of(member_id: int) -> Photo | None:
    """What is stored of the member's photo, or None."""
    return Photo.objects.filter(member_id=member_id).first()


def picture_of(photo: Photo) -> bytes:
    """The photo itself: a JPEG of 392 x 472 pixels."""
    return base64.b64decode(cipher_for(CONTEXT).decrypt(bytes(photo.picture_sealed), row=photo.pk))


def pictures_of(member_ids: Sequence[int]) -> dict[int, bytes]:
    """The photos of those members who have one."""
    return {photo.member_id: picture_of(photo) for photo in Photo.objects.filter(member_id__in=member_ids)}


def as_address(picture: bytes) -> str:
    """The photo as an address that a page holds in itself: no second request can be asked for by strangers."""
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()
