"""Taking consent back from a message, without signing in: open the link, press one button."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from toli.core import limits
from toli.core.errors import Invalid
from toli.members import services as members
from toli.members.errors import WithdrawalUnknown
from toli.web.limited import counted, visitor_of
from toli.web.page import public_page, see_other

SEARCHING = "withdraw.unknown_address"


@public_page
@counted(SEARCHING)
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """What comes by this way, with a button to end each; a GET changes nothing, as phones look at links themselves."""
    found = _behind(request, token)
    if request.method == "POST":
        try:
            members.withdraw(token=token, what=request.POST.get("what", ""), language=request.LANGUAGE_CODE)
        except ValueError:
            raise Invalid from None
        return see_other(f"/c/{token}?done=1")
    context = {"found": found, "standing": [purpose for purpose, on in found.standing.items() if on]}
    said = {word: word in request.GET for word in ("done", "agreed", "known")}
    answer = render(request, "public/withdraw.html", {**context, **said})
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@csrf_exempt  # mail programs and their servers post here (RFC 8058), who have no cookie; the token is all that counts
@public_page
@counted(SEARCHING)
def at_once(request: HttpRequest, token: str) -> HttpResponse:
    """One click in a mail program: what the link is about ends now. Whoever opens it themselves sees the page."""
    if request.method != "POST":
        return see_other(f"/c/{token}")
    found = _behind(request, token)
    if request.POST.get("List-Unsubscribe") != "One-Click":
        raise Invalid
    members.withdraw(token=token, what=found.purpose, language=request.LANGUAGE_CODE)
    return HttpResponse(status=200, content_type="text/plain")


def _behind(request: HttpRequest, token: str) -> members.Withdrawal:
    """What the link is about. Links that were never sent count, so that nobody looks for others by trying."""
    limits.check(SEARCHING, visitor_of(request))
    try:
        return members.behind_withdrawal(token=token)
    except WithdrawalUnknown:
        limits.hit(SEARCHING, visitor_of(request))
        raise
