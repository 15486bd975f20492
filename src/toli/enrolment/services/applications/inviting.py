"""The question to the person: one text, one reminder, by a link that only their phone gets."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.accounts.domain.sending import SURELY_NOT_SENT
from toli.accounts.ports import TextMessage
from toli.accounts.services import text_sender
from toli.audit import services as audit
from toli.compliance.models import Organisation
from toli.compliance.selectors import get_organisation
from toli.core import clock
from toli.enrolment.models import Application, State
from toli.enrolment.models.applications import OPEN
from toli.enrolment.services.applications.answering import invitation_path
from toli.enrolment.services.applications.numbers import number_of

TEXT_KIND = "enrol"
BATCH = 200
REMIND_AFTER = timedelta(days=1)


def send_invitations() -> int:
    """Ask everybody who was not asked yet, and once more those who have not answered for a day. Returns how many texts
    left. Of several entries with one number, one is asked about; its page shows them all."""
    return _send_all(_to_ask, "texted_at") + _send_all(_to_remind, "reminded_at")


def _to_ask() -> QuerySet[Application]:
    same = Application.objects.filter(number_index=OuterRef("number_index"), state__in=OPEN)
    asked_first = Q(pk__lt=OuterRef("pk")) & ~Q(state=State.HELD) & ~Q(reason="already_member")
    earlier = same.filter(Q(texted_at__isnull=False) | asked_first)
    return _asked().filter(texted_at__isnull=True).exclude(Exists(earlier))


def _to_remind() -> QuerySet[Application]:
    return _asked().filter(texted_at__lte=clock.now() - REMIND_AFTER, reminded_at__isnull=True)


def _asked() -> QuerySet[Application]:
    """Whoever is a member by the same name has nothing to decide; who is held is not asked yet."""
    deciding = Application.objects.filter(state__in=(State.WAITING, State.CONFLICT), expires_at__gt=clock.now())
    return deciding.exclude(reason="already_member")


def _send_all(waiting: Callable[[], QuerySet[Application]], column: str) -> int:
    sent, last = 0, 0
    while batch := _send_batch(waiting(), column, after=last):
        last, sent = batch[0], sent + batch[1]
    return sent


@transaction.atomic
def _send_batch(waiting: QuerySet[Application], column: str, *, after: int) -> tuple[int, int] | None:
    """The last id and how many texts left; None: nobody waits. Marked in the transaction that hands them over."""
    locked = waiting.filter(pk__gt=after).select_for_update(of=("self",), skip_locked=True)
    found = list(locked.select_related("enroller").order_by("pk")[:BATCH])
    if not found:
        return None
    organisation = get_organisation()
    receipts = text_sender().send_many([_message(organisation, one) for one in found])
    left = [
        one.pk
        for one, receipt in zip(found, receipts, strict=True)
        if receipt.outcome not in SURELY_NOT_SENT
    ]  # fmt: skip
    Application.objects.filter(pk__in=left).update(**{column: clock.now()})
    audit.record_act(
        SYSTEM,
        action="enrolment.invite",
        target="enrolment",
        details={"count": len(left), "not_sent": len(found) - len(left)},
    )
    return found[-1].pk, len(left)


def _message(organisation: Organisation, application: Application) -> TextMessage:
    text = invitation_text(
        organisation,
        application.language,
        name=application.name,
        enroller=application.enroller.display_name,
        link=settings.BASE_URL + invitation_path(application),
    )
    return TextMessage(to=number_of(application), text=text, kind=TEXT_KIND, language=application.language)


def invitation_text(organisation: Organisation, language: str, *, name: str, enroller: str, link: str) -> str:
    """The words of the question. They are registered with operators: see docs/howto/send-texts.md."""
    with translation.override(language):
        sentence = _(
            "%(organisation)s: %(enroller)s wrote you down as %(name)s to become a member. You decide: open %(link)s "
            "and choose Yes, or This is not me. Without an answer nothing happens."
        )
        return sentence % {
            "organisation": organisation.label(language),
            "enroller": enroller,
            "name": name,
            "link": link,
        }
