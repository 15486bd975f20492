"""Telling those who waited that their seat is there now."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import ngettext

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import Actor
from toli.chatgroups.models import ACTIVE_SEATS, WaitingPlace
from toli.core import clock, wall
from toli.members.domain.purposes import Purpose
from toli.members.services import send_texts, write_by_day

SEAT_KIND = "seat"
BATCH = 200
NEWS_FOR = timedelta(days=2)  # whoever could not be written to for so long has seen it on their page, or has come


@wall.lifted("whoever waited is told, wherever they live")
def tell_seated(*, actor: Actor) -> int:
    """Text those who waited and have a seat now. Returns how many were written to. Safe to repeat; nothing at night.

    Raises:
        Forbidden: only the system does this. TextNotSent, TextNotCarried: not one of a batch left.
    """
    return write_by_day(actor=actor, batches=iter(_tell_batch, None))


@transaction.atomic
def _tell_batch() -> int | None:
    """How many of the next ones were written to; None: there are no more."""
    untold = WaitingPlace.objects.filter(ended_at__gt=clock.now() - NEWS_FOR, seat__isnull=False, told_at=None)
    locked = untold.select_for_update(of=("self",), skip_locked=True).select_related("member", "seat")
    places = list(locked.order_by("pk")[:BATCH])
    if not places:
        return None
    texts = {
        place.member_id: seat_text(place.member.language, link=f"{settings.BASE_URL}/me/group")
        for place in places
        if place.seat is not None and place.seat.state in ACTIVE_SEATS and place.seat.joined_at is None
    }
    WaitingPlace.objects.filter(pk__in=[place.pk for place in places]).update(told_at=clock.now())
    return send_texts(scope=EVERYWHERE, purpose=Purpose.MEMBERSHIP, kind=SEAT_KIND, texts=texts).sent if texts else 0


def seat_text(language: str, *, link: str) -> str:
    """What the member reads."""
    days = settings.TOLI_SEAT_DAYS
    with translation.override(language):
        words = ngettext(
            "Your place in your group is there. It is kept for %(days)s day. Join here: %(link)s",
            "Your place in your group is there. It is kept for %(days)s days. Join here: %(link)s",
            days,
        )
        return words % {"days": days, "link": link}
