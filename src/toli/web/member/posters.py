"""A member's own posters: shown, saved, handed to other apps, and what stands on them.

No address here says whose poster it is: it is always that of whoever is signed in.
"""

from typing import TYPE_CHECKING

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import parse_etags, quote_etag
from django.utils.translation import gettext_lazy as _

from toli.cards import photos
from toli.cards.domain.picture.fonts import can_draw
from toli.content.errors import PictureNotFound
from toli.sharing import posters
from toli.sharing import selectors as sharing
from toli.sharing import services as sharing_services
from toli.web.forms import PlainForm
from toli.web.member.views import INTENTS
from toli.web.page import member_page, see_other

if TYPE_CHECKING:
    from toli.members.models import Member
    from toli.sharing.models import PosterChoice


class PosterForm(PlainForm):
    """What stands on a member's posters."""

    name = forms.BooleanField(required=False, label=_("My name"))
    place = forms.BooleanField(required=False, label=_("My place"))
    photo = forms.BooleanField(required=False, label=_("My photo"))


@member_page
def poster(request: HttpRequest, member: "Member", code: str) -> HttpResponse:
    """The poster with all ways to pass it on, and the choice of what stands on it."""
    kit = posters.shareable(member, code)
    choice, has_photo = sharing.poster_choice(member.pk), photos.photo_of(member.pk) is not None
    if request.method == "POST":
        return _chosen(request, member, code)
    preview = posters.preview_of(member, kit, request.LANGUAGE_CODE)
    if preview is None:
        raise PictureNotFound
    channel = "instagram" if request.GET.get("for") == "instagram" else "other"
    link = sharing_services.share_link(member_id=member.pk, kit_id=kit.pk, channel=channel)
    context = {
        "member": member,
        "tab": "today",
        "kit": kit,
        "poster": preview,
        "intents": INTENTS,
        "caption": sharing.caption(kit, request.LANGUAGE_CODE, link),
        "by_hand": "for" in request.GET,
        "form": PosterForm(initial=_as_form(choice)),
        "has_photo": has_photo,
        "undrawn": choice.shows_name and not can_draw(member.name),
    }
    return render(request, "member/poster.html", context)


def _chosen(request: HttpRequest, member: "Member", code: str) -> HttpResponse:
    form = PosterForm(request.POST)
    if form.is_valid():
        sharing_services.choose_poster(member_id=member.pk, **form.cleaned_data)
    return see_other(f"/me/poster/{code}")


def _as_form(choice: "PosterChoice") -> dict[str, bool]:
    return {"name": choice.shows_name, "place": choice.shows_place, "photo": choice.shows_photo}


@member_page
def small(request: HttpRequest, member: "Member", code: str) -> HttpResponse:
    """The poster as pages show it."""
    return _file(request, member, code, posters.SMALL)


@member_page
def large(request: HttpRequest, member: "Member", code: str) -> HttpResponse:
    """The poster to be looked at closely."""
    return _file(request, member, code, posters.LARGE)


@member_page
def file(request: HttpRequest, member: "Member", code: str) -> HttpResponse:
    """The poster as a file for other apps."""
    return _file(request, member, code, posters.FILE)


def _file(request: HttpRequest, member: "Member", code: str, form: str) -> HttpResponse:
    """Only for this browser, which asks each time whether it is still the same: a kit may be recalled."""
    drawn = posters.poster_of(member, code, request.LANGUAGE_CODE, form)
    tag = quote_etag(drawn.tag)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers=headers)
    kind = posters.CONTENT_TYPES[form]
    headers["Content-Disposition"] = f'inline; filename="{code}.{kind.removeprefix("image/").replace("jpeg", "jpg")}"'
    return HttpResponse(drawn.data, content_type=kind, headers=headers)
