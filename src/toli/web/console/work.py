"""The work queue: made for a phone, what does most harm by waiting first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import EVERYWHERE, Scope
from toli.assignments import selectors as assignments
from toli.chatgroups import services as groups
from toli.core.errors import DomainError
from toli.distribution import selectors as distribution
from toli.distribution import services as distribution_services
from toli.sharing.domain.intents import intent_url
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.forms import GroupLinkForm
from toli.web.page import actor_of, page, see_other

SHOWN = 40


@page(can.WORK_DO)
def queue(request: HttpRequest, scope: Scope) -> HttpResponse:
    return _queue(request, scope, {})


@page(can.WORK_DO)
def answer(request: HttpRequest, scope: Scope, work_id: int) -> HttpResponse:
    """Take the answer to one's own task."""
    if request.method != "POST":
        return see_other("/console/work")
    work = assignments.get_work(actor_of(request), work_id)
    if work.kind == "relay_kit":
        if request.POST.get("done") == "yes":
            distribution_services.confirm_relay(actor=actor_of(request), relay_id=work.details["relay_id"])
        return see_other("/console/work")
    form = GroupLinkForm(request.POST)
    if form.is_valid():
        try:
            groups.confirm_group_open(
                actor=actor_of(request),
                group_id=work.details["group_id"],
                join_address=form.cleaned_data["join_address"],
            )
        except DomainError as error:
            form.add_error("join_address", str(error))
        else:
            return see_other("/console/work")
    return _queue(request, scope, {work.pk: form}, status=400)


def _queue(request: HttpRequest, scope: Scope, forms: dict[int, GroupLinkForm], status: int = 200) -> HttpResponse:
    work = assignments.open_work(actor_of(request))
    context = {
        **frame(request, scope, territories.roots(scope)[0], "work"),
        "items": [_item(entry, forms.get(entry.pk)) for entry in work[:SHOWN]],
        "count": len(work),
        "more": max(0, len(work) - SHOWN),
    }
    return render(request, "console/work.html", context, status=status)


def _item(work: Any, form: GroupLinkForm | None) -> dict[str, Any]:
    if work.kind == "relay_kit":
        text = distribution.relay_text(distribution.get_relay(EVERYWHERE, work.details["relay_id"]))
        words, _break, link = text.rpartition("\n")
        return {"work": work, "text": text, "intent": intent_url("whatsapp", words.strip(), link)}
    return {"work": work, "form": form or GroupLinkForm()}
