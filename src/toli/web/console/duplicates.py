"""The desk: entries that may be one person, side by side; joining them, and taking that back."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.cards import selectors as cards
from toli.members import selectors, services
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.members.models import LikelyPair

HOME = "/console/duplicates"


@page(can.MEMBERS_MERGE)
def duplicates(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Pairs that wait for a decision, the most likely first."""
    pairs = services.look_at_pairs(actor=actor_of(request))
    context = {**_frame(request, scope), "rows": _rows(pairs), "done": request.GET.get("done", "")}
    return render(request, "console/duplicates.html", context)


@page(can.MEMBERS_MERGE)
def decide(request: HttpRequest, scope: Scope, pair_id: int) -> HttpResponse:
    """One person, or two."""
    pair = selectors.get_pair(scope, pair_id)
    if request.method == "POST" and request.POST.get("answer") == "two":
        services.say_two_people(actor=actor_of(request), pair_id=pair_id)
        return see_other(f"{HOME}?done=two")
    if request.method == "POST" and request.POST.get("answer") == "same":
        merge = services.merge_members(actor=actor_of(request), first_id=pair.first_id, second_id=pair.second_id)
        return see_other(f"/console/members/{merge.survivor_id}?joined=1")
    return see_other(HOME)


@page(can.MEMBERS_MERGE)
def undo(request: HttpRequest, scope: Scope, merge_id: int) -> HttpResponse:
    """Make two members of one again."""
    merge = selectors.get_merge(scope, merge_id)
    if request.method == "POST":
        services.undo_merge(actor=actor_of(request), merge_id=merge_id)
        return see_other(f"/console/members/{merge.merged_id}?parted=1")
    return see_other(f"/console/members/{merge.survivor_id}")


def _frame(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    return frame(request, scope, territories.roots(scope)[0], "duplicates")


def _rows(pairs: list["LikelyPair"]) -> list[dict[str, Any]]:
    ids = [member_id for pair in pairs for member_id in (pair.first_id, pair.second_id)]
    phones, numbers = selectors.masked_phones(ids), cards.numbers_of(ids)
    return [
        {
            "pair": pair,
            "stays": services.survivor_of(pair.first, pair.second).pk,
            "entries": [
                {"member": member, "phone": phones.get(member.pk), "card": numbers.get(member.pk)}
                for member in (pair.first, pair.second)
            ],
        }
        for pair in pairs
    ]
