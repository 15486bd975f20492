"""The desk: who did, saw, revealed and took out what, when and from where, within one's own area."""

import json
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from toli.access import trail
from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.accounts import selectors as accounts
from toli.accounts.errors import AccountNotFound
from toli.audit.errors import EntryNotFound
from toli.audit.selectors import Sought
from toli.core import clock
from toli.core.redaction import redact
from toli.territories import selectors as territories
from toli.territories.errors import TerritoryNotFound
from toli.web.console.members import number_in
from toli.web.console.trail_things import STAFF, facts_of, page_of, rows
from toli.web.console.trail_words import GROUPS, Group, actions_of
from toli.web.console.views import frame
from toli.web.forms import TrailForm
from toli.web.page import actor_of, page
from toli.web.templatetags.toli import label

if TYPE_CHECKING:
    from datetime import date

    from toli.territories.models import Territory

SHOWN = 50
WARNING_DAYS = 7
NOBODY = 0  # the id of no account: a login that is not there finds nothing, and says no more
_LARGEST_ID = 2**63 - 1


@page(can.AUDIT_VIEW)
def entries(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The trail, the latest first, page by page."""
    place = _place(scope, request.GET.get("place", ""))
    form = TrailForm(_asked(request, place), groups=_groups(), places=_places(scope, place))
    form.is_valid()
    before = number_in(request.GET.get("before", ""))
    found = trail.look_at_trail(
        actor=actor_of(request), sought=_sought(form.cleaned_data), territory=place, before=before or None, limit=SHOWN
    )
    since = clock.now() - timedelta(days=WARNING_DAYS)
    warned = trail.count_entries(actor_of(request), actions_of(Group.WARNINGS), since=since)
    context = {
        **frame(request, scope, place or territories.roots(scope)[0], "audit"),
        "form": form,
        "narrowed": any(form.cleaned_data.values()) or bool(form.errors),
        "rows": rows(found),
        "before": before,
        "older": _address(request, before=found[-1].pk) if len(found) == SHOWN else "",
        "first": _address(request),
        "warned": warned if form.cleaned_data.get("group") != Group.WARNINGS else 0,
        "days": WARNING_DAYS,
    }
    return render(request, "console/trail.html", context, status=400 if form.errors else 200)


def _place(scope: Scope, code: str) -> "Territory | None":
    """The place asked for. Raises TerritoryNotFound, also when out of scope."""
    return territories.get_territory(scope, code) if code.strip() else None


def _asked(request: HttpRequest, place: "Territory | None") -> dict[str, str]:
    names = ("group", "who", "since", "until")
    return {"place": place.code if place else "", **{name: request.GET.get(name, "") for name in names}}


def _groups() -> list[tuple[str, str]]:
    return [(group.value, str(name)) for group, name in GROUPS.items()]


def _places(scope: Scope, place: "Territory | None") -> list[tuple[str, str]]:
    """From where one stands: everything above, the place itself, what is directly below."""
    roots = territories.roots(scope)
    if place is None:
        near = roots if len(roots) > 1 else [*roots, *territories.children(scope, roots[0])]
    else:
        near = [*territories.ancestors(scope, place), *territories.children(scope, place)]
    return [(found.code, label(found)) for found in near]


def _sought(asked: dict[str, Any]) -> Sought:
    login = asked.get("who") or ""
    return Sought(
        actions=actions_of(asked.get("group") or ""),
        actor_id=_account(login) if login else None,
        kind=STAFF if login else "",
        since=_midnight(asked.get("since"), 0),
        until=_midnight(asked.get("until"), 1),
    )


def _account(login: str) -> int:
    try:
        return int(accounts.get_account(login.strip()).pk)
    except AccountNotFound:
        return NOBODY


def _midnight(day: "date | None", later: int) -> datetime | None:
    """The beginning of a day, ``later`` days on; of a day at the end of all calendars, None."""
    try:
        return timezone.make_aware(datetime.combine(day + timedelta(days=later), time.min)) if day else None
    except OverflowError:
        return None


def _address(request: HttpRequest, *, before: int = 0) -> str:
    query = request.GET.copy()
    query.pop("before", None)
    query.pop("lang", None)
    if before:
        query["before"] = str(before)
    return f"/console/audit?{query.urlencode()}"


@page(can.AUDIT_VIEW)
def entry(request: HttpRequest, scope: Scope, entry_id: int) -> HttpResponse:
    """One entry with everything that was kept of it, and whether it is sealed yet."""
    if entry_id > _LARGEST_ID:
        raise EntryNotFound
    found = trail.look_at_entry(actor=actor_of(request), entry_id=entry_id)
    (row,) = rows([found])
    around = frame(request, scope, _around(scope, row.place), "audit")
    context = {
        **around,
        "row": row,
        "facts": facts_of(found),
        "page": page_of(found, around["may"]),
        "kept": redact(json.dumps(found.details, ensure_ascii=False)),
    }
    return render(request, "console/trail_entry.html", context)


def _around(scope: Scope, place: "Territory | None") -> "Territory":
    try:
        if place is not None:
            return territories.get_by_id(scope, place.pk)
    except TerritoryNotFound:
        pass  # one's own act in a place that one has left
    return territories.roots(scope)[0]
