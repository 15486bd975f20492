"""Toli as an app on a phone: what it is called, what other apps hand to it."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import ActorKind
from toli.chatgroups.domain import invites
from toli.compliance import selectors as compliance
from toli.core.domain.addresses import is_own_path
from toli.web.page import actor_of, public_page, see_other

RECEIVED = "/received"
COLOUR = "#f5f3ee"


@public_page
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to know to put Toli beside its other apps."""
    organisation = compliance.find_organisation()
    name = organisation.label(str(get_language())) if organisation else "Toli"
    told = {
        "id": "/",
        "name": name,
        "short_name": name if len(name) <= 12 else "Toli",
        "lang": get_language(),
        "dir": "ltr",
        "start_url": "/me",
        "scope": "/",
        "display": "standalone",
        "background_color": COLOUR,
        "theme_color": COLOUR,
        "icons": [
            {"src": static("favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": static("icon-maskable.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "maskable"},
        ],
        "shortcuts": [{"name": _("My card"), "url": "/me/card"}, {"name": _("Work"), "url": "/console/work"}],
        "share_target": {
            "action": RECEIVED,
            "method": "GET",
            "enctype": "application/x-www-form-urlencoded",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    return JsonResponse(told, content_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


@public_page
def received(request: HttpRequest) -> HttpResponse:
    """Something that another app shared into Toli: an invite link goes to the task that waits for one, a link of ours
    to its page, everything else to where the day begins."""
    words = " ".join(request.GET.get(part, "") for part in ("url", "text", "title"))[:2000]
    is_staff = actor_of(request).kind is ActorKind.STAFF
    invite = next((found for kind in invites.EXAMPLES if (found := invites.canonical(kind, words))), None)
    if invite and is_staff:
        return see_other("/console/work?" + urlencode({"invite": invite}))
    own = next((path for word in words.split() if (path := _own_path(word))), None)
    return see_other(own or ("/console/" if is_staff else "/me"))


def _own_path(word: str) -> str | None:
    """The path of an address of ours."""
    if not word.startswith(f"{settings.BASE_URL}/"):
        return None
    path = urlsplit(word).path
    return path if is_own_path(path) else None
