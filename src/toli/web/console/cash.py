"""One's own cash book: what one has taken and not given away, and what others say they gave."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.policies import area_of, permissions_of
from toli.accounts.domain.actor import Actor
from toli.core.errors import DomainError
from toli.dues import selectors, services
from toli.territories import selectors as territories
from toli.web.console.members import number_in
from toli.web.dues_forms import HandoverForm
from toli.web.errors import STATUS
from toli.web.page import see_other, staff_page

HOME = "/console/cash"


@staff_page
def book(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Held cash by receipt; hand all of it over; confirm what came."""
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act in {"received", "refused"}:
        found = number_in(request.POST.get("handover", ""))
        services.answer_handover(actor=actor, handover_id=found, received=act == "received")
        return see_other(HOME)
    form = HandoverForm(request.POST if request.method == "POST" else None)
    status = 400 if request.method == "POST" else 200
    if form.is_bound and form.is_valid():
        try:
            services.hand_over(actor=actor, login=form.cleaned_data["login"])
        except DomainError as error:
            form.refuse("login", error)
            status = STATUS[error.kind]
        else:
            return see_other(f"{HOME}?done=1")
    own = actor.id or 0
    context = {
        "form": form,
        "done": "done" in request.GET,
        "sums": selectors.cash_of(own),
        "receipts": selectors.cash_held(own)[:200],
        "waiting": selectors.handovers_to(own),
        "handovers": selectors.handovers_of(own),
        "area": "cash",
        "place": next(iter(territories.roots(area_of(actor))), None),
        "may": permissions_of(actor),
        "can": can,
    }
    return render(request, "console/cash.html", context, status=status)
