"""The registry at the desk: entering groups, looking after one, those who wait for a place."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.chatgroups import late, pasting, services
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups.domain.kinds import KINDS
from toli.chatgroups.errors import CampaignNotFound
from toli.chatgroups.policies import runs_group
from toli.core.errors import DomainError
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.forms import GroupLinkForm
from toli.web.group_forms import AdminsForm, CampaignTextsForm, GroupEntryForm, RenameForm
from toli.web.page import actor_of, page, see_other

NAMES_SHOWN = OFFERED = 200
HOLDING_PLATFORMS = {KINDS[kind].platform for kind in chatgroups.HOLDING}


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
        **_community(actor, scope, found),
        "tasks": late.open_tasks(actor, found),
        "recorded": "recorded" in request.GET,
        "runs": runs_group(actor, found),
        "manages": chatgroups.find_group(scope_for(actor, can.GROUPS_MANAGE), group_id) is not None,
        "rename_form": RenameForm(initial={"name": found.name}),
        "link_form": GroupLinkForm(),
        "admins_form": AdminsForm(
            initial={"admin": found.admin.login, "deputy": found.deputy.login if found.deputy else ""}
        ),
        **more,
    }
    return render(request, "console/group.html", context, status=status)


def _community(actor: Actor, scope: Scope, found: Any) -> dict[str, Any]:
    """Of a community: what stands in it, and what could. Of a group: the communities it could stand in."""
    managed = scope_for(actor, can.GROUPS_MANAGE)
    if found.kind in chatgroups.HOLDING:
        return {
            "holds": chatgroups.held_groups(scope, found)[:OFFERED],
            "count": chatgroups.count_in([found])[found.pk],
            "could_hold": chatgroups.may_stand_in(managed, found)[:OFFERED],
        }
    offered = chatgroups.communities(managed).filter(campaign=found.campaign)
    return {"communities": offered[:OFFERED] if KINDS[found.kind].platform in HOLDING_PLATFORMS else []}


@page(can.GROUPS_VIEW)
def communities(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """The communities of a place, with what stands in each and what its platform allows."""
    place = territories.get_territory(scope, code)
    found = list(chatgroups.communities(scope, territory=place)[:OFFERED])
    counts = chatgroups.count_in(found)
    context = {
        **frame(request, scope, place, "groups"),
        "rows": [(community, counts[community.pk]) for community in found],
        "may_enter": scope_for(actor_of(request), can.GROUPS_MANAGE).covers(territories.path_of(place.pk)),
    }
    return render(request, "console/communities.html", context)


@page(can.GROUPS_MANAGE)
def campaign(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """What a campaign is called and what is pasted into its groups; for those who manage the whole of its territory."""
    found = chatgroups.get_campaign(code)
    if not scope.covers(territories.path_of(found.territory_id)):
        raise CampaignNotFound(campaign=code)
    form = CampaignTextsForm(request.POST or None, initial={name: getattr(found, name) for name in _TEXTS})
    if request.method == "POST" and form.is_valid():
        try:
            services.describe_campaign(actor=actor_of(request), campaign_code=code, **form.cleaned_data)
        except DomainError as error:
            form.refuse("naming_pattern" if error.code == "campaign_invalid" else None, error)
        else:
            return see_other(f"/console/campaigns/{code}?saved=1")
    context = {
        **frame(request, scope, found.territory, "groups"),
        "campaign": found,
        "form": form,
        "examples": pasting.example_texts(found),
        "saved": "saved" in request.GET,
    }
    return render(request, "console/campaign.html", context, status=400 if form.errors else 200)


_TEXTS = tuple(CampaignTextsForm.base_fields)


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


def _rename(request: HttpRequest, scope: Scope, group_id: int) -> HttpResponse | None:
    form = RenameForm(request.POST)
    if form.is_valid():
        services.rename_group(actor=actor_of(request), group_id=group_id, name=form.cleaned_data["name"])
        return None
    return _group(request, scope, group_id, status=400, rename_form=form)


def _put(request: HttpRequest, scope: Scope, group_id: int) -> HttpResponse | None:
    """Put a group into a community or take it out: from the page of the group, or from that of the community."""
    held, community = request.POST.get("held", ""), request.POST.get("community", "")
    services.put_in_community(
        actor=actor_of(request),
        group_id=int(held) if held.isascii() and held.isdigit() else group_id,
        community_id=int(community) if community.isascii() and community.isdigit() else None,
    )
    return None


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
    "rename": _rename,
    "community": _put,
    "archive": _said(services.archive_group),
}


@page(can.GROUPS_MANAGE)
def enter(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Enter a group that exists already, for the place on whose page one stands."""
    place = territories.get_territory(scope, code)
    form = GroupEntryForm(request.POST or None, initial={"kind": request.GET.get("kind", "")})
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
