"""Staff sign in: with a passkey, or with a password and a second factor."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from toli.accounts import services as accounts
from toli.accounts.domain.actor import ActorKind
from toli.accounts.domain.sessions import Method
from toli.accounts.errors import PasskeyRefused, SignInRefused
from toli.web.client import client_address
from toli.web.limited import counted
from toli.web.page import actor_of, public_page, safe_next, see_other, sign_in
from toli.web.staff_forms import StaffSignInForm


@public_page
@counted("staff.address", "staff.login", "staff.login_day")
def staff(request: HttpRequest) -> HttpResponse:
    """The passkey first; the form below it has one answer for everything that is wrong."""
    target = safe_next(request.GET.get("next", ""), "/console/")
    form = StaffSignInForm(request.POST if request.POST.get("step") == "password" else None)
    try:
        if request.POST.get("step") == "passkey":
            credential = request.POST.get("credential", "")
            account = accounts.authenticate(credential=credential, address=client_address(request))
            sign_in(request, account, Method.PASSKEY)
            return see_other(target)
        if form.is_bound and form.is_valid():
            account, method = accounts.sign_in_with_password(**form.cleaned_data, address=client_address(request))
            sign_in(request, account, method)
            return see_other(target)
    except (PasskeyRefused, SignInRefused) as error:
        return _page(request, StaffSignInForm(), target, refused=str(error))
    return _page(request, form, target)


def _page(request: HttpRequest, form: StaffSignInForm, target: str, refused: str = "") -> HttpResponse:
    context = {"form": form, "next": target, "refused": refused}
    return render(request, "public/staff_sign_in.html", context, status=400 if refused else 200)


@public_page
@counted("staff.address")
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser asks a passkey for: to sign in or, with ``for=confirm``, to confirm who is signed in."""
    if request.method != "POST":
        return see_other("/sign-in/staff")
    actor = actor_of(request)
    own = actor.id if request.POST.get("for") == "confirm" and actor.kind is ActorKind.STAFF else None
    return JsonResponse(accounts.begin_authentication(address=client_address(request), account_id=own))
