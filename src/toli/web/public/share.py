"""What a citizen sees who opens a shared link: who speaks first, then what, then what one can do."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.cards.selectors import shortened
from toli.content import selectors as content
from toli.core import limits
from toli.members.domain import origins
from toli.sharing import services as sharing
from toli.sharing.errors import ShareCodeUnknown
from toli.web.client import client_address
from toli.web.limited import visitor_of
from toli.web.page import actor_of, public_page
from toli.web.pictures import shown

if TYPE_CHECKING:
    from toli.content.models import Kit

SEARCHING = "share.unknown_address"


@public_page
def shared(request: HttpRequest, code: str) -> HttpResponse:
    """Count the visit (never a robot's, never a HEAD request) and show the kit.

    Most visits never come here: web/public/quick_share.py answers them, with the page that ``page_of`` makes.
    """
    result = _opened(request, code)
    return page_of(
        request,
        result.link.kit,
        code=result.link.code,
        sender=shortened(result.link.member.name),
        current=result.current,
    )


@public_page
def own(request: HttpRequest, code: str) -> HttpResponse:
    """The same for a link of the organisation's own, as it stands in what its programs post: no member sent it."""
    limits.check(SEARCHING, visitor_of(request))
    try:
        found = sharing.record_own_open(
            code=code,
            address=client_address(request),
            user_agent=request.headers.get("User-Agent", "") if request.method == "GET" else "",
        )
    except ShareCodeUnknown:
        limits.hit(SEARCHING, visitor_of(request))
        raise
    address = f"{settings.BASE_URL}/o/{found.link.code}"
    came = origins.of_own(found.link.code)
    return page_of(request, found.link.kit, code="", sender="", current=found.current, address=address, came=came)


def page_of(
    request: HttpRequest, kit: "Kit", *, code: str, sender: str, current: bool, address: str = "", came: str = ""
) -> HttpResponse:  # fmt: skip
    """The page of a link to the kit; where the kit is not ``current``, one that says that it was taken back.

    Without ``code`` and ``sender`` it is the organisation's own, at ``address``. ``came``: what is said of
    whoever joins from there; without it the code.
    """
    context = {
        "code": code,
        "came": came or code,
        "kit": kit,
        "sender": sender,
        "rendition": content.rendition_for(kit, request.LANGUAGE_CODE),
        "picture": shown(kit, request.LANGUAGE_CODE),
        "site": settings.BASE_URL,
        "address": address or f"{settings.BASE_URL}/s/{code}",
    }
    if not current:
        return render(request, "public/withdrawn.html", context, status=410)
    return render(request, "public/share.html", context)


def _opened(request: HttpRequest, code: str) -> sharing.OpenResult:
    """The visit. Whoever looks for codes that exist is stopped, for known codes too, or else the refusal would tell."""
    limits.check(SEARCHING, visitor_of(request))
    try:
        return sharing.record_open(
            code=code,
            address=client_address(request),
            user_agent=request.headers.get("User-Agent", "") if request.method == "GET" else "",
            account_id=actor_of(request).id,
        )
    except ShareCodeUnknown:
        limits.hit(SEARCHING, visitor_of(request))
        raise
