"""Who is really in a group: somebody pastes what they copied out of it, looks at what was found, and records it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups import services
from toli.chatgroups.policies import runs_group
from toli.core.errors import Invalid
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other
from toli.web.roster_forms import RosterForm


@page(can.GROUPS_VIEW)
def roster(request: HttpRequest, scope: Scope, group_id: int) -> HttpResponse:
    """First the comparison alone; the same text is recorded on confirmation. It is kept in the page only.

    Others who see the group are told who does this.
    """
    group = chatgroups.get_group(scope, group_id)
    form = RosterForm(request.POST or None)
    context = {
        **frame(request, scope, territories.roots(scope)[0], "groups"),
        "group": group,
        "form": form,
        "runs": runs_group(actor_of(request), group),
    }
    status = 200
    if request.method == "POST" and context["runs"]:
        status = 400
        if form.is_valid():
            record = request.POST.get("confirm") == "yes"
            try:
                report = services.take_roster(
                    actor=actor_of(request), group_id=group_id, text=form.cleaned_data["text"], dry_run=not record
                )
            except Invalid as error:
                form.refuse("text", error)
                status = STATUS[error.kind]
            else:
                if record:
                    return see_other(f"/console/groups/{group_id}?recorded=1")
                context["report"], status = report, 200
    return render(request, "console/roster.html", context, status=status)
