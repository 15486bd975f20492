"""The desk: plans with their dry run, the calendar, and the board that says where a kit stopped."""

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from toli.access import selectors as access
from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.chatgroups import selectors as chatgroups
from toli.compliance import selectors as compliance
from toli.compliance.domain.channels import why_barred
from toli.content import selectors as content
from toli.core import clock
from toli.core.errors import DomainError, NotFound
from toli.distribution import direct, selectors, services
from toli.distribution.errors import OBSTACLES, PICTURES, CitizensNotReached
from toli.distribution.ports import posting_channels
from toli.territories import selectors as territories
from toli.web.console.delivery import STATES
from toli.web.console.places import own_posts
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other
from toli.web.plan_forms import PlanForm, channel_name
from toli.web.rule_words import HELD_BACK, RULES
from toli.web.templatetags.toli import label

if TYPE_CHECKING:
    from toli.distribution.models import Plan

DAYS = 42


@page(can.KITS_RELEASE)
def new(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """Plan where a kit goes; the next page tells what that would do."""
    kit = content.get_kit(scope, kit_id)
    kind = compliance.get_organisation().kind
    channels = direct.offered()
    first = {
        "areas": territories.roots(scope)[0].code,
        "channels": ["assisted"],
        "audiences": ["members"],
        "starts_at": clock.now(),
    }
    roles = [(role.code, label(role)) for role in access.roles()]
    form = PlanForm(request.POST or None, initial=first, channels=channels, roles=roles)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        campaign = chatgroups.current_campaign()
        try:
            plan = services.make_plan(
                actor=actor_of(request), kit_id=kit_id, campaign_code=campaign.code if campaign else "", **form.facts()
            )
            return see_other(f"/console/plans/{plan.pk}")
        except DomainError as error:
            form.refuse("channels" if isinstance(error, CitizensNotReached) else "areas", error)
            status = STATUS[error.kind]
    context = {
        **_frame(request, scope),
        "kit": kit,
        "form": form,
        "barred": any(why_barred(kind, item) for item in direct.channels()),
        "hands_only": channels == (direct.ASSISTED,),
    }
    return render(request, "console/plan_new.html", context, status=status)


@page(can.KITS_RELEASE)
def plan(request: HttpRequest, scope: Scope, plan_id: int) -> HttpResponse:
    return _show(request, scope, selectors.get_plan(scope, plan_id))


@page(can.KITS_RELEASE)
def act(request: HttpRequest, scope: Scope, plan_id: int, verb: str) -> HttpResponse:
    """Let a plan begin at its time, or take it back."""
    found = selectors.get_plan(scope, plan_id)
    if request.method != "POST":
        return see_other(f"/console/plans/{plan_id}")
    try:
        if verb == "schedule":
            services.schedule_plan(actor=actor_of(request), plan_id=plan_id)
        elif verb == "cancel":
            services.cancel_plan(actor=actor_of(request), plan_id=plan_id)
        else:
            raise NotFound
    except NotFound:
        raise
    except DomainError as error:
        return _show(request, scope, found, str(error), status=STATUS[error.kind])
    return see_other(f"/console/plans/{plan_id}")


def _show(request: HttpRequest, scope: Scope, found: "Plan", refused: str = "", *, status: int = 200) -> HttpResponse:
    waiting = found.state in {"draft", "scheduled"}
    context = {
        **_frame(request, scope),
        "plan": found,
        "places": found.territories.order_by("code"),
        "forecasts": [_told(item) for item in selectors.dry_run(found)] if waiting else [],
        "channels": [channel_name(item) for item in found.channels],
        "progress": [_ways(item) for item in selectors.progress(found)] if not waiting else [],
        "left_out": [(channel_name(key), OBSTACLES[why]) for key, why in found.obstacles.items()],
        "refused": refused,
        **({} if waiting else own_posts(scope, found.kit)),
    }
    return render(request, "console/plan.html", context, status=status)


def _told(forecast: Any) -> dict[str, Any]:
    return {
        "name": channel_name(forecast.channel, forecast.audience),
        "forecast": forecast,
        "free": forecast.free or forecast.channel in posting_channels(),
        "by_hand": not direct.to_members([forecast.channel]),
        "obstacle": OBSTACLES[forecast.obstacle] if forecast.obstacle else "",
        "picture": PICTURES[forecast.pictured] if forecast.pictured else "",
        "minutes": -(-int(forecast.duration.total_seconds()) // 60),
        "rules": [{"words": HELD_BACK[rule], "count": count} for rule, count in forecast.refused.items()],
    }


def _ways(item: selectors.WayProgress) -> dict[str, Any]:
    states = [(STATES[state], item.states[state]) for state in STATES if state in item.states]
    return {
        "name": channel_name(item.channel, item.audience),
        "out": item.out,
        "all": item.all,
        "states": states,
        "opened": item.opened,
    }


@page(can.KITS_VIEW)
def board(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """Where did it stop? By place, as deep as one likes, with the person who is asked now."""
    kit = content.get_kit(scope, kit_id)
    place = territories.get_territory(scope, request.GET["at"]) if request.GET.get("at") else _start(scope)
    found = selectors.board(scope, kit, place)
    context = {
        **frame(request, scope, place, "kits"),
        "kit": kit,
        "board": found,
        "stopped": [{"relay": relay, "rule": RULES.get(relay.rule, "")} for relay in found.stopped],
        "now": clock.now(),
        **own_posts(scope, kit),
    }
    return render(request, "console/cascade.html", context)


def _start(scope: Scope) -> Any:
    return territories.roots(scope)[0]


@page(can.KITS_VIEW)
def calendar(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Six weeks: what goes out, what expires, where silence is."""
    begins = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    ends = begins + timedelta(days=DAYS)
    days: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for item in selectors.plans_between(scope_for(actor_of(request), can.KITS_RELEASE), begins, ends):
        days[clock.day_of(item.starts_at)].append({"kind": "plan", "at": item.starts_at, "plan": item})
    for kit in content.expiring_between(scope, begins, ends):
        days[clock.day_of(kit.valid_until)].append({"kind": "expires", "at": kit.valid_until, "kit": kit})
    for silence in compliance.silences_between(begins, ends):
        first = max(silence.begins_at, begins)
        days[clock.day_of(first)].append({"kind": "silence", "at": first, "silence": silence})
    listed = [(day, sorted(items, key=lambda item: item["at"])) for day, items in sorted(days.items())]
    return render(
        request, "console/calendar.html", {**frame(request, scope, _start(scope), "calendar"), "days": listed}
    )


def _frame(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    return frame(request, scope, _start(scope), "kits")
