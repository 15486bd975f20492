"""A member's card: shown, and as files to keep, to send and to print."""

import json
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain.scope import EVERYWHERE
from toli.cards import credentials, pictures, printing
from toli.cards import selectors as cards
from toli.cards.domain.card_codec import shown
from toli.cards.errors import CardNotFound
from toli.core import clock
from toli.territories import selectors as territories
from toli.web.page import member_page

if TYPE_CHECKING:
    from toli.cards.models import Card
    from toli.members.models import Member


@member_page
def card(request: HttpRequest, member: "Member") -> HttpResponse:
    held = cards.card_of(member.pk)
    context = {
        "member": member,
        "tab": "card",
        "card": held,
        "number": shown(held.number) if held else "",
        "qr": cards.qr_svg(held) if held else "",
        "now": clock.now(),
        "above": [place for place in territories.ancestors(EVERYWHERE, member.territory) if place.level.rank],
    }
    return render(request, "member/card.html", context)


@member_page
def picture(request: HttpRequest, member: "Member") -> HttpResponse:
    """The card as a picture, to be kept or sent."""
    held = _held(member)
    return _file(pictures.card_png(held), "image/png", f"{shown(held.number)}.png")


@member_page
def paper(request: HttpRequest, member: "Member") -> HttpResponse:
    """The card as a page of its own size, to be printed."""
    held = _held(member)
    return _file(printing.card_pdf(held), "application/pdf", f"{shown(held.number)}.pdf")


@member_page
def credential(request: HttpRequest, member: "Member") -> HttpResponse:
    """The card as a verifiable credential, for wallets."""
    held = _held(member)
    text = json.dumps(credentials.credential_of(held), ensure_ascii=False, indent=1)
    return _file(text.encode(), "application/vc", f"{shown(held.number)}.vc.json")


def _held(member: "Member") -> "Card":
    held = cards.card_of(member.pk)
    if held is None:
        raise CardNotFound
    return held


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'inline; filename="{name}"'})
