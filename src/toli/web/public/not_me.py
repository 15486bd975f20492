"""Somebody whose name stands on a card, or whom we wrote to, never joined: they prove the number and are free of us."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.members import selectors as members
from toli.members import services as member_services
from toli.web.limited import limited
from toli.web.page import public_page, see_other
from toli.web.public.number_door import NumberDoor

if TYPE_CHECKING:
    from toli.members.models import Member

DOOR = NumberDoor("not_me", "/not-me", "public/never_joined.html")
PROVED = "not_me_proved"


@public_page
@limited("sign_in.address")
def never_joined(request: HttpRequest) -> HttpResponse:
    """Number, then code, and the membership has ended: nothing else is asked. An unknown number is treated alike."""
    if request.POST.get("step") == "who":
        return _chosen(request)
    return DOOR.answer(request, _end)


def _end(request: HttpRequest, phone: str) -> HttpResponse:
    """End the one membership of this number; of several, let them say which."""
    found = _all_of(phone)
    if not found:
        return render(request, "public/not_a_member.html")
    if len(found) > 1:
        request.session[PROVED] = phone
        return render(request, "public/never_joined_who.html", {"people": found})
    member_services.disown_membership(member_id=found[0].pk)
    return render(request, "public/not_me.html")


def _chosen(request: HttpRequest) -> HttpResponse:
    """Only a name that stands under the number they have just proved can be ended."""
    phone = request.session.pop(PROVED, "")
    chosen = next((one for one in _all_of(phone) if str(one.pk) == request.POST.get("who")), None) if phone else None
    if chosen is None:
        return see_other("/not-me")
    member_services.disown_membership(member_id=chosen.pk)
    return render(request, "public/not_me.html")


def _all_of(phone: str) -> list["Member"]:
    return [*members.find_all_by_phone(phone), *members.find_held_by_phone(phone)]
