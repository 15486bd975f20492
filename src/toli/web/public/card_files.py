"""Files by which apps check cards without a network."""

import json

from django.http import HttpRequest, HttpResponse

from toli.cards import credentials, keys, services
from toli.cards.domain import key_file
from toli.web.limited import limited
from toli.web.page import public_page

FRESH = "public, max-age=300"


@public_page
@limited("verify.address", methods=("GET", "HEAD"))
def card_keys(request: HttpRequest) -> HttpResponse:
    """The public keys that cards are signed with."""
    text = key_file.write(keys.published())
    return HttpResponse(text, content_type="application/json", headers={"Cache-Control": FRESH})


@public_page
@limited("verify.address", methods=("GET", "HEAD"))
def revoked(request: HttpRequest) -> HttpResponse:
    """The signed list of cards that no longer count."""
    headers = {"Cache-Control": FRESH, "Content-Disposition": 'attachment; filename="toli-revoked-cards.bin"'}
    return HttpResponse(services.revoked_file(), content_type="application/octet-stream", headers=headers)


@public_page
@limited("verify.address", methods=("GET", "HEAD"))
def did(request: HttpRequest) -> HttpResponse:
    """Which keys sign verifiable credentials: what did:web leads to."""
    text = json.dumps(credentials.did_document(), indent=1)
    return HttpResponse(text, content_type="application/did+json", headers={"Cache-Control": FRESH})
