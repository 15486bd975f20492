"""What came of the member's links, what their team did, and where they stand in it if they agreed to be shown."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.analytics import recognition
from toli.analytics.domain.recognition import MOST_A_DAY, MOST_AT_ONCE, weeks
from toli.analytics.domain.suppression import FEWEST
from toli.core import clock
from toli.members import services as member_services
from toli.members.domain.purposes import RECOGNITION
from toli.sharing import selectors as sharing
from toli.web.page import actor_of, member_page, see_other

if TYPE_CHECKING:
    from toli.members.models import Member

HOME = "/me/effect"


@member_page
def effect(request: HttpRequest, member: "Member") -> HttpResponse:
    """Three numbers, four weeks, the team, the place; a form switches being shown on and off."""
    if request.method == "POST":
        _switch(request, member)
        return see_other(f"{HOME}#place")
    by_week = weeks(sharing.opened_by_day(member.pk, after=sharing.recent()), today=clock.today())
    context = {
        "member": member,
        "tab": "today",
        "effect": sharing.effect_of(member.pk),
        "weeks": by_week,
        "most_in_week": max(people for _first, people in by_week),
        "recognition": recognition.recognition_of(member),
        "fewest": FEWEST,
        "most_a_day": MOST_A_DAY,
        "most_at_once": MOST_AT_ONCE,
    }
    return render(request, "member/effect.html", context)


def _switch(request: HttpRequest, member: "Member") -> None:
    """Being shown to one's team by name: as easily taken back as given."""
    member_services.set_consent(
        actor=actor_of(request),
        member_id=member.pk,
        purpose=RECOGNITION,
        given=request.POST.get("shown") == "yes",
        language=request.LANGUAGE_CODE,
        evidence={"page": "my effect"},
    )
