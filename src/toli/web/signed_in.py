"""Where somebody is signed in, as they read it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from toli.accounts import selectors
from toli.accounts.domain.actor import Actor
from toli.accounts.domain.sessions import Method

BY: dict[str, Any] = {
    Method.PASSKEY: _("with a passkey"),
    Method.PASSWORD: _("with a password and an app"),
    Method.RECOVERY: _("with a recovery code"),
    Method.LINK: _("by link"),
    Method.CODE: _("with a code"),
}


def signed_in_list(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    """The actor's sessions, this one first."""
    here = selectors.find_session(request.session.session_key)
    rows = [
        {"session": session, "here": here is not None and session.pk == here.pk, "by": BY.get(session.method, "")}
        for session in selectors.sessions_of(actor.id or 0)
    ]
    return sorted(rows, key=lambda row: not row["here"])
