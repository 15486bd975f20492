"""Noting that terms are over: those whose days of grace have passed, in batches, each told before their seat goes."""

from collections.abc import Iterator

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import Actor
from toli.core.errors import Forbidden
from toli.dues import selectors
from toli.dues.services.reminding import address_of_renewal
from toli.members.domain.purposes import Purpose
from toli.members.models import Member
from toli.members.services import lapse_membership, send_texts, write_by_day

BATCH = 200
LAPSED_KIND = "lapsed"


def lapse(*, actor: Actor, dry_run: bool = False) -> int:
    """End the seats and cards of members whose term and grace are over. Returns of how many, or of how many it would.

    Each batch is its own transaction: stopped anywhere, the next call goes on. Whoever says that they have paid waits
    until somebody has looked. Where texts cannot leave, or it is night, nobody's seat ends.

    Raises:
        Forbidden: only the system does this. TextNotSent, TextNotCarried: nobody of a batch could be told.
    """
    if not actor.is_system:
        raise Forbidden
    if dry_run:
        return sum(found.count() for found in selectors.over())
    return write_by_day(actor=actor, batches=_batches(actor))


def _batches(actor: Actor) -> Iterator[int]:
    for found in selectors.over():
        while batch := _lapse_batch(actor, [member.pk for member in found[:BATCH]]):
            yield batch


@transaction.atomic
def _lapse_batch(actor: Actor, member_ids: list[int]) -> int:
    """Those of the members who are still active; somebody may have renewed meanwhile."""
    locked = Member.objects.active().select_for_update(of=("self",)).filter(pk__in=member_ids).order_by("pk")
    members = [member for member in locked if selectors.is_over(member)]
    texts = {member.pk: lapsed_text(member.language, link=address_of_renewal()) for member in members}
    if texts:
        send_texts(scope=EVERYWHERE, purpose=Purpose.MEMBERSHIP, kind=LAPSED_KIND, texts=texts)
    for member in members:
        lapse_membership(actor=actor, member_id=member.pk)
    return len(members)


def lapsed_text(language: str, *, link: str) -> str:
    """What the member reads."""
    with translation.override(language):
        return _("Your membership was not renewed; card and seat have ended. You can come back any time: %(link)s") % {
            "link": link
        }
