"""The desk: the election calendar, which decides where nothing may be sent."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.compliance import selectors, services
from toli.core import clock
from toli.core.errors import DomainError, NotFound
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.election_forms import ElectionForm, PollForm
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.compliance.models import Election, PollingArea

HOME = "/console/elections"
POLLS_SHOWN = 300


@page(can.KITS_VIEW)
def elections(request: HttpRequest, scope: Scope) -> HttpResponse:
    """All elections; they are public."""
    now = clock.now()
    rows = []
    for item in selectors.elections():
        closes = selectors.closes_of(item)
        rows.append({"election": item, "closes": closes, "over": closes is not None and closes[1] <= now})
    return render(request, "console/elections.html", {**_frame(request, scope), "rows": rows})


@page(can.ELECTIONS_MANAGE)
def new(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Put an election into the calendar; its polls come on its own page."""
    form = ElectionForm(request.POST or None)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_election(actor=actor_of(request), **form.cleaned_data)
            return see_other(f"{HOME}/{made.code}")
        except DomainError as error:
            form.refuse("code", error)
            status = STATUS[error.kind]
    return render(request, "console/election_new.html", {**_frame(request, scope), "form": form}, status=status)


@page(can.KITS_VIEW)
def election(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """One election: its phases and places."""
    found = selectors.get_election(code)
    return _show(request, scope, found, PollForm())


@page(can.ELECTIONS_MANAGE)
def change(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Add places that vote, remove one, or remove the election."""
    found = selectors.get_election(code)
    if request.method != "POST":
        return see_other(f"{HOME}/{found.code}")
    act, form = request.POST.get("act"), PollForm()
    try:
        if act == "remove":
            services.remove_election(actor=actor_of(request), code=found.code)
            return see_other(HOME)
        if act == "remove-poll":
            number = request.POST.get("poll", "")
            services.remove_poll(actor=actor_of(request), poll_id=int(number) if number.isdecimal() else 0)
            return see_other(f"{HOME}/{found.code}")
        form = PollForm(request.POST)
        if not form.is_valid():
            return _show(request, scope, found, form, status=400)
        poll = services.PollDraft(form.cleaned_data["phase"], form.cleaned_data["closes_at"], form.codes())
        services.add_polls(actor=actor_of(request), code=found.code, poll=poll)
    except NotFound as error:
        if not form.is_bound:
            raise
        form.refuse("areas", error)
        return _show(request, scope, found, form, status=404)
    except DomainError as error:
        return _show(request, scope, found, form, str(error), status=STATUS[error.kind])
    return see_other(f"{HOME}/{found.code}")


def _show(
    request: HttpRequest, scope: Scope, found: "Election", form: PollForm, refused: str = "", *, status: int = 200
) -> HttpResponse:
    mine = scope_for(actor_of(request), can.ELECTIONS_MANAGE)
    polls = list(found.polls.all()[:POLLS_SHOWN])
    context = {
        **_frame(request, scope),
        "election": found,
        "polls": [_row(found, poll, mine) for poll in polls],
        "more": max(0, found.polls.count() - POLLS_SHOWN),
        "form": form,
        "may_change": not mine.is_empty,
        "refused": refused,
    }
    return render(request, "console/election.html", context, status=status)


def _row(found: "Election", poll: "PollingArea", mine: Scope) -> dict[str, Any]:
    now = clock.now()
    silent_from = poll.closes_at - timedelta(hours=found.silence_hours)
    return {
        "poll": poll,
        "silent_from": silent_from,
        "silent": silent_from <= now < poll.closes_at,
        "over": now >= poll.closes_at,
        "mine": any(mine.covers(path) for path in territories.paths_of(poll.territory_id)),
    }


def _frame(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    return frame(request, scope, territories.roots(scope)[0], "elections")
