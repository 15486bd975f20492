"""The desk: the organisation's own pages, channels and accounts; what programs posted of a kit."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core.errors import DomainError, NotFound
from toli.posting import selectors, services
from toli.posting.providers import provider_named, token_name
from toli.sharing import selectors as sharing
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other
from toli.web.place_forms import PlaceForm
from toli.web.rule_words import POST_STATES, why_not_posted

if TYPE_CHECKING:
    from toli.content.models import Kit

SHOWN = 50
PLACES_SHOWN = 300
STATES = {"pause": "paused", "resume": "active", "off": "off"}


@page(can.PLACES_MANAGE)
def places(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Every account of the area, those that stand still first; a further one is entered below."""
    form = PlaceForm(request.POST or None, initial={"area": territories.roots(scope)[0].code})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_place(actor=actor_of(request), **form.facts())
            return see_other("/console/places?done=added")
        except DomainError as error:
            form.refuse(_field_of(error), error)
            return _page(request, scope, form, status=STATUS[error.kind])
    return _page(request, scope, form, status=400 if request.method == "POST" else 200)


@page(can.PLACES_MANAGE)
def act(request: HttpRequest, scope: Scope, place_id: int, verb: str) -> HttpResponse:
    """Ask for its health, post a test, pause it, let it go on, give it a new token."""
    place = selectors.get_place(scope, place_id)
    if request.method != "POST":
        return see_other("/console/places")
    actor, found = actor_of(request), {}
    try:
        if verb == "health":
            found = {"health": services.examine_place(actor=actor, place_id=place_id), "about": place}
        elif verb == "test":
            found = {"tested": services.try_place(actor=actor, place_id=place_id), "about": place}
        elif verb == "token":
            name = token_name(provider_named(place.provider))
            services.change_place(actor=actor, place_id=place_id, settings={name: request.POST.get("token", "")})
        elif verb in STATES:
            services.set_place_state(actor=actor, place_id=place_id, state=STATES[verb])
        else:
            raise NotFound
    except NotFound:
        raise
    except DomainError as error:
        return _page(request, scope, PlaceForm(), {"refused": str(error)}, status=STATUS[error.kind])
    if found:
        return _page(request, scope, PlaceForm(), found)
    return see_other("/console/places?done=changed")


def own_posts(scope: Scope, kit: "Kit") -> dict[str, Any]:
    """What programs posted of the kit in places of the scope, for the pages of its plan, its way and its recall."""
    counts = selectors.counts(scope, kit)
    if not counts.all:
        return {}
    rest = selectors.not_posted(scope, kit)
    lines = [
        {"post": post, "state": POST_STATES[post.state], "why": why_not_posted(post.rule, post.reason)}
        for post in rest[:SHOWN]
    ]
    opens = sharing.own_opens(scope, kit)
    return {"own": counts, "own_opens": opens, "own_rest": lines, "own_more": max(0, rest.count() - SHOWN)}


def _field_of(error: DomainError) -> str | None:
    return {"territory_not_found": "area", "account_not_found": "person"}.get(error.code)


def _page(
    request: HttpRequest, scope: Scope, form: PlaceForm, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    found = list(selectors.places(scope)[:PLACES_SHOWN])
    context = {
        **frame(request, scope, territories.roots(scope)[0], "places"),
        "places": [
            {
                "place": place,
                "platform": provider_named(place.provider).name,
                "why": why_not_posted("", place.reason),
                "tries": provider_named(place.provider).capabilities.can_be_tried,
                "has_token": bool(place.secrets_sealed),
            }
            for place in found
        ],
        "form": form,
        "opened": form.is_bound,
        "done": request.GET.get("done", ""),
        **(more or {}),
    }
    return render(request, "console/places.html", context, status=status)
