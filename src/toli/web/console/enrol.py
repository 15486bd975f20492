"""Enrolling at a camp or door: the coordinator's phone page, what it sends, and what came of it."""

import json
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core import clock
from toli.core.errors import DomainError
from toli.enrolment import selectors
from toli.enrolment.services import applications as services
from toli.members import selectors as members
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.page import actor_of, page, see_other

SHOWN = 200


@page(can.WORK_DO)
def phone_page(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The page that works without a network; ``?t=`` narrows a large area, as a phone can carry so many booths."""
    code = request.GET.get("t")
    place = territories.get_territory(scope, code) if code else None
    booths = selectors.booths(scope, territory=place)
    context = {
        **frame(request, scope, place or territories.roots(scope)[0], "enrol"),
        "account": actor_of(request).id,
        "drives": [drive for drive in members.drives() if drive.opens_on <= clock.today() <= drive.closes_on],
        "booths": booths[: selectors.MOST_BOOTHS],
        "narrow": territories.children(scope, place) if place else territories.roots(scope),
        "too_many": len(booths) > selectors.MOST_BOOTHS,
    }
    return render(request, "console/enrol.html", context)


@page(can.WORK_DO)
def register(request: HttpRequest, _scope: Scope) -> HttpResponse:
    """Take the public key of this phone."""
    given = _body(request)
    jwk = given.get("key")
    try:
        device = services.register_device(
            actor=actor_of(request), jwk=jwk if isinstance(jwk, dict) else {}, name=str(given.get("name", ""))
        )
    except DomainError as error:
        return _refusal(error)
    return JsonResponse({"device": device.key_id})


@page(can.WORK_DO)
def receive(request: HttpRequest, _scope: Scope) -> HttpResponse:
    """Take a batch of entries; one answer for each."""
    batch = _body(request).get("records")
    try:
        answers = services.receive_records(actor=actor_of(request), batch=batch if isinstance(batch, list) else [])
    except DomainError as error:
        return _refusal(error)
    fields = ("id", "result", "state", "reason", "words")
    return JsonResponse({"answers": [{name: getattr(answer, name) for name in fields} for answer in answers]})


def _body(request: HttpRequest) -> dict[str, Any]:
    """What the phone's script sends; empty when it is no JSON object."""
    try:
        given = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _refusal(error: DomainError) -> JsonResponse:
    return JsonResponse({"code": error.code, "words": str(error)}, status=400)


@page(can.WORK_DO)
def outcome(request: HttpRequest, scope: Scope) -> HttpResponse:
    """What came of the entries of a day."""
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = clock.today()
    found = selectors.own_day(scope, account_id=actor_of(request).id or 0, day=day)
    context = {
        **frame(request, scope, territories.roots(scope)[0], "enrol"),
        "day": day,
        "counts": selectors.counted_states(found),
        "entries": [(one, services.shown_number(one)) for one in found[:SHOWN]],
    }
    return render(request, "console/enrol_outcome.html", context)


@page(can.WORK_DO)
def withdraw(request: HttpRequest, scope: Scope, application_id: int) -> HttpResponse:
    """Take an entry back that was a mistake."""
    entry = selectors.get_application(scope, application_id)
    if request.method == "POST" and entry.is_open:
        services.withdraw_application(actor=actor_of(request), application_id=application_id)
    return see_other(f"/console/enrol/outcome?day={clock.day_of(entry.captured_at).isoformat()}")


@page(can.WORK_DO)
def desk(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Entries of an area by state and enroller, and the phones that may send."""
    place = territories.get_territory(scope, code)
    found = selectors.applications(scope, territory=place)
    context = {
        **frame(request, scope, place, "enrol"),
        "counts": selectors.counted_states(found),
        "enrollers": selectors.by_enroller(found),
        "devices": selectors.devices(scope, territory=place)[:SHOWN],
    }
    return render(request, "console/enrol_desk.html", context)


@page(can.WORK_DO)
def end_device(request: HttpRequest, scope: Scope, device_id: int) -> HttpResponse:
    """Take nothing more from a phone that was lost."""
    device = selectors.get_device(scope, device_id, account_id=actor_of(request).id or 0)
    if request.method == "POST":
        services.end_device(actor=actor_of(request), device_id=device_id)
    return see_other(f"/console/t/{device.territory.code}/enrolments")
