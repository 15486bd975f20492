"""Pages for everybody: who we are, help, checking a card, health."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.cards import photos
from toli.cards import selectors as cards
from toli.cards.domain.states import CardState
from toli.members import selectors as members
from toli.web.forms import CheckForm
from toli.web.limited import limited
from toli.web.page import forgetting, public_page, see_other


@public_page
def landing(request: HttpRequest) -> HttpResponse:
    return render(request, "public/landing.html", {"drive": members.current_drive()})


@public_page
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "public/help.html")


@public_page
def health(request: HttpRequest) -> HttpResponse:
    """For the machines that watch us: ok only when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database unavailable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@public_page
@limited("verify.address")
def verify_form(request: HttpRequest) -> HttpResponse:
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _checked(request, form.cleaned_data["code"])
    return render(request, "public/verify.html", {"form": form})


@public_page
@limited("verify.address", methods=("GET", "HEAD", "POST"))
def verify(request: HttpRequest, face: str, signature: str) -> HttpResponse:
    """What a scanned card leads to."""
    return _checked(request, f"/V/{face}/{signature}")


def _checked(request: HttpRequest, address: str) -> HttpResponse:
    check = cards.verify_card(address)
    status = 404 if check.state == CardState.UNKNOWN else 200
    return render(
        request,
        "public/verify.html",
        {"form": CheckForm(), "check": check, "photo": photos.as_address(check.photo) if check.photo else ""},
        status=status,
    )


@public_page
@limited("sign_out.address")
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        request.session.flush()
        return forgetting(see_other("/"))
    return render(request, "public/sign_out.html")
