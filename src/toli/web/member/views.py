"""A member's own pages: today, group, leaving."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from toli.access.domain.scope import EVERYWHERE
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups import services as groups
from toli.chatgroups import waves
from toli.chatgroups.errors import CampaignNotFound, LinkChanging, NoSeatFree
from toli.content import selectors as content
from toli.dues import selectors as dues
from toli.members import selectors as members
from toli.members import services as member_services
from toli.messaging.services import devices
from toli.sharing import posters
from toli.sharing import selectors as sharing
from toli.sharing import services as sharing_services
from toli.web import videos
from toli.web.client import client_address
from toli.web.member.notifications import key_to_ask_with
from toli.web.page import actor_of, forgetting, member_page, see_other

if TYPE_CHECKING:
    from toli.content.models import Kit
    from toli.members.models import Member

KITS_SHOWN = 2
INTENTS = (("telegram", "Telegram", "plane"), ("facebook", "Facebook", "face"), ("x", "X", "cross"))
INSTAGRAM = ("instagram", "Instagram", "camera")  # takes a picture, and only from the phone's own menu


@member_page
def today(request: HttpRequest, member: "Member") -> HttpResponse:
    campaign = chatgroups.current_campaign()
    effect = sharing.effect_of(member.pk)
    context = {
        **_frame(member, "today"),
        "change": waves.change_of(chatgroups.seat_of(member.pk, campaign.pk)) if campaign else None,
        "kits": [_own(kit, member, request) for kit in content.live_kits_for(member.territory_id)[:KITS_SHOWN]],
        "invite": member_services.inviter_code(member_id=member.pk),
        "invited": members.invited_by(member.pk),
        "site": settings.BASE_URL,
        "effect": effect,
        "notify_key": key_to_ask_with(member, shared=effect.shared),
        "renew_key": devices.key_to_renew_with(member.pk),
        "renewal": dues.renewal_for(member),
        "joined_now": "joined" in request.GET,
        "known": "known" in request.GET,
    }
    return render(request, "member/today.html", context)


def _own(kit: "Kit", member: "Member", request: HttpRequest) -> dict[str, object]:
    """A kit as this member passes it on: in the page's language, with their own variant of the text and poster."""
    poster = posters.preview_of(member, kit, request.LANGUAGE_CODE)
    rendition = content.rendition_for(kit, request.LANGUAGE_CODE)
    return {
        "kit": kit,
        "rendition": rendition,
        "video": videos.shown(kit, rendition.title),
        "text": sharing.own_text(kit, request.LANGUAGE_CODE, member.pk, "whatsapp"),
        "poster": poster,
        "channels": (*INTENTS, INSTAGRAM) if poster else INTENTS,
    }


@member_page
def share(request: HttpRequest, member: "Member", code: str, channel: str) -> HttpResponse:
    """Make the member's own link and open the app they chose; what they do there is theirs.

    An app that takes only a file gets it from the phone's own menu (share.js), which asks for the words beside it;
    without that menu the page of the poster has both, to be saved and copied.
    """
    if request.method != "POST":
        return see_other("/me")
    kit = content.get_kit_by_code(EVERYWHERE, code)
    link = sharing_services.report_shared(
        member_id=member.pk,
        kit_id=kit.pk,
        channel=channel,
        address=client_address(request),
        user_agent=request.headers.get("User-Agent", ""),
    )
    if request.POST.get("queued"):  # shared without a network, told afterwards
        return HttpResponse(status=204)
    if request.POST.get("sheet"):
        return JsonResponse({"text": sharing.caption(kit, request.LANGUAGE_CODE, link)})
    app = sharing.intent_url(kit, request.LANGUAGE_CODE, link)
    return see_other(app or f"/me/poster/{kit.code}?for={channel}")


@member_page
def offline(request: HttpRequest, member: "Member") -> HttpResponse:
    """Where the buttons of today's page lead, for a phone that is about to be without a network."""
    if request.method != "POST":
        return see_other("/me")
    leads = {}
    for kit in content.live_kits_for(member.territory_id)[:KITS_SHOWN]:
        for channel in ("whatsapp", *(name for name, _label, _icon in INTENTS)):
            link = sharing_services.share_link(member_id=member.pk, kit_id=kit.pk, channel=channel)
            leads[f"/me/share/{kit.code}/{channel}"] = sharing.intent_url(kit, request.LANGUAGE_CODE, link)
    return JsonResponse(leads)


@member_page
def group(request: HttpRequest, member: "Member") -> HttpResponse:
    campaign = chatgroups.current_campaign()
    seat = chatgroups.seat_of(member.pk, campaign.pk) if campaign else None
    context = {
        **_frame(member, "group"),
        "campaign": campaign,
        "seat": seat,
        "change": waves.change_of(seat),
        "line": chatgroups.place_in_line(member.pk, campaign.pk) if campaign and not seat else None,
    }
    return render(request, "member/group.html", context)


@member_page
def group_act(request: HttpRequest, member: "Member", act: str) -> HttpResponse:
    """Go to the group, say that one is in it, leave it."""
    campaign = chatgroups.current_campaign()
    if request.method != "POST":
        return see_other("/me/group")
    if campaign is None:
        raise CampaignNotFound(campaign="")
    if act == "go":
        try:
            return see_other(groups.go_to_group(member_id=member.pk, campaign_id=campaign.pk))
        except LinkChanging:
            return see_other("/me/group")
        except NoSeatFree:
            groups.wait_for_seat(member_id=member.pk, campaign_id=campaign.pk)
            return see_other("/me/group")
    if act == "joined":
        groups.confirm_joined(member_id=member.pk, campaign_id=campaign.pk)
    elif request.POST.get("confirm") == "yes":
        groups.leave_group(member_id=member.pk, campaign_id=campaign.pk)
    else:
        return render(request, "member/leave_group.html", _frame(member, "group"))
    return see_other("/me/group")


@member_page
def leave(request: HttpRequest, member: "Member") -> HttpResponse:
    if request.method == "POST" and request.POST.get("confirm") == "yes":
        member_services.leave_organisation(actor=actor_of(request), member_id=member.pk)
        request.session.flush()
        return forgetting(render(request, "public/left.html"))
    if request.method == "POST" and request.POST.get("answer") == "not-me":
        member_services.disown_membership(member_id=member.pk)
        request.session.flush()
        return forgetting(render(request, "public/not_me.html"))
    return render(request, "member/leave.html", _frame(member, "data"))


def _frame(member: "Member", tab: str) -> dict[str, object]:
    return {"member": member, "tab": tab}
