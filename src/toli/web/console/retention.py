"""The desk: what is kept how long, and what the schedule did last."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core import keeping
from toli.rights import services
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.page import page


@page(can.RIGHTS_HANDLE)
def schedule(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Every line of the schedule; it holds for the whole organisation and names nobody."""
    context = {
        **frame(request, scope, territories.roots(scope)[0], "rights"),
        "lines": services.schedule_shown(),
        "lasting": keeping.lasting(),
    }
    return render(request, "console/retention.html", context)
