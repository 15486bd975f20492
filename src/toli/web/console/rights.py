"""The desk: what members ask for, with a clock on each."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core import clock
from toli.core.errors import DomainError, NotFound
from toli.members import selectors as members
from toli.members import services as member_services
from toli.rights import selectors, services
from toli.rights.domain.requests import WAITING, days_left
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.forms import AnswerForm, RequestForm
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toli.rights.models import RightsRequest

INBOX = "/console/rights"
VERBS = ("answer", "refuse", "erase")


@page(can.RIGHTS_HANDLE)
def inbox(request: HttpRequest, scope: Scope) -> HttpResponse:
    """What waits, the most urgent first."""
    closed = "closed" in request.GET
    found = selectors.inbox(scope, closed=closed)
    names = selectors.names_of(scope, found)
    context = {
        **frame(request, scope, territories.roots(scope)[0], "rights"),
        "rows": [_row(item, names) for item in found],
        "closed": closed,
    }
    return render(request, "console/rights.html", context)


def _row(item: "RightsRequest", names: "Mapping[int, str]") -> dict[str, Any]:
    left = days_left(item.due_at, clock.now())
    waits = item.state in WAITING
    return {"item": item, "name": names.get(item.member_id, "–"), "left": left, "late": -left, "waits": waits}


@page(can.RIGHTS_HANDLE)
def enter(request: HttpRequest, scope: Scope, member_id: int) -> HttpResponse:
    """Write down what a member said on the telephone or in a letter."""
    if request.method == "POST":
        member = members.get_active_member(scope, member_id)
    else:
        member = member_services.look_at_member(
            actor=actor_of(request), member_id=member_id, permission=can.RIGHTS_HANDLE
        )
    form = RequestForm(request.POST if request.method == "POST" else None)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            filed = services.file_request(actor=actor_of(request), member_id=member.pk, **form.cleaned_data)
        except NotFound:
            raise
        except DomainError as error:
            form.add_error(None, str(error))
            status = STATUS[error.kind]
        else:
            return see_other(f"{INBOX}/{filed.pk}")
    context = {**frame(request, scope, member.territory, "rights"), "member": member, "form": form}
    return render(request, "console/rights_enter.html", context, status=status)


@page(can.RIGHTS_HANDLE, step_up=True)
def request_page(request: HttpRequest, scope: Scope, request_id: int) -> HttpResponse:
    return _show(request, scope, request_id, AnswerForm())


def _show(request: HttpRequest, scope: Scope, request_id: int, form: AnswerForm, *, status: int = 200) -> HttpResponse:
    read = services.read_request(actor=actor_of(request), request_id=request_id)
    item = read.request
    context = {
        **frame(request, scope, item.territory, "rights"),
        **_row(item, selectors.names_of(scope, [item])),
        "form": form,
        "words": read.words,
        "answer": read.answer,
        "takes": read.takes,
        "early": item.not_before > clock.now(),
    }
    return render(request, "console/rights_request.html", context, status=status)


@page(can.RIGHTS_HANDLE, step_up=True)
def decide(request: HttpRequest, scope: Scope, request_id: int, verb: str) -> HttpResponse:
    """Answer, refuse, or carry out an erasure."""
    item = selectors.get_request(scope, request_id)
    if request.method != "POST":
        return see_other(f"{INBOX}/{item.pk}")
    if verb not in VERBS:
        raise NotFound
    form = AnswerForm(request.POST)
    form.is_valid()
    try:
        _act(request, item, verb, form)
    except NotFound:
        raise
    except DomainError as error:
        form.add_error(None, str(error))
        return _show(request, scope, item.pk, form, status=STATUS[error.kind])
    return see_other(INBOX)


def _act(request: HttpRequest, item: "RightsRequest", verb: str, form: AnswerForm) -> None:
    actor, words = actor_of(request), form.cleaned_data.get("answer", "")
    if verb == "erase":
        services.confirm_erasure(actor=actor, request_id=item.pk)
    elif verb == "refuse":
        services.refuse_request(actor=actor, request_id=item.pk, reason=words)
    else:
        services.answer_request(
            actor=actor, request_id=item.pk, answer=words, move_to=form.cleaned_data.get("move_to", "")
        )
