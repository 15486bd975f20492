"""The desk: who holds which role on a place and below it, until when; giving and ending roles."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from toli.access import selectors, services
from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import person_of
from toli.accounts.errors import AccountNotFound
from toli.core import limits
from toli.core.errors import DomainError, NotFound
from toli.territories import selectors as territories
from toli.web.console.members import number_in
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.forms import RoleForm
from toli.web.page import actor_of, page, see_other
from toli.web.templatetags.toli import label

SHOWN = 50
UNKNOWN = "roles.unknown_login"


@page(can.ACCESS_GRANT)
def holders(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    place = territories.get_territory(scope, code)
    after = number_in(request.GET.get("after", ""))
    found = selectors.assignments_within(scope, territory=place, after=after, limit=SHOWN)
    context = {
        **frame(request, scope, place, "staff"),
        "assignments": found,
        "after": after,
        "last": found[-1].pk if len(found) == SHOWN else 0,
    }
    return render(request, "console/staff.html", context)


@page(can.ACCESS_GRANT, step_up=True)
def give(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Give a role on a place to somebody who has a staff account already."""
    place = territories.get_territory(scope, code)
    choices = [(role.code, label(role)) for role in services.roles_to_give(actor=actor_of(request), territory=place)]
    form = RoleForm(request.POST if request.method == "POST" else None, choices=choices)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            _give(request, place.code, form.cleaned_data)
        except AccountNotFound:
            form.add_error("login", _("Nobody on the staff has this login. The operator creates accounts."))
        except DomainError as error:
            form.add_error(None, str(error))
            status = STATUS[error.kind]
        else:
            return see_other(f"/console/t/{place.code}/staff")
    context = {**frame(request, scope, place, "staff"), "form": form, "latest": services.latest_end()}
    return render(request, "console/staff_give.html", context, status=status)


def _give(request: HttpRequest, territory_code: str, fields: dict[str, Any]) -> None:
    """Whoever tries logins one after the other is stopped; the known ones too, or else the refusal would tell."""
    actor = actor_of(request)
    limits.check(UNKNOWN, str(person_of(actor)))
    try:
        account_id = services.staff_account_id(fields["login"])
    except AccountNotFound:
        limits.hit(UNKNOWN, str(person_of(actor)))
        raise
    services.grant_role(
        actor=actor,
        account_id=account_id,
        role_code=fields["role"],
        territory_code=territory_code,
        valid_to=fields["until"],
    )


@page(can.ACCESS_GRANT, step_up=True)
def end(request: HttpRequest, scope: Scope, assignment_id: int) -> HttpResponse:
    """End a role, after asking once more."""
    assignment = selectors.get_assignment(scope, assignment_id)
    context = {**frame(request, scope, assignment.territory, "staff"), "assignment": assignment}
    context["own"] = assignment.account_id == actor_of(request).id
    status = 200
    if request.method == "POST":
        try:
            services.end_role(actor=actor_of(request), assignment_id=assignment_id)
        except NotFound:
            raise
        except DomainError as error:
            context["refused"], status = str(error), STATUS[error.kind]
        else:
            return see_other("/console/" if context["own"] else f"/console/t/{assignment.territory.code}/staff")
    return render(request, "console/staff_end.html", context, status=status)
