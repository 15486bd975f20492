"""The desk: rolls of members. Drawn up by one person, certified by another, published, handed out without names."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.core import clock
from toli.core.errors import DomainError, NotFound
from toli.rolls import selectors, services
from toli.rolls.errors import RollTooLarge
from toli.territories import selectors as territories
from toli.web.console.members import number_in
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other
from toli.web.roll_forms import DayForm, DaysForm

if TYPE_CHECKING:
    from toli.members.selectors import Counted
    from toli.rolls.models import Roll
    from toli.territories.models import Territory

SHOWN = 50
MOST = 50_000  # members: drawing these up takes seconds; larger rolls are drawn up by the operator
VERBS: dict[str, Callable[..., object]] = {
    "certify": services.certify_roll,
    "publish": services.publish_roll,
    "supplement": services.issue_supplement,
}
KINDS = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


@page(can.MEMBERS_VIEW)
def rolls(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Rolls of a place and of what lies below it, newest day first."""
    place = territories.get_territory(scope, code)
    context = {
        **frame(request, scope, place, "rolls"),
        "rolls": selectors.rolls(scope, place=place),
        "may_draw": _may(request, can.MEMBERS_EXPORT, place),
    }
    return render(request, "console/rolls.html", context)


@page(can.MEMBERS_EXPORT, step_up=True)
def draw(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """First what the roll would count, then the roll; where there is one, it is produced again and compared."""
    place = territories.get_territory(scope, code)
    form = DayForm(request.POST or None, initial={"day": clock.today() - timedelta(days=1)})
    context: dict[str, Any] = {**frame(request, scope, place, "rolls"), "form": form}
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            counted = _counted(request, place, form)
            if request.POST.get("act") == "draw":
                drawn = services.draw_roll(
                    actor=actor_of(request), territory_code=place.code, day=form.cleaned_data["day"]
                )
                if drawn.new:
                    return see_other(f"/console/rolls/{drawn.roll.pk}")
                context["drawn"] = drawn
            else:
                context["counted"] = counted
            status = 200
        except DomainError as error:
            form.refuse("day", error)
    return render(request, "console/roll_new.html", context, status=status)


def _counted(request: HttpRequest, place: "Territory", form: DayForm) -> "Counted":
    found = services.preview_roll(actor=actor_of(request), territory_code=place.code, day=form.cleaned_data["day"])
    if found.members > MOST:
        raise RollTooLarge(most=MOST)
    return found


@page(can.MEMBERS_VIEW)
def roll(request: HttpRequest, scope: Scope, roll_id: int) -> HttpResponse:
    """One roll: its facts, its lines, what is still to be done."""
    return _show(request, scope, selectors.get_roll(scope, roll_id))


def _show(
    request: HttpRequest,
    scope: Scope,
    found: "Roll",
    refused: DomainError | None = None,
    days: DaysForm | None = None,
) -> HttpResponse:
    after = number_in(request.GET.get("after", ""))
    lines = services.look_at_lines(actor=actor_of(request), roll_id=found.pk, after=after, limit=SHOWN)
    context = {
        **frame(request, scope, found.territory, "rolls"),
        "roll": found,
        "lines": lines,
        "after": after,
        "last": lines[-1].number if len(lines) == SHOWN and lines[-1].number < found.members else 0,
        "may_certify": _may(request, can.EXPORTS_APPROVE, found.territory),
        "own": found.drawn_by_id == actor_of(request).id,
        "refused": refused,
        "days": days or DaysForm(),
        **_challenged(request, found),
    }
    status = STATUS[refused.kind] if refused else 400 if days else 200
    return render(request, "console/roll.html", context, status=status)


def _challenged(request: HttpRequest, found: "Roll") -> dict[str, Any]:
    """What was objected to the roll, and the supplements."""
    return {
        "challenges": services.look_at_challenges(actor=actor_of(request), roll_id=found.pk),
        "can_be_challenged": selectors.can_be_challenged(found),
        "supplements": selectors.supplements(found),
        "waiting": selectors.accepted_and_waiting(found).count(),
        "by_now": selectors.members_by_now(found),
    }


@page(can.EXPORTS_APPROVE, step_up=True)
def act(request: HttpRequest, scope: Scope, roll_id: int, verb: str) -> HttpResponse:
    """Certify the roll that somebody else drew up; publish it; put what was accepted into a supplement."""
    found = selectors.get_roll(scope, roll_id)
    if verb not in VERBS:
        raise NotFound
    if request.method == "POST":
        days = DaysForm(request.POST) if verb == "certify" else None
        if days and not days.is_valid():
            return _show(request, scope, found, days=days)
        more = {"challenge_days": days.cleaned_data["days"]} if days else {}
        try:
            VERBS[verb](actor=actor_of(request), roll_id=roll_id, **more)
        except NotFound:
            raise
        except DomainError as error:
            return _show(request, scope, found, error)
    return see_other(f"/console/rolls/{roll_id}")


@page(can.MEMBERS_VIEW)
def download(request: HttpRequest, scope: Scope, roll_id: int, form: str) -> HttpResponse:
    """The file of a certified roll, which names nobody; the trail keeps that it was fetched."""
    selectors.get_roll(scope, roll_id)
    if form not in KINDS:
        raise NotFound
    if request.method != "POST":
        return see_other(f"/console/rolls/{roll_id}")
    return _file(*services.roll_file(actor=actor_of(request), roll_id=roll_id, form=form), KINDS[form])


@page(can.MEMBERS_VIEW)
def supplement(request: HttpRequest, scope: Scope, roll_id: int, number: int) -> HttpResponse:
    """The file of a supplement, which names nobody; the trail keeps that it was fetched."""
    selectors.get_supplement(selectors.get_roll(scope, roll_id), number)
    if request.method != "POST":
        return see_other(f"/console/rolls/{roll_id}")
    return _file(*services.supplement_file(actor=actor_of(request), roll_id=roll_id, number=number), KINDS["json"])


def _file(name: str, content: bytes, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _may(request: HttpRequest, permission: str, place: "Territory") -> bool:
    return scope_for(actor_of(request), permission).covers(territories.path_of(place.pk))
