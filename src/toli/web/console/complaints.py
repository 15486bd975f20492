"""The desk: what anybody complains of, with a clock on each."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core import clock
from toli.core.errors import DomainError, NotFound
from toli.rights import selectors, services
from toli.rights.domain.complaints import State, is_late
from toli.rights.domain.requests import days_left
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.forms import ComplaintAnswerForm
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.rights.models import Complaint

INBOX = "/console/complaints"


@page(can.COMPLAINTS_HANDLE)
def inbox(request: HttpRequest, scope: Scope) -> HttpResponse:
    """What waits, the most urgent first."""
    answered = "answered" in request.GET
    context = {
        **frame(request, scope, territories.roots(scope)[0], "complaints"),
        "rows": [_row(item) for item in selectors.complaints(scope, answered=answered)],
        "answered": answered,
    }
    return render(request, "console/complaints.html", context)


def _row(item: "Complaint") -> dict[str, Any]:
    now = clock.now()
    left = days_left(item.due_at, now)
    return {
        "item": item,
        "left": left,
        "late": is_late(item.state, item.take_up_by, item.due_at, now),
        "days_late": max(1, -left),
        "waits": item.state != State.ANSWERED,
        "untaken": item.state == State.RECEIVED,
    }


@page(can.COMPLAINTS_HANDLE, step_up=True)
def complaint(request: HttpRequest, scope: Scope, complaint_id: int) -> HttpResponse:
    return _show(request, scope, complaint_id, ComplaintAnswerForm())


def _show(
    request: HttpRequest, scope: Scope, complaint_id: int, form: ComplaintAnswerForm, *, status: int = 200
) -> HttpResponse:
    read = services.read_complaint(actor=actor_of(request), complaint_id=complaint_id)
    context = {
        **frame(request, scope, read.complaint.territory, "complaints"),
        "row": _row(read.complaint),
        "form": form,
        "words": read.words,
        "phone": read.phone,
        "answer": read.answer,
    }
    return render(request, "console/complaint.html", context, status=status)


@page(can.COMPLAINTS_HANDLE, step_up=True)
def decide(request: HttpRequest, scope: Scope, complaint_id: int, verb: str) -> HttpResponse:
    """Take it up, or answer it."""
    found = selectors.get_complaint(scope, complaint_id)
    if request.method != "POST":
        return see_other(f"{INBOX}/{found.pk}")
    if verb not in ("take", "answer"):
        raise NotFound
    form = ComplaintAnswerForm(request.POST if verb == "answer" else None)
    try:
        if verb == "take":
            services.take_up_complaint(actor=actor_of(request), complaint_id=complaint_id)
        else:
            form.is_valid()
            words = form.cleaned_data.get("answer", "")
            services.answer_complaint(actor=actor_of(request), complaint_id=complaint_id, answer=words)
    except NotFound:
        raise
    except DomainError as error:
        if not form.is_bound:
            return see_other(f"{INBOX}/{found.pk}")
        form.add_error(None, str(error))
        return _show(request, scope, found.pk, form, status=STATUS[error.kind])
    return see_other(f"{INBOX}/{found.pk}" if verb == "take" else INBOX)
