"""Somebody who got a message about a receipt says: I did not pay this."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.dues import services
from toli.web.limited import limited
from toli.web.page import public_page, see_other


@public_page
@limited("links.address")
def dispute(request: HttpRequest, token: str) -> HttpResponse:
    """What the message said, and one button. A GET changes nothing, as phones look at links themselves."""
    receipt = services.disputed(token=token)
    if request.method == "POST":
        services.dispute(token=token)
        return see_other(f"/d/{token}")
    answer = render(request, "public/dispute.html", {"receipt": receipt})
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
