"""What platforms post to us. Answered once it is on the disk; whoever does not know the secret is counted."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from toli.botgroups import services as botgroups
from toli.botgroups.errors import BotMissing, PostRefused
from toli.core import limits
from toli.web.limited import counted, visitor_of
from toli.web.page import public_page

UNKNOWN = "hooks.unknown_address"


@csrf_exempt  # another server posts here; its secret is in a header
@public_page
@counted(UNKNOWN)
def groups(request: HttpRequest, provider: str) -> HttpResponse:
    """News of groups that a bot keeps."""
    if request.method != "POST":
        return HttpResponse(status=405, content_type="text/plain")
    try:
        botgroups.receive(provider_key=provider, headers=request.headers, body=request.body)
    except (BotMissing, PostRefused):
        limits.hit(UNKNOWN, visitor_of(request))
        raise
    return HttpResponse()
