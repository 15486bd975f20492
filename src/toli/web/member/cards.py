"""A member's card: shown, and as files to keep, to send and to print."""

import json
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain.scope import EVERYWHERE
from toli.cards import credentials, photos, pictures, printing, services
from toli.cards import selectors as cards
from toli.cards.domain.card_codec import shown
from toli.cards.domain.picture.fonts import can_draw
from toli.cards.errors import CardNotFound
from toli.core import clock
from toli.core.domain.pictures import MOST_BYTES
from toli.core.errors import DomainError
from toli.territories import selectors as territories
from toli.web.forms import PhotoForm
from toli.web.limited import counted, takes_files
from toli.web.page import actor_of, member_page, see_other

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
        "undrawn": not can_draw(member.name),
        "photo": _shown(member),
        "above": [place for place in territories.ancestors(EVERYWHERE, member.territory) if place.level.rank],
    }
    return render(request, "member/card.html", context)


@member_page
@counted("pictures.person")
@takes_files(MOST_BYTES)
def photo(request: HttpRequest, member: "Member") -> HttpResponse:
    """Put a photo on one's card, show it to those who check, take it back. A card needs none."""
    kept = photos.photo_of(member.pk)
    initial = {"shown": kept.shown_when_checked if kept else False}
    form = PhotoForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _changed(request, member, form):
        return see_other("/me/card")
    context = {"member": member, "tab": "card", "form": form, "photo": _shown(member)}
    return render(request, "member/photo.html", context, status=400 if form.errors else 200)


def _changed(request: HttpRequest, member: "Member", form: PhotoForm) -> bool:
    """Whether the form's wish was carried out; else the form says why not."""
    actor, shown = actor_of(request), form.cleaned_data["shown"]
    try:
        if request.POST.get("act") == "remove":
            services.remove_photo(actor=actor, member=member)
        elif form.cleaned_data["picture"]:
            data = form.cleaned_data["picture"].read(MOST_BYTES + 1)
            found = services.read_photo(actor=actor, data=data)
            services.set_photo(actor=actor, member=member, picture=found, shown=shown)
        else:
            services.show_photo(actor=actor, member=member, shown=shown)
    except DomainError as error:
        form.refuse("picture", error)
    return not form.errors


def _shown(member: "Member") -> str:
    """The member's photo for their own page, within the page: so it is there without a network as well."""
    kept = photos.photo_of(member.pk)
    return photos.as_address(photos.picture_of(kept)) if kept else ""


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
