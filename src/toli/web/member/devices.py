"""Where a member is signed in, and how to end it."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.accounts import services as accounts
from toli.web.page import actor_of, member_page, see_other
from toli.web.signed_in import signed_in_list

if TYPE_CHECKING:
    from toli.members.models import Member

HOME = "/me/devices"


@member_page
def devices(request: HttpRequest, member: "Member") -> HttpResponse:
    if request.method == "POST":
        accounts.revoke_other_sessions(actor=actor_of(request), session_key=str(request.session.session_key))
        return see_other(HOME)
    context = {"member": member, "tab": "data", "sessions": signed_in_list(request, actor_of(request))}
    return render(request, "member/devices.html", context)


@member_page
def end(request: HttpRequest, member: "Member", session_id: int) -> HttpResponse:
    """End one of one's own sessions."""
    if request.method == "POST":
        accounts.revoke_session(actor=actor_of(request), session_id=session_id)
    return see_other(HOME)
