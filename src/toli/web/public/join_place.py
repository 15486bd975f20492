"""The third step of joining: is this your place? Or look for it, by name or number, or down the tree."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain.scope import EVERYWHERE
from toli.core.errors import NotFound
from toli.sharing import selectors as sharing
from toli.territories import selectors as territories

if TYPE_CHECKING:
    from toli.territories.models import Territory

LINES = 20  # at most, on a small screen
SMALLEST_THAT_ALL_KNOW = "ac"  # whoever does not know their booth knows their constituency


def ask(request: HttpRequest, state: dict[str, Any], *, action: str = "/join") -> HttpResponse:
    """One place to say yes to, or what lies below the place where somebody is looking. ``action``: of the page."""
    words = request.GET.get("q", "").strip()[:60]
    place = _looking_at(request.GET.get("under") or state.get("t") or _place_of_sharer(state) or "")
    below = territories.children(EVERYWHERE, place)
    first = _number_in(request.GET.get("from", "0"))
    context = {
        "place": place,
        "title": title(place, request.LANGUAGE_CODE),
        "above": territories.ancestors(EVERYWHERE, place)[:-1],
        "is_lowest": not below,
        "below": below[first : first + LINES],
        "more": first + LINES if len(below) > first + LINES else 0,
        "unsure": below and is_enough(place, unsure=True),
        "found": territories.search(EVERYWHERE, words, limit=LINES, under=place) if words else [],
        "words": words,
        "action": action,
        "joining": action == "/join",
    }
    return render(request, "public/join_place.html", context)


def is_enough(place: "Territory", *, unsure: bool) -> bool:
    """Whether a member can live there: at the lowest place, or at a constituency if they do not know their booth."""
    if unsure and any(level.code == SMALLEST_THAT_ALL_KNOW for level in territories.levels()):
        known = next(level for level in territories.levels() if level.code == SMALLEST_THAT_ALL_KNOW)
        return place.level.rank >= known.rank
    return not territories.children(EVERYWHERE, place)


def title(place: "Territory", language: str) -> str:
    """What people call the place: "Booth 142, Rampur", unless its name says the number already."""
    name = place.label(language)
    if not place.number or place.number in name:
        return name
    return f"{place.level.label(language)} {place.number}, {name}"


def _looking_at(code: str) -> "Territory":
    """The place, or the nearest above it that is still there when it was redrawn; the top for anything else."""
    top = territories.roots(EVERYWHERE)[0]
    if not code:
        return top
    try:
        return territories.get_territory(EVERYWHERE, code)
    except NotFound:
        return territories.nearest_current(code) or top


def _place_of_sharer(state: dict[str, Any]) -> str | None:
    """Neighbours share with neighbours: suggest the place of whoever shared the link."""
    if not state.get("s"):
        return None
    try:
        return sharing.get_link(state["s"]).member.territory.code
    except NotFound:
        return None


def _number_in(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
