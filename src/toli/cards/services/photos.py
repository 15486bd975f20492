"""A member's photo for their card: theirs to give, to show to those who check the card, and to take back."""

import base64

from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.cards.domain.picture import photo
from toli.cards.models import Photo
from toli.core import clock, images, limits
from toli.core.crypto import cipher_for
from toli.members.models import Member

CONTEXT = "cards_photo.picture"
COUNTER = "pictures.person"
EDGE = 1600  # pixels; enough for the part with the face


def read_photo(*, actor: Actor, data: bytes) -> bytes:
    """The photo as a card shows it, from the bytes of a file: pixels only, the part with the face, 20 kB at most.

    Reading comes before storing and holds no lock. Raises what images.clean raises; TooManyRequests.
    """
    limits.hit(COUNTER, str(actor.id))
    return photo.cropped(images.clean(data, edge=EDGE).data)


@transaction.atomic
def set_photo(*, actor: Actor, member: Member, picture: bytes, shown: bool) -> None:
    """Store what :func:`read_photo` gave, sealed, in place of the one before. ``shown``: also to whoever checks."""
    Photo.objects.filter(member=member).delete()
    kept = Photo.objects.create(member=member, picture_sealed=b"", shown_when_checked=shown, stored_at=clock.now())
    kept.picture_sealed = cipher_for(CONTEXT).encrypt(base64.b64encode(picture).decode(), row=kept.pk)
    kept.save(update_fields=["picture_sealed"])
    _record(actor, "cards.photo.set", member, shown=shown)


@transaction.atomic
def show_photo(*, actor: Actor, member: Member, shown: bool) -> None:
    """Let those who check the card see the photo, or no longer."""
    if Photo.objects.filter(member=member).update(shown_when_checked=shown):
        _record(actor, "cards.photo.show", member, shown=shown)


@transaction.atomic
def remove_photo(*, actor: Actor, member: Member) -> None:
    """Delete the photo; nothing happens where there is none."""
    deleted, _by_table = Photo.objects.filter(member=member).delete()
    if deleted:
        _record(actor, "cards.photo.remove", member)


def _record(actor: Actor, action: str, member: Member, **details: bool) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"member:{member.pk}",
        territory_id=member.territory_id,
        details=details,
    )
