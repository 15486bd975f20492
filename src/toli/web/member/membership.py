"""A member's own membership: its history, another place, the active class."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain.scope import EVERYWHERE
from toli.core.errors import DomainError, Invalid, NotFound
from toli.dues import selectors as dues
from toli.enrolment import selectors
from toli.enrolment.services import wishing
from toli.territories import selectors as territories
from toli.web.console.members import number_in
from toli.web.errors import STATUS
from toli.web.membership import history
from toli.web.page import actor_of, member_page, see_other

if TYPE_CHECKING:
    from toli.members.models import Member

HOME = "/me/membership"
LINES = 20


@member_page
def membership(request: HttpRequest, member: "Member") -> HttpResponse:
    """What the member is, since when and where; what they asked for, and the answers."""
    refused, status = "", 200
    if request.method == "POST":
        try:
            _act(request)
        except DomainError as error:
            refused, status = str(error), STATUS[error.kind]
        else:
            return see_other(HOME)
    wishes = selectors.wishes_of(member.pk)
    context = {
        "member": member,
        "tab": "card",
        "history": history(member),
        "wishes": wishes,
        "waits": {wish.kind for wish in wishes if wish.state == "open"},
        "promotion": dues.promotion_of(member),
        "refused": refused,
    }
    return render(request, "member/membership.html", context, status=status)


def _act(request: HttpRequest) -> None:
    act, actor = request.POST.get("act", ""), actor_of(request)
    if act == "promote":
        wishing.ask_promotion(actor=actor)
    elif act == "transfer":
        wishing.ask_transfer(actor=actor, territory_code=request.POST.get("territory", ""))
    elif act == "take_back":
        wishing.take_back_wish(actor=actor, wish_id=number_in(request.POST.get("wish", "")))
    else:
        raise Invalid


@member_page
def move(request: HttpRequest, member: "Member") -> HttpResponse:
    """Look for the new place, down the tree or by name; on it the member asks for the transfer."""
    words = request.GET.get("q", "").strip()[:60]
    try:
        place = territories.get_territory(EVERYWHERE, request.GET.get("under", ""))
    except NotFound:
        place = territories.roots(EVERYWHERE)[0]
    below = territories.children(EVERYWHERE, place)
    first = number_in(request.GET.get("from", ""))
    context: dict[str, Any] = {
        "member": member,
        "tab": "card",
        "at": place,
        "around": territories.ancestors(EVERYWHERE, place)[:-1],
        "below": below[first : first + LINES],
        "more": first + LINES if len(below) > first + LINES else 0,
        "can_be": (not below or place.level.code == "ac") and place.pk != member.territory_id,
        "found": territories.search(EVERYWHERE, words, limit=LINES, under=place) if words else [],
        "words": words,
    }
    return render(request, "member/move.html", context)
