"""The desk: territory, groups, division."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import permissions_of, scope_for
from toli.analytics import reports
from toli.analytics import selectors as analytics
from toli.analytics.domain.suppression import FEWEST, Veil
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups import waves
from toli.members import selectors as members
from toli.territories import selectors as territories
from toli.web.group_forms import GroupFilterForm
from toli.web.page import actor_of, page, see_other
from toli.web.templatetags.toli import percent_of

if TYPE_CHECKING:
    from toli.territories.models import Territory

GROUPS_SHOWN = 200
DIVISIONS_SHOWN = 10


@page(can.TERRITORY_VIEW)
def start(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Everybody begins at the top of their own area."""
    return see_other(f"/console/t/{territories.roots(scope)[0].code}")


@page(can.TERRITORY_VIEW)
def territory(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    place = territories.get_territory(scope, code)
    found = reports.report(scope, scope_for(actor_of(request), can.MEMBERS_VIEW), place)
    context = {
        **frame(request, scope, place, "territory"),
        "below": territories.counts_by_level(scope, place),
        "funnel": found.total,
        "stages": stages(found.total),
        "rows": sorted(found.rows, key=lambda row: -_counted(row.funnel.imported)),
        "full_counts": found.full,
        "citizens": members.count_citizens(scope, place) if found.full else None,
        "fewest": FEWEST,
        "fill": chatgroups.fill(scope, place),
        "full": chatgroups.groups_to_divide(scope, territory=place),
        "refreshed_at": analytics.refreshed_at(),
    }
    return render(request, "console/territory.html", context)


def stages(funnel: Any) -> list[dict[str, Any]]:
    """The funnel as bars: each with its share of all members, and of the stage before it."""
    names = ("imported", "carded", "seated", "joined", "relayed", "shared")
    found, before = [], 0
    for name in names:
        value = getattr(funnel, name)
        bar = {"name": name, "value": value, "length": _counted(value), "of": _counted(funnel.imported)}
        share = percent_of(value, before) if not isinstance(value, Veil) and not isinstance(before, Veil) else None
        found.append({**bar, "share": share})
        before = value
    return found


def _counted(figure: Any) -> int:
    """For what is drawn or sorted: a veiled count is drawn as nothing, and stands last."""
    return 0 if isinstance(figure, Veil) else int(figure)


@page(can.GROUPS_VIEW)
def groups(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    place = territories.get_territory(scope, code)
    form = GroupFilterForm(request.GET)
    chosen = form.chosen()
    found = chatgroups.filtered(chatgroups.looked_at(chatgroups.groups(scope, territory=place)), **chosen)
    campaign = chatgroups.current_campaign()
    context = {
        **frame(request, scope, place, "groups"),
        "groups": found[:GROUPS_SHOWN],
        "more": max(0, found.count() - GROUPS_SHOWN),
        "filter": form,
        "filtered": bool(chosen),
        "fill": chatgroups.fill(scope, place),
        "waiting": chatgroups.waiting_in(scope, campaign, territory=place).count() if campaign else 0,
        "may_enter": _manages(request, place.pk),
        "may_divide": scope_for(actor_of(request), can.GROUPS_DIVIDE).covers(territories.path_of(place.pk)),
        "link": chatgroups.find_join_link(campaign, place) if campaign else None,
        "communities": chatgroups.communities(scope, territory=place).count(),
        "describes": campaign if campaign and _manages(request, campaign.territory_id) else None,
        "divisions": waves.migrations(scope, territory=place)[:DIVISIONS_SHOWN],
    }
    return render(request, "console/groups.html", context)


def _manages(request: HttpRequest, territory_id: int) -> bool:
    return scope_for(actor_of(request), can.GROUPS_MANAGE).covers(territories.path_of(territory_id))


def frame(request: HttpRequest, scope: Scope, place: "Territory", area: str) -> dict[str, Any]:
    """What surrounds every page of the desk: where one stands, what lies around, what one may open."""
    return {
        "area": area,
        "place": place,
        "above": territories.ancestors(scope, place),
        "may": permissions_of(actor_of(request)),
        "can": can,
    }
