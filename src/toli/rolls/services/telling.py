"""Telling members that an objection about them was decided; the reasons stand on their page."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import Actor
from toli.core import clock, wall
from toli.members.domain.purposes import Purpose
from toli.members.services import send_texts, write_by_day
from toli.rolls.models import Challenge

DECISION_KIND = "decision"
BATCH = 200
NEWS_FOR = timedelta(days=2)  # whoever could not be written to for so long reads it on their page


@wall.lifted("whoever a decision is about is told, wherever they live")
def tell_decided(*, actor: Actor) -> int:
    """Text the members whom decided objections concern. Returns how many were written to.

    Safe to repeat; nothing at night.

    Raises:
        Forbidden: only the system does this. TextNotSent, TextNotCarried: not one of a batch left.
    """
    return write_by_day(actor=actor, batches=iter(_tell_batch, None))


@transaction.atomic
def _tell_batch() -> int | None:
    """How many of the next ones were written to; None: there are no more."""
    untold = Challenge.objects.filter(decided_at__gt=clock.now() - NEWS_FOR, told_at=None, member__isnull=False)
    locked = untold.select_for_update(of=("self",), skip_locked=True).select_related("member")
    decided = list(locked.order_by("pk")[:BATCH])
    if not decided:
        return None
    link = f"{settings.BASE_URL}/me/data/rolls"
    texts = {one.member.pk: decision_text(one.member.language, link=link) for one in decided if one.member}
    Challenge.objects.filter(pk__in=[one.pk for one in decided]).update(told_at=clock.now())
    return send_texts(scope=EVERYWHERE, purpose=Purpose.MEMBERSHIP, kind=DECISION_KIND, texts=texts).sent


def decision_text(language: str, *, link: str) -> str:
    """What the member reads."""
    with translation.override(language):
        return _("An objection about you to the roll of members was decided. Read it here: %(link)s") % {"link": link}
