"""The desk: ending a member's card, and giving them a new one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.cards import selectors as cards
from toli.cards import services
from toli.cards.domain.card_codec import shown
from toli.core.errors import DomainError, Invalid, NotFound
from toli.members import selectors
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.forms import EndCardForm
from toli.web.page import actor_of, page, see_other

ACTS = {"end": services.end_card, "replace": services.replace_card}


@page(can.CARDS_ISSUE, step_up=True)
def card(request: HttpRequest, scope: Scope, member_id: int) -> HttpResponse:
    """Which card counts, and for a reason: end it, or replace it. Ending is undone by a new card."""
    found = selectors.get_active_member(scope, member_id)
    form = EndCardForm(request.POST if request.method == "POST" else None)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Invalid
        try:
            act(actor=actor_of(request), member_id=member_id, reason=form.cleaned_data["reason"])
        except NotFound:
            raise
        except DomainError as error:
            form.refuse("reason", error)
            status = STATUS[error.kind]
        else:
            return see_other(f"/console/members/{member_id}/card?done={request.POST['act']}")
    held = cards.card_of(found.pk)
    context = {
        **frame(request, scope, found.territory, "members"),
        "member": found,
        "form": form,
        "card": held,
        "number": shown(held.number) if held else "",
        "ended": cards.ended_cards(found.pk),
        "done": request.GET.get("done", ""),
    }
    return render(request, "console/card.html", context, status=status)
