"""The registry at the desk: entering groups, looking after one, those who wait for a place."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.chatgroups import pasting, services
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups.errors import CampaignNotFound
from toli.chatgroups.policies import runs_group
from toli.core.errors import DomainError
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.forms import GroupLinkForm
from toli.web.group_forms import AdminsForm, GroupEntryForm
from toli.web.page import actor_of, page, see_other

NAMES_SHOWN = 200


@page(can.GROUPS_VIEW)
def group(request: HttpRequest, scope: Scope, group_id: int) -> HttpResponse:
    return _group(request, scope, group_id)


def _group(request: HttpRequest, scope: Scope, group_id: int, status: int = 200, **more: Any) -> HttpResponse:
    found = chatgroups.get_group(scope, group_id)
    actor = actor_of(request)
    context = {
        **frame(request, scope, territories.roots(scope)[0], "groups"),
        "group": found,
        "stage": chatgroups.stage_of(found),
        "serves": chatgroups.served_territories(found),
        "seats": chatgroups.seats_by_state(found),
        "roster": chatgroups.latest_roster(found),
        "holds": chatgroups.held_groups(scope, found),
        "recorded": "recorded" in request.GET,
        "runs": runs_group(actor, found),
        "manages": chatgroups.find_group(scope_for(actor, can.GROUPS_MANAGE), group_id) is not None,
        "link_form": GroupLinkForm(),
        "admins_form": AdminsForm(
            initial={"admin": found.admin.login, "deputy": found.deputy.login if found.deputy else ""}
        ),
        **more,
    }
    return render(request, "console/group.html", context, status=status)


@page(can.GROUPS_VIEW)
def picture(request: HttpRequest, scope: Scope, group_id: int) -> HttpResponse:
    """A picture to set in the group: its place, drawn."""
    found = chatgroups.get_group(scope, group_id)
    answer = HttpResponse(pasting.picture_for(found), content_type="image/png")
    answer["Content-Disposition"] = f'attachment; filename="group-{group_id}.png"'
    return answer


@page(can.GROUPS_VIEW)
def act(request: HttpRequest, scope: Scope, group_id: int, verb: str) -> HttpResponse:
    """What those who run a group do about it. What is refused is said on the group's page."""
    if verb not in ACTS:
        raise Http404
    chatgroups.get_group(scope, group_id)
    if request.method != "POST":
        return see_other(f"/console/groups/{group_id}")
    try:
        answer = ACTS[verb](request, scope, group_id)
    except DomainError as error:
        return _group(request, scope, group_id, status=409, refused=str(error))
    return answer or see_other(f"/console/groups/{group_id}")


def _change_link(request: HttpRequest, scope: Scope, group_id: int) -> HttpResponse | None:
    form = GroupLinkForm(request.POST)
    if form.is_valid():
        try:
            services.confirm_group_open(
                actor=actor_of(request), group_id=group_id, join_address=form.cleaned_data["join_address"]
            )
        except DomainError as error:
            form.refuse("join_address", error)
        else:
            return None
    return _group(request, scope, group_id, status=400, link_form=form)


def _name_admins(request: HttpRequest, scope: Scope, group_id: int) -> HttpResponse | None:
    form = AdminsForm(request.POST)
    if form.is_valid():
        try:
            services.name_admins(actor=actor_of(request), group_id=group_id, **form.cleaned_data)
        except DomainError as error:
            form.refuse("admin", error)
        else:
            return None
    return _group(request, scope, group_id, status=400, admins_form=form)


def _said(service: Callable[..., Any]) -> Callable[[HttpRequest, Scope, int], HttpResponse | None]:
    def say(request: HttpRequest, _scope: Scope, group_id: int) -> None:
        actor: Actor = actor_of(request)
        service(actor=actor, group_id=group_id)

    return say


ACTS: dict[str, Callable[[HttpRequest, Scope, int], HttpResponse | None]] = {
    "link": _change_link,
    "admins": _name_admins,
    "leak": _said(services.report_leak),
    "second": _said(services.confirm_second_admin),
    "handed": _said(services.confirm_hand_over),
    "archive": _said(services.archive_group),
}


@page(can.GROUPS_MANAGE)
def enter(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Enter a group that exists already, for the place on whose page one stands."""
    place = territories.get_territory(scope, code)
    form = GroupEntryForm(request.POST or None)
    context = {**frame(request, scope, place, "groups"), "form": form}
    if request.method != "POST":
        return render(request, "console/group_new.html", context)
    if form.is_valid():
        try:
            found = _enter(actor_of(request), place.code, form.cleaned_data)
        except DomainError as error:
            form.refuse(_FIELDS.get(error.code, "name"), error)
        else:
            return see_other(f"/console/groups/{found.pk}")
    return render(request, "console/group_new.html", context, status=400)


_FIELDS = {
    "invite_link_invalid": "join_address",
    "invite_link_taken": "join_address",
    "invite_link_retired": "join_address",
    "admin_unknown": "admin",
}


def _enter(actor: Actor, territory_code: str, entry: dict[str, Any]) -> Any:
    campaign = chatgroups.current_campaign()
    if campaign is None:
        raise CampaignNotFound(campaign="")
    return services.add_group(
        actor=actor,
        campaign_code=campaign.code,
        territory_codes=[territory_code],
        kind=entry["kind"],
        name=entry["name"],
        join_address=entry["join_address"],
        admin_login=entry["admin"],
        people=entry["people"],
    )


@page(can.GROUPS_VIEW)
def waiting(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Who waits for a place in a group, in order; names for those who may see members here."""
    place = territories.get_territory(scope, code)
    campaign = chatgroups.current_campaign()
    seen = scope_for(actor_of(request), can.MEMBERS_VIEW)
    context = {
        **frame(request, scope, place, "groups"),
        "counts": chatgroups.waiting_by_territory(scope, campaign, territory=place) if campaign else [],
        "people": list(chatgroups.waiting_in(seen, campaign, territory=place)[:NAMES_SHOWN]) if campaign else [],
        "coming": chatgroups.groups(scope, territory=place).filter(state="asked", seated=True)[:NAMES_SHOWN],
    }
    return render(request, "console/waiting.html", context)
