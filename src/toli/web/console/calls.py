"""The desk: members drawn by lot, who calls them, what they said, and what that says about a place and each helper."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import holders_of, scope_for
from toli.core.errors import DomainError, NotFound
from toli.enrolment import selectors
from toli.enrolment.services import calling
from toli.members import selectors as members
from toli.members import services as member_services
from toli.territories import selectors as territories
from toli.web.call_forms import CallerForm, DrawForm
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.enrolment.models import CallSample
    from toli.territories.models import Territory

LISTS = "/console/calls"
SHOWN = 50


@page(can.ENROLMENT_CHECK)
def results(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """What calls brought here, below, and for each helper; the lists that were drawn."""
    place = territories.get_territory(scope, code)
    total, below, helpers = selectors.call_results(scope, place)
    context = {
        **frame(request, scope, place, "checks"),
        "total": total,
        "below": below,
        "helpers": helpers,
        "samples": selectors.samples(scope, place=place)[:SHOWN],
    }
    return render(request, "console/calls.html", context)


@page(can.ENROLMENT_CHECK, step_up=True)
def draw(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Draw a list and give it to somebody. Whom it names is decided by the lot alone."""
    place = territories.get_territory(scope, code)
    form = DrawForm(request.POST or None, callers=_callers(place))
    if form.is_bound and form.is_valid():
        try:
            calling.draw_sample(
                actor=actor_of(request),
                territory_code=place.code,
                caller_id=int(form.cleaned_data["caller"]),
                size=form.cleaned_data["size"],
            )
        except DomainError as error:
            form.refuse(None, error)
        else:
            return see_other(f"/console/t/{place.code}/calls")
    context = {**frame(request, scope, place, "checks"), "form": form}
    return render(request, "console/calls_draw.html", context, status=400 if form.is_bound else 200)


@page(can.MEMBERS_REVEAL)
def own(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The lists that were given to whoever looks."""
    found = selectors.samples(scope, caller_id=actor_of(request).id or 0)[:SHOWN]
    context = {**frame(request, scope, territories.roots(scope)[0], "calls"), "samples": found}
    return render(request, "console/calls_own.html", context)


@page(can.MEMBERS_REVEAL)
def sample(request: HttpRequest, scope: Scope, sample_id: int) -> HttpResponse:
    """One list: whom to call, with masked numbers, and what they said."""
    return _show(request, scope, selectors.get_sample(scope, sample_id))


def _show(
    request: HttpRequest,
    scope: Scope,
    found: "CallSample",
    *,
    number: tuple[int, str] | None = None,
    refused: DomainError | None = None,
) -> HttpResponse:
    lines = selectors.lines_of(found)
    member_services.count_list(actor=actor_of(request), scope=scope)
    phones = members.masked_phones([line.member_id for line in lines])
    may_hand = scope_for(actor_of(request), can.ENROLMENT_CHECK).covers(territories.path_of(found.territory_id))
    context = {
        **frame(request, scope, found.territory, "calls"),
        "sample": found,
        "lines": [(line, phones.get(line.member_id, "")) for line in lines],
        "outcomes": selectors.outcomes(),
        "mine": found.caller_id == actor_of(request).id and found.closed_at is None,
        "callers": CallerForm(callers=_callers(found.territory)) if may_hand and not found.closed_at else None,
        "number": number,
        "refused": str(refused) if refused else "",
    }
    answer = render(request, "console/calls_list.html", context, status=STATUS[refused.kind] if refused else 200)
    answer["Cache-Control"] = "private, no-store"
    return answer


@page(can.MEMBERS_REVEAL, step_up=True)
def call(request: HttpRequest, scope: Scope, sample_id: int, place: int, verb: str) -> HttpResponse:
    """Show one number of one's own list, or note what was said."""
    found = selectors.get_sample(scope, sample_id)
    if verb not in {"number", "outcome"}:
        raise NotFound
    if request.method != "POST":
        return see_other(f"{LISTS}/{sample_id}")
    try:
        if verb == "number":
            shown = calling.call_number(actor=actor_of(request), sample_id=sample_id, place=place)
            return _show(request, scope, found, number=(place, shown))
        return _note(request, found, place)
    except NotFound:
        raise
    except DomainError as error:
        return _show(request, scope, found, refused=error)


def _note(request: HttpRequest, found: "CallSample", place: int) -> HttpResponse:
    said = request.POST.get("outcome", "")
    if said not in dict(selectors.outcomes()):
        raise NotFound
    calling.note_call(actor=actor_of(request), sample_id=found.pk, place=place, outcome=said)
    return see_other(f"{LISTS}/{found.pk}#call{place}")


@page(can.ENROLMENT_CHECK, step_up=True)
def hand(request: HttpRequest, scope: Scope, sample_id: int) -> HttpResponse:
    """Give the list to somebody else; the people stay the same."""
    found = selectors.get_sample(scope, sample_id)
    form = CallerForm(request.POST or None, callers=_callers(found.territory))
    if form.is_bound and form.is_valid():
        calling.hand_sample(actor=actor_of(request), sample_id=sample_id, caller_id=int(form.cleaned_data["caller"]))
    return see_other(f"/console/t/{found.territory.code}/calls")


def _callers(place: "Territory") -> list[tuple[str, str]]:
    """Who may see numbers there."""
    return [(str(account_id), name) for account_id, name in holders_of(can.MEMBERS_REVEAL, place.pk).items()]
