"""Telling members that their money has arrived, and that they may say: this is not so."""

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.dues.domain.money import written
from toli.dues.models import Receipt, Way
from toli.dues.services.correcting import dispute_path
from toli.members.domain.purposes import Purpose
from toli.members.services import send_texts

RECEIPT_KIND = "receipt"


@transaction.atomic
def tell_receipt(*, receipt_id: int) -> None:
    """Send the member the number of their receipt, and the collector's name. Raises TextNotSent, TextNotCarried."""
    receipt = Receipt.objects.select_related("drive", "due__member", "taken_by").get(pk=receipt_id)
    member = receipt.due.member
    if member is None:
        return
    text = receipt_text(
        member.language,
        amount=written(receipt.amount, receipt.currency, member.language),
        collector=receipt.taken_by.display_name if receipt.taken_by and receipt.way == Way.CASH else "",
        number=receipt.shown,
        link=settings.BASE_URL + dispute_path(receipt),
    )
    send_texts(scope=EVERYWHERE, purpose=Purpose.MEMBERSHIP, kind=RECEIPT_KIND, texts={member.pk: text})


def receipt_text(language: str, *, amount: str, collector: str, number: str, link: str) -> str:
    """What the member reads. ``collector``: empty when nobody took cash."""
    values = {"amount": amount, "collector": collector, "number": number, "link": link}
    with translation.override(language):
        if collector:
            return _("You paid %(amount)s in cash to %(collector)s. Receipt %(number)s. Not so? Tap: %(link)s") % values
        return _("We received %(amount)s from you. Receipt %(number)s. Not so? Tap: %(link)s") % values
