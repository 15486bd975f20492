"""The desk: taking a kit back, the clock, and the places where somebody has to delete it by hand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.content import selectors as content
from toli.core import clock
from toli.distribution import selectors
from toli.distribution.errors import INSTEAD
from toli.territories import selectors as territories
from toli.web.console.places import own_posts
from toli.web.console.views import frame
from toli.web.page import page
from toli.web.plan_forms import way_name

SHOWN = 200


@page(can.KITS_VIEW)
def recall(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """What is gone, what is not, and who is asked. Raises RecallNotFound: it was not recalled."""
    kit = content.get_kit(scope, kit_id)
    report = selectors.recall_of(scope, kit)
    rest = selectors.recall_rest(scope, report.recall)
    now, own = clock.now(), own_posts(scope, kit)
    context = {
        **frame(request, scope, territories.roots(scope)[0], "kits"),
        "kit": kit,
        "report": report,
        "beyond": [(way_name(item.channel), item, INSTEAD[item.instead]) for item in report.beyond],
        "places": report.gone + report.asked + report.stays,
        "rest": rest[:SHOWN],
        "more": max(0, rest.count() - SHOWN),
        "minutes_left": max(0, int((report.recall.deadline_at - now).total_seconds() // 60)),
        **own,
        "to_do": report.asked + (own["own"].may_stand if own else 0),
        "over": now >= report.recall.deadline_at,
    }
    return render(request, "console/recall.html", context)
