"""Dividing groups: the planner's preview, and the board of a division that is carried out in waves."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups import services, waves
from toli.core.errors import DomainError, NotFound
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.flow import draw
from toli.web.migration_forms import DEPTHS, TermsForm
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.chatgroups.models import Migration
    from toli.territories.models import Territory

ROWS = 200
VERBS = {
    "drop": services.drop_migration,
    "pause": services.pause_migration,
    "resume": services.resume_migration,
    "rollback": services.roll_back_migration,
}


@page(can.GROUPS_DIVIDE)
def divide(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """The plan first. On confirmation it is written down, and begins at once where one person may decide that."""
    place = territories.get_territory(scope, code)
    campaign = chatgroups.current_campaign()
    levels = [level for level, _number in territories.counts_by_level(scope, place) if level.code in DEPTHS]
    data = request.POST if request.method == "POST" else request.GET
    form = TermsForm(data if data.get("depth") else None, levels=levels)
    context = {**frame(request, scope, place, "groups"), "levels": levels, "campaign": campaign, "form": form}
    if campaign is None or not levels:
        return render(request, "console/divide.html", context)
    about: dict[str, Any] = {"actor": actor_of(request), "campaign_code": campaign.code, "territory_code": place.code}
    try:
        if request.method == "POST" and form.is_valid():
            return _planned(request, services.plan_migration(**about, **form.terms))
        preview = services.preview_migration(**about, depth=form.level, per_person=form.each)
        context |= {"preview": preview, "report": preview.report, "flow": _flow(preview.moves)}
        context["alone"] = services.may_decide_alone(preview.report.leaving)
        status = 200
    except DomainError as error:
        context["refused"], status = str(error), STATUS[error.kind] if request.method == "POST" else 200
    return render(request, "console/divide.html", context, status=status)


def _planned(request: HttpRequest, migration: "Migration") -> HttpResponse:
    """What was looked at begins; what has changed since, or takes two, is looked at (again).

    Whoever is asked to create groups goes on to that at once.
    """
    same = request.POST.get("plan_hash") == migration.plan_hash
    if same and services.may_decide_alone(migration.figures["leaving"]):
        services.approve_migration(actor=actor_of(request), migration_id=migration.pk, plan_hash=migration.plan_hash)
        if waves.asks(migration, actor_of(request).id):
            return see_other("/console/work")
    return see_other(f"/console/migrations/{migration.pk}")


@page(can.GROUPS_VIEW)
def migration(request: HttpRequest, scope: Scope, migration_id: int) -> HttpResponse:
    """The board: the waves, who is late, what can be done."""
    return _board(request, scope, migration_id)


@page(can.GROUPS_DIVIDE)
def act(request: HttpRequest, scope: Scope, migration_id: int, verb: str) -> HttpResponse:
    """Approve it, have it not carried out, pause it, have it go on, roll it back."""
    found = waves.get_migration(scope, migration_id)
    if verb not in VERBS and verb != "approve":
        raise NotFound
    if request.method != "POST":
        return see_other(f"/console/migrations/{migration_id}")
    if verb == "rollback" and request.POST.get("confirm") != "yes":
        board = waves.board(scope, migration_id)
        awaited = sum(row.progress.awaited for row in board.waves)
        context = {**frame(request, scope, found.territory, "groups"), "board": board, "awaited": awaited}
        return render(request, "console/migration_rollback.html", context)
    try:
        if verb == "approve":
            plan_hash = request.POST.get("plan_hash", "")
            services.approve_migration(actor=actor_of(request), migration_id=migration_id, plan_hash=plan_hash)
        else:
            VERBS[verb](actor=actor_of(request), migration_id=migration_id)
    except NotFound:
        raise
    except DomainError as error:
        return _board(request, scope, migration_id, error)
    return see_other(f"/console/migrations/{migration_id}")


def _board(request: HttpRequest, scope: Scope, migration_id: int, refused: DomainError | None = None) -> HttpResponse:
    board = waves.board(scope, migration_id)
    found = board.migration
    rows = waves.plan_rows(found, ROWS)
    alone = services.may_decide_alone(found.figures["leaving"])
    context = {
        **frame(request, scope, found.territory, "groups"),
        "board": board,
        "migration": found,
        "figures": found.figures,
        "rows": rows,
        "more": max(0, found.figures["groups"] - len(rows)),
        "flow": _flow(waves.flows(found)),
        "may_steer": _may(request, found.territory),
        "own": not alone and found.planned_by_id == actor_of(request).id,
        "refused": refused,
    }
    return render(request, "console/migration.html", context, status=STATUS[refused.kind] if refused else 200)


def _flow(moves: Any) -> Any:
    return draw(moves, others=_("others"))


def _may(request: HttpRequest, place: "Territory") -> bool:
    return scope_for(actor_of(request), can.GROUPS_DIVIDE).covers(territories.path_of(place.pk))
