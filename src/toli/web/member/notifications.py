"""Notifications on a member's devices: turned on by a tap in the browser, turned off everywhere by a tap."""

import json
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.accounts.domain.sessions import device_label
from toli.core.errors import Invalid
from toli.members import selectors as members
from toli.members.domain.purposes import Channel, Purpose
from toli.messaging import selectors
from toli.messaging.services import devices
from toli.web.page import actor_of, member_page, see_other

if TYPE_CHECKING:
    from toli.members.models import Member

HOME = "/me/notifications"
PAIR = (Purpose.CONTENT, Channel.PUSH)


@member_page
def notifications(request: HttpRequest, member: "Member") -> HttpResponse:
    if request.method == "POST":
        return _act(request, member)
    context = {
        "member": member,
        "tab": "data",
        "key": devices.public_key(),
        "devices": selectors.devices_of(member.pk),
        "on": members.words(member.pk).get(PAIR, False),
    }
    return render(request, "member/notifications.html", context)


def _act(request: HttpRequest, member: "Member") -> HttpResponse:
    act, language = request.POST.get("act", ""), request.LANGUAGE_CODE
    if act == "on":
        devices.allow_notifications(
            actor=actor_of(request),
            member_id=member.pk,
            subscription=_object(request.POST.get("subscription", "")),
            name=device_label(request.headers.get("User-Agent", "")),
            language=language,
        )
        return HttpResponse(status=204)
    if act == "renew":
        devices.renew_device(
            member_id=member.pk,
            subscription=_object(request.POST.get("subscription", "")),
            name=device_label(request.headers.get("User-Agent", "")),
        )
        return HttpResponse(status=204)
    if act not in ("off", "later"):
        raise Invalid
    devices.decline_notifications(actor=actor_of(request), member_id=member.pk, language=language)
    return see_other(HOME if act == "off" else "/me")


def key_to_ask_with(member: "Member", *, shared: int) -> str:
    """Our public key where the member is to be asked: they have shared something, and never said yes or no to it."""
    if not shared or PAIR in members.words(member.pk):
        return ""
    return devices.public_key()


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
