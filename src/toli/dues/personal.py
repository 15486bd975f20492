"""What members owed and paid. Receipts stay, as books must; nothing leads from them to somebody who was erased."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from toli.core.personal_data import Holding, Person, Row, free, free_text, register
from toli.dues.domain.money import plain
from toli.dues.models import OWED, Due, DueState, Receipt, Reminder


def _dues(person: Person) -> QuerySet[Due]:
    return Due.objects.filter(member_id=person.member_id)


def _erase(person: Person) -> int:
    """Nobody owes any more, and nobody can be found from a receipt."""
    _dues(person).filter(state__in=OWED).update(state=DueState.DROPPED)
    return _dues(person).update(member=None)


def _export(person: Person) -> list[Row]:
    return [
        {
            "kind": str(due.get_kind_display()),
            "amount": f"{plain(due.amount, due.currency)} {due.currency}",
            "reference": due.reference,
            "state": str(due.get_state_display()),
            "created_at": due.created_at,
        }
        for due in _dues(person).order_by("pk")
    ]


def _export_receipts(person: Person) -> list[Row]:
    found = Receipt.objects.filter(due__member_id=person.member_id).select_related("drive", "cancellation")
    return [
        {
            "number": receipt.shown,
            "amount": f"{plain(receipt.amount, receipt.currency)} {receipt.currency}",
            "way": str(receipt.get_way_display()),
            "at": receipt.at,
            "cancelled": hasattr(receipt, "cancellation"),
        }
        for receipt in found.order_by("pk")
    ]


register(
    Holding(
        key="dues.dues",
        label=_("Fees"),
        tables=("dues_due",),
        count=lambda person: _dues(person).count(),
        erase=_erase,
        export=_export,
        fields={
            "kind": _("What for"),
            "amount": _("Amount"),
            "reference": _("Reference"),
            "state": _("State"),
            "created_at": _("Noted"),
        },
        kept_because=_("Books of money have to be kept; nobody can be found from them any more."),
    )
)
register(
    Holding(
        key="dues.receipts",
        label=_("Receipts"),
        tables=("dues_receipt", "dues_cancellation", "dues_dispute"),
        count=lambda _person: 0,
        erase=lambda _person: 0,
        export=_export_receipts,
        fields={
            "number": _("Number"),
            "amount": _("Amount"),
            "way": _("By which way"),
            "at": _("When"),
            "cancelled": _("Cancelled"),
        },
        kept_because=_("Books of money have to be kept; nobody can be found from them any more."),
    )
)
register(
    Holding(
        key="dues.reminders",
        label=_("How often you were reminded"),
        tables=("dues_reminder",),
        count=lambda person: Reminder.objects.filter(member_id=person.member_id).count(),
        erase=lambda person: Reminder.objects.filter(member_id=person.member_id).delete()[0],
        export=lambda person: list(Reminder.objects.filter(member_id=person.member_id).values("until", "sent")),
        fields={"until": _("Member until"), "sent": _("Reminders")},
    )
)
free(
    dues_offer="public facts",
    dues_handover="cash between members of staff",
    dues_cashholding="who of the staff holds the cash of a receipt",
    dues_receiptseries="the last number of each drive",
)
free_text("dues_cancellation.reason", "dues_dispute.answer")
