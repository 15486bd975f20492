"""The fraud inbox: joinings that are held, and people who say they never joined. The most harmful first."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core.errors import DomainError, NotFound
from toli.enrolment import selectors
from toli.enrolment.domain.cases import MOST_ALONE
from toli.enrolment.services import guarding
from toli.territories import selectors as territories
from toli.web.check_forms import DecisionForm
from toli.web.console.check_words import ACTS, STATES, evidence_of
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.enrolment.models import Case

INBOX = "/console/checks"
ENTRIES_SHOWN = 50
VERBS = {
    "release": guarding.release_case,
    "refuse": guarding.refuse_case,
    "restore": guarding.restore_case,
    "close": guarding.close_case,
}


@page(can.ENROLMENT_CHECK)
def inbox(request: HttpRequest, scope: Scope) -> HttpResponse:
    decided = "decided" in request.GET
    listed = selectors.inbox(scope, actor_of(request), decided=decided)
    context = {
        **frame(request, scope, territories.roots(scope)[0], "checks"),
        "rows": [{"item": row.case, "held": row.held, **evidence_of(row.case)} for row in listed],
        "decided": decided,
    }
    return render(request, "console/checks.html", context)


@page(can.ENROLMENT_CHECK)
def case(request: HttpRequest, scope: Scope, case_id: int) -> HttpResponse:
    found = selectors.get_case(scope, actor_of(request), case_id)
    return _show(request, scope, found, DecisionForm())


def _show(request: HttpRequest, scope: Scope, found: "Case", form: DecisionForm, *, status: int = 200) -> HttpResponse:
    people = [(held, STATES[held.state]) for held in selectors.people_of(found)]
    entries = selectors.entries_of(found)
    context = {
        **frame(request, scope, found.territory, "checks"),
        "item": found,
        **evidence_of(found),
        "people": people,
        "held": sum(held.state == "held" for held, _words in people) + entries.count(),
        "came_before": any(held.state == "with" for held, _words in people),
        "entries": entries[:ENTRIES_SHOWN],
        "more_entries": max(0, entries.count() - ENTRIES_SHOWN),
        "steps": [(step, ACTS[step.act]) for step in found.steps.select_related("account")],
        "own_wish": found.asked_by_id == actor_of(request).id,
        "most_alone": MOST_ALONE,
        "form": form,
    }
    return render(request, "console/check.html", context, status=status)


@page(can.ENROLMENT_CHECK, step_up=True)
def decide(request: HttpRequest, scope: Scope, case_id: int, verb: str) -> HttpResponse:
    """Release, refuse, restore, close: with a reason."""
    found = selectors.get_case(scope, actor_of(request), case_id)
    if request.method != "POST":
        return see_other(f"{INBOX}/{found.pk}")
    if verb not in VERBS:
        raise NotFound
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, scope, found, form, status=400)
    return _act(request, scope, found, verb, form)


def _act(request: HttpRequest, scope: Scope, found: "Case", verb: str, form: DecisionForm) -> HttpResponse:
    given: dict[str, Any] = {"case_id": found.pk, "reason": form.cleaned_data["reason"]}
    try:
        VERBS[verb](actor=actor_of(request), **given)
    except NotFound:
        raise
    except DomainError as error:
        form.add_error(None, str(error))
        return _show(request, scope, found, form, status=STATUS[error.kind])
    return see_other(f"{INBOX}/{found.pk}")
