"""The desk: what members owe and have paid, receipts, and what a membership costs."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.core.errors import DomainError, Invalid
from toli.dues import selectors, services
from toli.dues.domain.offers import ACTIVE, PRIMARY, Terms
from toli.dues.domain.statement import Fate
from toli.members import selectors as members
from toli.territories import selectors as territories
from toli.web.console.members import number_in
from toli.web.console.views import frame
from toli.web.dues_forms import CancelForm, DisputeAnswerForm, OfferForm, ReferenceForm, StatementForm
from toli.web.errors import STATUS
from toli.web.limited import takes_files
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.territories.models import Territory

SHOWN = 50
MOST_BYTES = 2 * 1024 * 1024  # 20,000 lines with the other columns of a bank


@page(can.MEMBERS_VIEW)
def overview(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """What was paid and is owed below a place, who took cash, what members dispute."""
    place = territories.get_territory(scope, code)
    waiting = selectors.owed(scope, place)
    context = {
        **frame(request, scope, place, "dues"),
        "sums": selectors.sums(scope, place),
        "not_handed_over": selectors.not_handed_over(scope, place),
        "collectors": selectors.sums_by_collector(scope, place),
        "owed": waiting[:SHOWN],
        "more": max(0, waiting.count() - SHOWN),
        "ending": selectors.ending(scope, place).select_related("territory")[:SHOWN],
        "ending_count": selectors.ending(scope, place).count(),
        "disputes": selectors.open_disputes(scope, place)[:SHOWN],
        "may_manage": _may(request, can.DUES_MANAGE, place),
        "may_collect": _may(request, can.WORK_DO, place),
    }
    return render(request, "console/dues.html", context)


def _may(request: HttpRequest, permission: str, place: "Territory") -> bool:
    return scope_for(actor_of(request), permission).covers(territories.path_of(place.pk))


@page(can.DUES_MANAGE)
@takes_files(MOST_BYTES)
def payments(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Payments that members say they have made: confirmed one by one, or by the bank's list."""
    place = territories.get_territory(scope, code)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = ReferenceForm(request.POST if act == "confirm" else None)
    statement = StatementForm(*((request.POST, request.FILES) if act == "list" else (None,)))
    context: dict[str, Any] = {"form": form, "statement": statement, "done": request.GET.get("done", "")}
    status = 400 if act else 200
    if form.is_bound and form.is_valid():
        try:
            receipt = services.confirm_payment(actor=actor_of(request), reference=form.cleaned_data["reference"])
        except DomainError as error:
            form.refuse("reference", error)
        else:
            return see_other(f"/console/t/{place.code}/payments?done={receipt.pk}")
    if statement.is_bound and statement.is_valid():
        try:
            text = statement.cleaned_data["file"].read(MOST_BYTES + 1).decode("utf-8-sig", errors="replace")
            found = services.confirm_statement(actor=actor_of(request), text=text)
        except DomainError as error:
            statement.refuse("file", error)
        else:
            status = 200
            context |= {"report": found.counts(), "unknown": found.lines[Fate.UNKNOWN][:SHOWN]}
            context["wrong"] = found.lines[Fate.WRONG_AMOUNT][:SHOWN]
    context |= {**frame(request, scope, place, "dues"), "claimed": selectors.owed(scope, place, claimed=True)[:SHOWN]}
    return render(request, "console/payments.html", context, status=status)


@page(can.MEMBERS_VIEW)
def receipts(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Receipts of a place, newest first."""
    place = territories.get_territory(scope, code)
    before = number_in(request.GET.get("after", ""))
    found = selectors.receipts(scope, place)
    listed = list((found.filter(pk__lt=before) if before else found)[:SHOWN])
    context = {
        **frame(request, scope, place, "dues"),
        "receipts": listed,
        "last": listed[-1].pk if len(listed) == SHOWN else 0,
        "after": before,
        "may_manage": _may(request, can.DUES_MANAGE, place),
    }
    return render(request, "console/receipts.html", context)


@page(can.DUES_MANAGE, step_up=True)
def receipt(request: HttpRequest, scope: Scope, receipt_id: int) -> HttpResponse:
    """One receipt: cancel it, answer the member who disputes it."""
    found = selectors.get_receipt(scope, receipt_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    cancel = CancelForm(request.POST if act == "cancel" else None)
    answer = DisputeAnswerForm(request.POST if act == "answer" else None)
    if request.method == "POST" and act not in {"cancel", "answer"}:
        raise Invalid
    status = 400 if act else 200
    form: CancelForm | DisputeAnswerForm = cancel if act == "cancel" else answer
    if act and form.is_valid():
        try:
            if act == "cancel":
                words = form.cleaned_data["reason"]
                services.cancel_receipt(actor=actor_of(request), receipt_id=receipt_id, reason=words)
            else:
                words = form.cleaned_data["answer"]
                services.answer_dispute(actor=actor_of(request), receipt_id=receipt_id, answer=words)
        except DomainError as error:
            form.refuse("reason" if act == "cancel" else "answer", error)
            status = STATUS[error.kind]
        else:
            return see_other(f"/console/receipts/{receipt_id}")
    context = {**frame(request, scope, found.territory, "dues"), "receipt": found, "cancel": cancel, "answer": answer}
    return render(request, "console/receipt.html", context, status=status)


@page(can.WORK_DO)
def member(request: HttpRequest, scope: Scope, member_id: int) -> HttpResponse:
    """What one member owes and has paid. Whoever takes the cash presses the button and is named on the receipt."""
    found = members.get_known_member(scope, member_id)
    if request.method == "POST" and request.POST.get("act") == "promote":
        services.promote(actor=actor_of(request), member_id=member_id)
        return see_other(f"/console/members/{member_id}/dues")
    if request.method == "POST":
        services.take_cash(actor=actor_of(request), member_id=member_id)
        return see_other(f"/console/members/{member_id}/dues?done=1")
    context = {
        **frame(request, scope, found.territory, "members"),
        "member": found,
        "due": selectors.owed_by(found.pk),
        "receipts": selectors.receipts_of(found.pk),
        "done": "done" in request.GET,
        "promotion": selectors.promotion_of(found),
    }
    return render(request, "console/member_dues.html", context)


@page(can.DUES_MANAGE)
def offers(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """What a drive offers: the primary class, and the active one if there is any."""
    drive = selectors.drive_within(scope, code)
    sent = request.POST.get("grade", "") if request.method == "POST" else ""
    if request.method == "POST" and sent not in {PRIMARY, ACTIVE}:
        raise Invalid
    found = {grade: selectors.terms_of(drive, grade) for grade in (PRIMARY, ACTIVE)}
    shown = {grade: terms or Terms(grade, drive.term_months) for grade, terms in found.items()}
    forms = {g: OfferForm(request.POST if g == sent else None, terms=terms) for g, terms in shown.items()}
    if sent and forms[sent].is_valid():
        try:
            services.set_offer(actor=actor_of(request), drive_code=code, terms=forms[sent].cleaned_data["terms"])
        except DomainError as error:
            forms[sent].refuse(None, error)
        else:
            return see_other(f"/console/drives/{drive.code}/offers?done={sent}")
    context = {
        **frame(request, scope, drive.territory, "dues"),
        "drive": drive,
        "rows": [(grade, found[grade], form) for grade, form in forms.items()],
        "done": request.GET.get("done", ""),
    }
    return render(request, "console/offers.html", context, status=400 if sent else 200)
