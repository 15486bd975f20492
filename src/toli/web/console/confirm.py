"""Proving who one is, before what does harm in the wrong hands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.accounts import selectors
from toli.accounts import services as accounts
from toli.accounts.domain.actor import Actor
from toli.accounts.domain.sessions import Method
from toli.accounts.errors import PasskeyRefused, SignInRefused
from toli.web.client import client_address
from toli.web.page import is_proved, safe_next, see_other, staff_page
from toli.web.staff_forms import ProofForm


@staff_page
def confirm(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Prove a factor and go on to where one was stopped."""
    target = safe_next(request.GET.get("next", ""), "/console/")
    if is_proved(request):
        return see_other(target)
    form = ProofForm(request.POST if request.POST.get("step") == "password" else None)
    try:
        if _proves(request, actor, form):
            return see_other(target)
    except (PasskeyRefused, SignInRefused) as error:
        return _page(request, actor, ProofForm(), target, refused=str(error))
    return _page(request, actor, form, target)


def _proves(request: HttpRequest, actor: Actor, form: ProofForm) -> bool:
    key = str(request.session.session_key)
    if request.POST.get("step") == "passkey":
        credential = request.POST.get("credential", "")
        accounts.authenticate(credential=credential, address=client_address(request), account_id=actor.id)
        accounts.prove_session(actor=actor, session_key=key, method=Method.PASSKEY)
        return True
    if form.is_bound and form.is_valid():
        accounts.confirm_with_password(actor=actor, session_key=key, **form.cleaned_data)
        return True
    return False


def _page(request: HttpRequest, actor: Actor, form: ProofForm, target: str, refused: str = "") -> HttpResponse:
    context = {
        "form": form,
        "next": target,
        "refused": refused,
        "factors": selectors.factors_of(actor.id or 0),
        "may_change": accounts.may_change_factors(actor=actor, session_key=str(request.session.session_key)),
    }
    return render(request, "public/confirm.html", context, status=400 if refused else 200)
