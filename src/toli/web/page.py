"""How pages declare who may open them. A URL whose view declares nothing fails a test.

``@page(permission)`` is for organisers and hands the view the scope of that permission; with
``step_up=True`` only within ten minutes of a proof of who sits there. ``@staff_page`` is for everybody on the
staff, about their own things, and hands the view the actor. ``@member_page`` hands it the member who is
signed in, and knows ``step_up=True`` as well; ``@public_page`` is for everybody.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, overload
from urllib.parse import quote

from django.contrib.auth import login as django_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from toli.access.policies import area_of, scope_for
from toli.accounts import selectors as accounts
from toli.accounts import services as account_services
from toli.accounts.domain.actor import Actor, ActorKind
from toli.accounts.domain.sessions import LIFETIMES, Method
from toli.core import wall
from toli.core.domain.addresses import is_own_path
from toli.core.errors import Forbidden
from toli.members import selectors as members
from toli.web.client import client_address
from toli.web.middleware import LANGUAGE_IN_SESSION

View = Callable[..., HttpResponse]
AnyResponse = TypeVar("AnyResponse", bound=HttpResponse)
_METHODS = require_http_methods(["GET", "HEAD", "POST"])
_READING = require_http_methods(["GET", "HEAD"])
# What stays open to a member whose term is over: renewing, their data, leaving.
OPEN_TO_LAPSED = ("/me/dues", "/me/data", "/me/confirm", "/me/devices", "/me/leave")
BACKEND = "django.contrib.auth.backends.ModelBackend"
FIRST_FACTOR_MISSING = "first_factor_missing"  # in the session of staff who came by a link and have nothing else


def actor_of(request: HttpRequest) -> Actor:
    """Who makes this request; worked out once."""
    actor: Actor | None = getattr(request, "toli_actor", None)
    if actor is None:
        address = client_address(request)
        if request.user.is_authenticated:
            actor = accounts.actor_for(request.user, address=address, language=request.LANGUAGE_CODE)
        else:
            actor = Actor(ActorKind.ANONYMOUS, None, request.LANGUAGE_CODE, address)
        request.toli_actor = actor  # type: ignore[attr-defined]
    return actor


def sign_in(request: HttpRequest, account: Any, method: Method) -> None:
    """Start a session for the account, in its language, under a key that nobody has seen.

    A session that somebody was signed in by is thrown away, even one of the same account.
    """
    if request.user.is_authenticated:
        request.session.flush()
    django_login(request, account, backend=BACKEND)
    request.session[LANGUAGE_IN_SESSION] = account.language
    request.session.set_expiry(int(LIFETIMES[account.kind].whole.total_seconds()))
    request.session.save()
    account_services.open_session(
        actor=accounts.actor_for(account, address=client_address(request)),
        session_key=str(request.session.session_key),
        method=method,
        user_agent=request.headers.get("User-Agent", ""),
    )
    if account.kind == ActorKind.STAFF and not accounts.factors_of(account.pk).can_prove:
        request.session[FIRST_FACTOR_MISSING] = True


def see_other(address: str) -> HttpResponseRedirect:
    """After a POST: go and look there."""
    return HttpResponseRedirect(address, status=303)


def forgetting(answer: AnyResponse) -> AnyResponse:
    """The answer to somebody who signs out: the browser drops what it kept of us, a card for instance."""
    answer["Clear-Site-Data"] = '"storage"'
    return answer


def public_page(view: View) -> View:
    """Everybody may open this. Forms are taken only where a limit is declared below (web/limited.py)."""
    return _declared("public", view, _METHODS if getattr(view, "limits", ()) else _READING)


@overload
def member_page(view: View) -> View: ...
@overload
def member_page(*, step_up: bool = False, apart: bool = False) -> Callable[[View], View]: ...
def member_page(
    view: View | None = None, *, step_up: bool = False, apart: bool = False
) -> View | Callable[[View], View]:
    """Only a signed-in member, who is the second argument; others are led to sign in.

    With ``step_up`` they must have proved within the last ten minutes that they hold their telephone. ``apart``:
    the view stands behind the wall by itself, where something of it must stay even if the rest is undone.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            with wall.behind(account=actor.id):
                member = members.member_of(actor)
                if member is not None and member.state == "lapsed" and not request.path.startswith(OPEN_TO_LAPSED):
                    return see_other("/me/dues")
                if member is not None and step_up and not is_proved(request):
                    return to_confirm(request, "/me/confirm")
                if member is not None and not apart:
                    return view(request, member, *args, **kwargs)
            if member is not None:
                return view(request, member, *args, **kwargs)
            return see_other("/console/") if actor.kind is ActorKind.STAFF else _to_sign_in(request)

        declared = _declared("member", guarded)
        declared.step_up = step_up  # type: ignore[attr-defined]
        return declared

    return decorate(view) if view else decorate


def staff_page(view: View) -> View:
    """Everybody on the staff, whatever their roles; the view's second argument is who. For one's own things only."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = actor_of(request)
        if actor.kind is ActorKind.ANONYMOUS:
            return _to_sign_in(request, "/sign-in/staff")
        if actor.kind is not ActorKind.STAFF:
            raise Forbidden
        with wall.behind(paths=area_of(actor).paths, account=actor.id):
            return view(request, actor, *args, **kwargs)

    return _declared("staff", guarded)


def page(permission: str, *, step_up: bool = False) -> Callable[[View], View]:
    """Only staff who hold ``permission`` somewhere; the view's second argument is where.

    With ``step_up`` they must have proved a factor (passkey, password and digits, recovery code) in this session
    within the last ten minutes; else they are led to do so and back. Of a form sent too late nothing is kept.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            if actor.kind is ActorKind.ANONYMOUS:
                return _to_sign_in(request, "/sign-in/staff")
            scope = scope_for(actor, permission)
            if scope.is_empty:
                raise Forbidden
            with wall.behind(paths=area_of(actor).paths, account=actor.id):
                if step_up and not is_proved(request):
                    return to_confirm(request)
                return view(request, scope, *args, **kwargs)

        declared = _declared(permission, guarded)
        declared.step_up = step_up  # type: ignore[attr-defined]
        return declared

    return decorate


def is_proved(request: HttpRequest) -> bool:
    """Whether whoever sits there has proved it within the last ten minutes, in this session."""
    return accounts.is_proved(request.session.session_key)


def to_confirm(request: HttpRequest, page: str = "/sign-in/confirm") -> HttpResponse:
    """The way to proving who one is, and back to this page."""
    target = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
    return see_other(f"{page}?next={quote(target)}")


def _declared(access: str, view: View, methods: Callable[[View], View] = _METHODS) -> View:
    """The view with what the access matrix reads: who may open it."""
    declared: View = methods(view)
    declared.access = access  # type: ignore[attr-defined]
    return declared


def _to_sign_in(request: HttpRequest, page: str = "/sign-in") -> HttpResponse:
    target = request.get_full_path() if request.method == "GET" else "/"
    return see_other(f"{page}?next={quote(target)}")


def next_page(request: HttpRequest, default: str) -> str:
    """Where the person was going when we stopped them; forgotten by asking."""
    return safe_next(request.session.pop("next", ""), default)


def safe_next(target: str, default: str) -> str:
    """``target`` if it leads to a page of ours, else ``default``: no open redirects."""
    return target if is_own_path(target) else default
