"""The desk: what members ask for about their membership, answered where it is decided; transfers by the desk itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core.errors import DomainError, NotFound
from toli.enrolment.services import wishing
from toli.members import selectors as members
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other

INBOX = "/console/wishes"
VERBS: dict[str, Any] = {"accept": wishing.accept_wish, "refuse": wishing.refuse_wish}


@page(can.WORK_DO)
def inbox(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Whoever wants to come here, and who wants to become an active member."""
    return _show(request, scope)


def _show(request: HttpRequest, scope: Scope, *, refused: str = "", about: int = 0, status: int = 200) -> HttpResponse:
    context = {
        **frame(request, scope, territories.roots(scope)[0], "wishes"),
        "wishes": wishing.wishes_to_answer(actor=actor_of(request)),
        "refused": refused,
        "about": about,
    }
    return render(request, "console/wishes.html", context, status=status)


@page(can.WORK_DO)
def decide(request: HttpRequest, scope: Scope, wish_id: int, verb: str) -> HttpResponse:
    """Accept, or refuse with a note that the member reads."""
    wishing.find_wish(actor=actor_of(request), wish_id=wish_id)
    if verb not in VERBS:
        raise NotFound
    if request.method == "POST":
        try:
            VERBS[verb](actor=actor_of(request), wish_id=wish_id, note=request.POST.get("note", "")[:300])
        except NotFound:
            raise
        except DomainError as error:
            return _show(request, scope, refused=str(error), about=wish_id, status=STATUS[error.kind])
    return see_other(INBOX)


@page(can.WORK_DO)
def transfer(request: HttpRequest, scope: Scope, member_id: int) -> HttpResponse:
    """Carry a member over within one's area, or ask those of another place to take them."""
    found = members.get_active_member(scope, member_id)
    refused, status, code = "", 200, request.POST.get("territory", "").strip()[:40].upper()
    if request.method == "POST":
        try:
            waits = wishing.transfer_at_desk(actor=actor_of(request), member_id=member_id, territory_code=code)
        except DomainError as error:
            refused, status = str(error), 400
        else:
            return see_other(f"/console/members/{member_id}/transfer?done={'asked' if waits else 'moved'}")
    context = {
        **frame(request, scope, found.territory, "members"),
        "member": found,
        "code": code,
        "refused": refused,
        "done": request.GET.get("done", ""),
    }
    return render(request, "console/transfer.html", context, status=status)
