"""Signing in: with a code on one's own phone, by a personal link, by the welcome link."""

import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.accounts import services as accounts
from toli.accounts.domain.sessions import Method
from toli.cards import services as cards
from toli.members import selectors as members
from toli.members import services as member_services
from toli.web.limited import limited
from toli.web.page import FIRST_FACTOR_MISSING, next_page, public_page, safe_next, see_other, sign_in
from toli.web.public.number_door import NumberDoor

DOOR = NumberDoor("sign_in", "/sign-in", "public/sign_in.html")
WHO = "sign_in_who"
CHOOSING_SECONDS = 600


@public_page
@limited("sign_in.address")
def with_code(request: HttpRequest) -> HttpResponse:
    """Number, then code; then who of the family it is."""
    if "next" in request.GET:
        request.session["next"] = safe_next(request.GET["next"], "/me")
    if request.POST.get("step") == "who":
        return _chosen(request)
    return DOOR.answer(request, _welcome_back)


def _welcome_back(request: HttpRequest, phone: str) -> HttpResponse:
    """The number is theirs. Only now it may be said whose it is, and asked who of them is there."""
    found = members.find_all_by_phone(phone)
    if not found:
        held = members.find_held_by_phone(phone)
        return render(request, "public/held.html" if held else "public/not_a_member.html")
    if len(found) == 1:
        return _enter(request, found[0].pk)
    request.session[WHO] = {"ids": [member.pk for member in found], "until": time.time() + CHOOSING_SECONDS}
    return render(request, "public/who.html", {"members": found})


def _chosen(request: HttpRequest) -> HttpResponse:
    """Who of a family it is that has just proved the number."""
    proved, wanted = request.session.pop(WHO, {}), request.POST.get("member", "")
    allowed = {str(member_id) for member_id in proved.get("ids", ())} if proved.get("until", 0) > time.time() else set()
    return _enter(request, int(wanted)) if wanted in allowed else see_other("/sign-in?step=phone")


def _enter(request: HttpRequest, member_id: int) -> HttpResponse:
    target = next_page(request, "/me")
    sign_in(request, member_services.open_account(member_id=member_id), Method.CODE)
    return see_other(target)


@public_page
@limited("links.address")
def with_link(request: HttpRequest, token: str) -> HttpResponse:
    """A personal sign-in link. Only a press on the button uses it: link previews do not."""
    if request.method == "POST":
        link = accounts.redeem_sign_in_link(token=token)
        sign_in(request, link.account, Method.LINK)
        if FIRST_FACTOR_MISSING in request.session and not link.reusable:
            return see_other("/console/security")  # the first thing to do for somebody who has just been invited
        return see_other("/console/" if link.account.kind == "staff" else "/me")
    return render(request, "public/link.html", {"welcome": False})


@public_page
@limited("links.address")
def with_welcome(request: HttpRequest, token: str) -> HttpResponse:
    """The link from the first message to a member."""
    if request.method == "POST" and request.POST.get("answer") == "not-me":
        cards.refuse_welcome(token=token)
        return render(request, "public/not_me.html")
    if request.method == "POST":
        member_id = cards.redeem_welcome(token=token)
        sign_in(request, member_services.open_account(member_id=member_id), Method.LINK)
        return see_other("/me")
    return render(request, "public/link.html", {"welcome": True})
