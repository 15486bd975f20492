"""What somebody on the staff signs in by, and where they are signed in: their own, nobody else's."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import segno
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.policies import area_of, permissions_of
from toli.accounts import selectors
from toli.accounts import services as accounts
from toli.accounts.domain.actor import Actor
from toli.accounts.errors import DigitsWrong, ProofNeeded
from toli.compliance import selectors as compliance
from toli.core.errors import DomainError
from toli.territories import selectors as territories
from toli.web.page import FIRST_FACTOR_MISSING, see_other, staff_page, to_confirm
from toli.web.signed_in import signed_in_list
from toli.web.staff_forms import AppDigitsForm, NewPasswordForm
from toli.web.templatetags.toli import label

HOME = "/console/security"


def _who(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    return {"actor": actor, "session_key": str(request.session.session_key)}


@staff_page
def security(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everything on one page; what changes a factor needs a fresh proof."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return _page(request, actor)
    try:
        return act(request, actor) or see_other(HOME)
    except ProofNeeded:
        return to_confirm(request)
    except DomainError as error:
        return _page(request, actor, refused=str(error))


def _add_passkey(request: HttpRequest, actor: Actor) -> None:
    credential, name = request.POST.get("credential", ""), request.POST.get("name", "")
    accounts.finish_registration(**_who(request, actor), credential=credential, name=name)
    _note_first_factor(request, actor)


def _set_password(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    form = NewPasswordForm(request.POST)
    if not form.is_valid():
        return _page(request, actor, form)
    try:
        account = accounts.set_password(**_who(request, actor), password=form.cleaned_data["password"])
    except ProofNeeded:
        raise
    except DomainError as error:
        form.add_error("password", str(error))
        return _page(request, actor, form)
    _note_first_factor(request, actor)
    update_session_auth_hash(request, account)  # this session goes on under a new key; all others have ended
    return None if selectors.factors_of(account.pk).totp else see_other(f"{HOME}/app")


def _remove_app(request: HttpRequest, actor: Actor) -> None:
    accounts.remove_totp(**_who(request, actor))


def _make_codes(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Shown in the answer itself, and never again."""
    codes = accounts.make_recovery_codes(**_who(request, actor))
    return render(request, "console/recovery_codes.html", {**_frame(request, actor), "codes": codes})


def _sign_out_elsewhere(request: HttpRequest, actor: Actor) -> None:
    accounts.revoke_other_sessions(**_who(request, actor))


ACTS: dict[str, Callable[[HttpRequest, Actor], HttpResponse | None]] = {
    "passkey": _add_passkey,
    "password": _set_password,
    "remove-app": _remove_app,
    "codes": _make_codes,
    "sign-out": _sign_out_elsewhere,
}


@staff_page
def passkey_options(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the browser needs to make a passkey; without a proof, where to give one."""
    if request.method != "POST":
        return see_other(HOME)
    try:
        return JsonResponse(accounts.begin_registration(**_who(request, actor), issuer=_issuer()))
    except ProofNeeded:
        return JsonResponse({"confirm": f"/sign-in/confirm?next={HOME}"}, status=409)


@staff_page
def passkey(request: HttpRequest, actor: Actor, passkey_id: int) -> HttpResponse:
    """Rename or remove one's own passkey."""
    if request.method != "POST":
        return see_other(HOME)
    try:
        if request.POST.get("act") == "remove":
            accounts.remove_passkey(**_who(request, actor), passkey_id=passkey_id)
        else:
            accounts.rename_passkey(actor=actor, passkey_id=passkey_id, name=request.POST.get("name", ""))
    except ProofNeeded:
        return see_other(f"/sign-in/confirm?next={HOME}")
    return see_other(HOME)


@staff_page
def session(request: HttpRequest, actor: Actor, session_id: int) -> HttpResponse:
    """End one of one's own sessions."""
    if request.method == "POST":
        accounts.revoke_session(actor=actor, session_id=session_id)
    return see_other(HOME)


@staff_page
def app(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Set an authenticator app up: scan, then write its first digits."""
    who, form = _who(request, actor), AppDigitsForm(request.POST or None)
    if not accounts.may_change_factors(**who):
        return to_confirm(request)
    if form.is_bound and form.is_valid():
        try:
            accounts.confirm_totp(**who, code=form.cleaned_data["code"])
        except DigitsWrong as error:
            form.add_error("code", str(error))
        else:
            _note_first_factor(request, actor)
            return see_other(HOME)
    address = accounts.pending_totp(actor=actor, issuer=_issuer()) or accounts.begin_totp(**who, issuer=_issuer())
    return render(request, "console/app.html", {**_frame(request, actor), "form": form, **_shown(address)})


def _shown(address: str) -> dict[str, str]:
    """The app's secret, to scan and to write by hand."""
    qr = segno.make_qr(address, error="m").svg_inline(scale=4, border=2, dark="#16252c", light="#ffffff", omitsize=True)
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {"qr": qr, "secret": grouped}


def _note_first_factor(request: HttpRequest, actor: Actor) -> None:
    """The reminder goes once there is a whole way to prove who one is."""
    if selectors.factors_of(actor.id or 0).can_prove:
        request.session.pop(FIRST_FACTOR_MISSING, None)


def _page(request: HttpRequest, actor: Actor, form: NewPasswordForm | None = None, refused: str = "") -> HttpResponse:
    context = {
        **_frame(request, actor),
        "form": form or NewPasswordForm(),
        "refused": refused,
        "factors": selectors.factors_of(actor.id or 0),
        "passkeys": selectors.passkeys_of(actor.id or 0),
        "sessions": signed_in_list(request, actor),
        "may_change": accounts.may_change_factors(**_who(request, actor)),
    }
    return render(request, "console/security.html", context, status=400 if refused or form else 200)


def _frame(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """What surrounds pages of the desk; also for somebody who has no role yet."""
    scope = area_of(actor)
    roots = territories.roots(scope) if not scope.is_empty else []
    return {
        "area": "security",
        "place": roots[0] if roots else None,
        "above": [],
        "may": permissions_of(actor) if roots else frozenset(),
        "can": can,
    }


def _issuer() -> str:
    return label(compliance.find_organisation()) or "Toli"
