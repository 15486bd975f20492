"""What a member owes, how to pay it, and their receipts."""

from typing import TYPE_CHECKING, Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.compliance.selectors import find_organisation
from toli.dues import selectors, services
from toli.dues.domain.paying import UPI_CURRENCY, filled, upi_link
from toli.web.page import actor_of, member_page, see_other
from toli.web.templatetags.toli import label

if TYPE_CHECKING:
    from toli.dues.models import Due
    from toli.members.models import Member

HOME = "/me/dues"


@member_page
def dues(request: HttpRequest, member: "Member") -> HttpResponse:
    """What is owed, with the ways to pay it; the member renews here, and says that they have paid."""
    if request.method == "POST":
        if request.POST.get("act") == "renew":
            owed = services.renew(actor=actor_of(request))
            return see_other(HOME if owed else f"{HOME}?done=renewed")
        services.claim_paid(actor=actor_of(request))
        return see_other(HOME)
    due = selectors.owed_by(member.pk)
    context = {
        "member": member,
        "tab": "card",
        "due": due,
        **(_ways(due) if due else {}),
        "receipts": selectors.receipts_of(member.pk),
        "renewal": None if due else selectors.renewal_for(member),
        "done": request.GET.get("done", ""),
    }
    return render(request, "member/dues.html", context)


def _ways(due: "Due") -> dict[str, Any]:
    """The organisation's ways to pay; none: cash to the coordinator."""
    upi, template = selectors.pay_ways()
    found: dict[str, Any] = {}
    if upi and due.currency == UPI_CURRENCY:
        name = label(find_organisation())
        found["upi"] = upi_link(payee=upi, name=name, amount=due.amount, reference=due.reference)
        found["qr"] = segno.make_qr(found["upi"], error="m").svg_inline(
            scale=4, border=2, dark="#16252c", light="#ffffff", omitsize=True
        )
    if template:
        found["pay_page"] = filled(template, amount=due.amount, currency=due.currency, reference=due.reference)
    return found


@member_page
def receipt(request: HttpRequest, member: "Member", receipt_id: int) -> HttpResponse:
    """One receipt, to be shown or printed."""
    found = selectors.own_receipt(member.pk, receipt_id)
    context = {"member": member, "tab": "card", "receipt": found, "dispute": services.dispute_path(found)}
    return render(request, "member/receipt.html", context)
