"""Somebody whose name stands on a card, or whom we wrote to, never joined: they prove the number and are free of us."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.accounts import services as accounts
from toli.core.errors import DomainError
from toli.members import selectors as members
from toli.members import services as member_services
from toli.web.client import client_address
from toli.web.forms import CodeForm, PhoneForm
from toli.web.limited import limited
from toli.web.page import public_page, see_other

if TYPE_CHECKING:
    from toli.members.models import Member

SESSION = "not_me"
PROVED = "not_me_proved"
PURPOSE = "not_me"


@public_page
@limited("sign_in.address")
def never_joined(request: HttpRequest) -> HttpResponse:
    """Number, then code, and the membership has ended: nothing else is asked. An unknown number is treated alike."""
    if request.POST.get("step") == "phone":
        return _ask(request)
    if request.POST.get("step") == "code":
        return _prove(request)
    if request.POST.get("step") == "who":
        return _chosen(request)
    if SESSION in request.session and request.GET.get("step") != "phone":
        return _code_page(request, CodeForm())
    return render(request, "public/never_joined.html", {"form": PhoneForm()})


def _ask(request: HttpRequest) -> HttpResponse:
    form = PhoneForm(request.POST)
    if form.is_valid():
        phone = form.cleaned_data["phone"]
        try:
            accounts.request_code(
                phone=phone, purpose=PURPOSE, language=request.LANGUAGE_CODE, address=client_address(request)
            )
        except DomainError as error:
            form.refuse("phone", error)
        else:
            request.session[SESSION] = phone
            return see_other("/not-me")
    return render(request, "public/never_joined.html", {"form": form})


def _code_page(request: HttpRequest, form: CodeForm) -> HttpResponse:
    context = {"form": form, "action": "/not-me", "back": "/not-me?step=phone", "phone": request.session[SESSION]}
    return render(request, "public/code.html", context)


def _prove(request: HttpRequest) -> HttpResponse:
    phone = request.session.get(SESSION)
    if not phone:
        return see_other("/not-me")
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            accounts.verify_code(
                phone=phone, purpose=PURPOSE, code=form.cleaned_data["code"], address=client_address(request)
            )
        except DomainError as error:
            form.refuse("code", error)
        else:
            del request.session[SESSION]
            return _end(request, phone)
    return _code_page(request, form)


def _end(request: HttpRequest, phone: str) -> HttpResponse:
    """End the one membership of this number; of several, let them say which."""
    found = _all_of(phone)
    if not found:
        return render(request, "public/not_a_member.html")
    if len(found) > 1:
        request.session[PROVED] = phone
        return render(request, "public/never_joined_who.html", {"people": found})
    member_services.disown_membership(member_id=found[0].pk)
    return render(request, "public/not_me.html")


def _chosen(request: HttpRequest) -> HttpResponse:
    """Only a name that stands under the number they have just proved can be ended."""
    phone = request.session.pop(PROVED, "")
    chosen = next((one for one in _all_of(phone) if str(one.pk) == request.POST.get("who")), None) if phone else None
    if chosen is None:
        return see_other("/not-me")
    member_services.disown_membership(member_id=chosen.pk)
    return render(request, "public/not_me.html")


def _all_of(phone: str) -> list["Member"]:
    return [*members.find_all_by_phone(phone), *members.find_held_by_phone(phone)]
