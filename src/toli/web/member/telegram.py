"""A member's own account on Telegram: connected by a tap, taken back by a tap."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.botgroups import selectors, services
from toli.members import selectors as members
from toli.members.domain.purposes import Channel, Purpose
from toli.web.page import actor_of, member_page, see_other

if TYPE_CHECKING:
    from toli.members.models import Member


@member_page
def account(request: HttpRequest, member: "Member") -> HttpResponse:
    """Connecting opens Telegram, where one tap on Start is the member's word."""
    if request.method == "POST" and request.POST.get("act") == "connect":
        return see_other(services.start_address(actor=actor_of(request), member_id=member.pk))
    if request.method == "POST":
        services.disconnect_person(actor=actor_of(request), member_id=member.pk)
        return see_other("/me/telegram")
    context = {
        "member": member,
        "tab": "group",
        "connected": selectors.is_connected(member.pk),
        "stopped": members.words(member.pk).get((Purpose.MEMBERSHIP, Channel.TELEGRAM)) is False,
        "bot": selectors.bots().first(),
        "daily": members.words(member.pk).get((Purpose.CONTENT, Channel.TELEGRAM), False),
    }
    return render(request, "member/telegram.html", context)
