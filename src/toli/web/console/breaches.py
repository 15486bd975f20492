"""The desk: breaches of members' data and drills, with the clock, who is affected where, and the letters."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core import clock
from toli.core.errors import DomainError, NotFound
from toli.rights import selectors, services
from toli.rights.domain.breaches import Kind, Letters, State, board_by, hours_left
from toli.rights.selectors import KIND_NAMES, WAY_NAMES
from toli.territories import selectors as territories
from toli.web.breach_forms import CaseWordsForm, IncidentForm
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.rights.models import BreachCase

HOME = "/console/breaches"
DEPTH = 3  # levels of places below that of the case; the command line tells all
WORDS = ("happened_hi", "happened_en", "measures_hi", "measures_en")


@page(can.RIGHTS_HANDLE)
def cases(request: HttpRequest, scope: Scope) -> HttpResponse:
    """All cases of the area, open ones first."""
    rows = [_clock(case) for case in selectors.cases(scope)]
    return render(request, "console/breaches.html", {**_frame(request, scope), "rows": rows})


@page(can.RIGHTS_HANDLE, step_up=True)
def new(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Open a case."""
    top = territories.roots(scope)[0]
    form = IncidentForm(request.POST if request.method == "POST" else None, initial={"territory_code": top.code})
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            case = services.open_case(actor=actor_of(request), incident=services.Incident(**form.cleaned_data))
        except NotFound as error:
            if error.code != "account_not_found":
                raise
            form.refuse("login", error)
        except DomainError as error:
            form.refuse("began_at", error)
            status = STATUS[error.kind]
        else:
            return see_other(f"{HOME}/{case.pk}")
    return render(request, "console/breach_new.html", {**_frame(request, scope), "form": form}, status=status)


@page(can.RIGHTS_HANDLE, step_up=True)
def case(request: HttpRequest, scope: Scope, case_id: int) -> HttpResponse:
    return _show(request, scope, selectors.get_case(scope, case_id))


def _show(
    request: HttpRequest, scope: Scope, item: "BreachCase", refused: str = "", *, status: int = 200
) -> HttpResponse:
    report = services.report_of(scope=scope, case_id=item.pk, depth=DEPTH)
    actor = actor_of(request)
    context = {
        **_frame(request, scope),
        **_clock(item),
        "report": report,
        "kinds": [(KIND_NAMES[kind], count) for kind, count in report.kinds.items()],
        "ways": [(WAY_NAMES[way], count) for way, count in report.ways.items()],
        "most": max([place.count for place in report.places], default=0),
        "form": CaseWordsForm(initial={name: getattr(item, name) for name in WORDS}),
        "letter": services.letter_to_person(item, _shown_kinds(report), request.LANGUAGE_CODE),
        "may_change": item.state != State.CLOSED and item.letters == Letters.NONE,
        "own_letters": item.letters_asked_by_id == actor.id,
        "refused": refused,
    }
    return render(request, "console/breach.html", context, status=status)


def _shown_kinds(report: services.CaseReport) -> Kind:
    """The sample letter speaks of everything that was reached of anybody."""
    found = Kind(0)
    for kind in report.kinds:
        found |= kind
    return found


@page(can.RIGHTS_HANDLE, step_up=True)
def act(request: HttpRequest, scope: Scope, case_id: int, verb: str) -> HttpResponse:
    """A step of the case."""
    item = selectors.get_case(scope, case_id)
    if request.method != "POST":
        return see_other(f"{HOME}/{item.pk}")
    steps = {
        "describe": lambda: _describe(request, item),
        "look-again": lambda: services.look_again(actor=actor_of(request), case_id=item.pk),
        "ask": lambda: services.ask_for_letters(actor=actor_of(request), case_id=item.pk),
        "take-back": lambda: services.take_letters_back(actor=actor_of(request), case_id=item.pk),
        "approve": lambda: services.approve_letters(actor=actor_of(request), case_id=item.pk),
        "board-first": lambda: services.board_told(actor=actor_of(request), case_id=item.pk, full=False),
        "board-full": lambda: services.board_told(actor=actor_of(request), case_id=item.pk, full=True),
        "close": lambda: services.close_case(actor=actor_of(request), case_id=item.pk),
    }
    if verb not in steps:
        raise NotFound
    try:
        steps[verb]()
    except NotFound:
        raise
    except DomainError as error:
        return _show(request, scope, item, str(error), status=STATUS[error.kind])
    return see_other(f"{HOME}/{item.pk}")


def _describe(request: HttpRequest, item: "BreachCase") -> None:
    form = CaseWordsForm(request.POST)
    form.is_valid()
    words = services.CaseWords(**{name: form.cleaned_data.get(name, "") for name in WORDS})
    services.describe_case(actor=actor_of(request), case_id=item.pk, words=words)


def _clock(item: "BreachCase") -> dict[str, Any]:
    left = hours_left(item.aware_at, clock.now())
    waits = item.state != State.CLOSED and item.board_full_at is None
    return {"case": item, "left": left, "late": -left, "waits": waits, "board_by": board_by(item.aware_at)}


def _frame(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    return frame(request, scope, territories.roots(scope)[0], "rights")
