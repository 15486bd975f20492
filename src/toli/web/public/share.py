"""What a citizen sees who opens a shared link: who speaks first, then what, then what one can do."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.cards.selectors import shortened
from toli.content import selectors as content
from toli.core import limits
from toli.sharing import services as sharing
from toli.sharing.errors import ShareCodeUnknown
from toli.web.client import client_address
from toli.web.limited import visitor_of
from toli.web.page import public_page
from toli.web.pictures import shown

SEARCHING = "share.unknown_address"


@public_page
def shared(request: HttpRequest, code: str) -> HttpResponse:
    """Count the visit (never a robot's, never a HEAD request) and show the kit."""
    result = _opened(request, code)
    context = {
        "link": result.link,
        "kit": result.link.kit,
        "sender": shortened(result.link.member.name),
        "rendition": content.rendition_for(result.link.kit, request.LANGUAGE_CODE),
        "picture": shown(result.link.kit, request.LANGUAGE_CODE),
        "site": settings.BASE_URL,
        "address": f"{settings.BASE_URL}/s/{result.link.code}",
    }
    if not result.current:
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
        )
    except ShareCodeUnknown:
        limits.hit(SEARCHING, visitor_of(request))
        raise
