"""Reminding members of the last day of their term: three times at most, by day, where they allow it."""

from collections.abc import Iterator
from datetime import date, timedelta

from babel.dates import format_date
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import Actor
from toli.core import clock
from toli.dues.domain.terms import REMIND_AT, reminder_due
from toli.dues.models import Reminder
from toli.members.domain.purposes import Purpose
from toli.members.models import Member
from toli.members.services import send_texts, write_by_day

BATCH = 200
REMINDER_KIND = "renewal"


def remind(*, actor: Actor) -> int:
    """Send the reminders of today. Returns how many; nothing at night. Stopped anywhere, the next call goes on.

    Raises:
        Forbidden: only the system does this. TextNotSent, TextNotCarried: not one of a batch left.
    """
    return write_by_day(actor=actor, batches=_batches())


def _batches() -> Iterator[int]:
    last = 0
    while batch := _remind_batch(after=last):
        sent, last = batch
        yield sent


@transaction.atomic
def _remind_batch(*, after: int) -> tuple[int, int] | None:
    """How many of the next members were reminded, and the last id that was looked at; None: there are no more."""
    today = clock.today()
    ending = Member.objects.active().filter(
        pk__gt=after, member_until__gte=today, member_until__lte=today + timedelta(days=max(REMIND_AT))
    )
    members = list(ending.order_by("pk")[:BATCH])
    if not members:
        return None
    ids = [member.pk for member in members]
    noted = {row.member_id: row for row in Reminder.objects.select_for_update().filter(member_id__in=ids)}
    due = {member.pk: number for member in members if (number := _due(member, noted.get(member.pk), today))}
    link = address_of_renewal()
    texts = {
        member.pk: reminder_text(member.language, day=_in_words(member), link=link)
        for member in members
        if member.pk in due
    }
    if texts:
        handover = send_texts(scope=EVERYWHERE, purpose=Purpose.MEMBERSHIP, kind=REMINDER_KIND, texts=texts)
        for member in members:
            if member.pk in due and member.pk not in handover.not_sent:
                values = {"until": member.member_until, "sent": due[member.pk]}
                Reminder.objects.update_or_create(member=member, defaults=values)
    return len(texts), ids[-1]


def _due(member: Member, noted: Reminder | None, today: date) -> int | None:
    sent = noted.sent if noted and noted.until == member.member_until else 0
    return reminder_due(member.member_until, today, sent)


def _in_words(member: Member) -> str:
    return str(format_date(member.member_until, "d MMMM y", locale=member.language))


def reminder_text(language: str, *, day: str, link: str) -> str:
    """What the member reads. ``day``: their last one, in words."""
    with translation.override(language):
        return _("Your membership runs until %(day)s. Renew it here: %(link)s") % {"day": day, "link": link}


def address_of_renewal() -> str:
    """Where members renew, once they have signed in."""
    return f"{settings.BASE_URL}/me/dues"
