"""Sessions: opened, proved, ended. A session that is ended is signed out with its next request."""

from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.accounts.domain.sessions import PROVING, Method, device_label, stored_key
from toli.accounts.errors import AccountNotFound, SessionNotFound
from toli.accounts.models import Account, AccountKind, PasskeyChallenge, Session
from toli.audit import services as audit
from toli.core import clock, wall
from toli.core.domain.limits import network_of
from toli.core.errors import Forbidden


@transaction.atomic
def open_session(*, actor: Actor, session_key: str, method: str, user_agent: str = "") -> None:
    """Note how, where and on what ``actor`` signed in. Passkey, password with digits and recovery code prove it.

    Raises:
        SessionNotFound: the session has ended meanwhile.
    """
    with wall.lifted("signing in happens on a public page, where nobody has an area"):
        changed = Session.objects.filter(key=stored_key(session_key), account=actor.id).update(
            method=Method(method),
            network=network_of(actor.address),
            device=device_label(user_agent),
            proved_at=clock.now() if method in PROVING else None,
        )
    if not changed:
        raise SessionNotFound
    _record(actor, "accounts.sign_in", f"account:{actor.id}", method=str(method))


@transaction.atomic
def prove_session(*, actor: Actor, session_key: str, method: str) -> None:
    """Note that ``actor`` proved a factor just now in this session. Raises SessionNotFound."""
    if not Session.objects.filter(key=stored_key(session_key), account=actor.id).update(proved_at=clock.now()):
        raise SessionNotFound
    _record(actor, "accounts.confirm", f"account:{actor.id}", method=str(method))


@transaction.atomic
def revoke_session(*, actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions. Raises SessionNotFound, also for somebody else's."""
    deleted, _rows = Session.objects.filter(pk=session_id, account=actor.id).delete()
    if not deleted:
        raise SessionNotFound
    _record(actor, "accounts.revoke_session", f"account:{actor.id}", sessions=1)


@transaction.atomic
def revoke_other_sessions(*, actor: Actor, session_key: str) -> int:
    """End all of the actor's sessions but this one. Returns how many."""
    others = Session.objects.filter(account=actor.id).exclude(key=stored_key(session_key))
    count, _rows = others.delete()
    _record(actor, "accounts.revoke_session", f"account:{actor.id}", sessions=count)
    return count


@transaction.atomic
def revoke_sessions(*, actor: Actor, account_id: int) -> int:
    """End every session of an account (by the system). Returns how many. Raises Forbidden."""
    if not actor.is_system:
        raise Forbidden
    count, _rows = Session.objects.filter(account_id=account_id).delete()
    _record(actor, "accounts.revoke_session", f"account:{account_id}", sessions=count)
    return count


@transaction.atomic
def revoke_all_sessions(*, actor: Actor, kind: str = "") -> int:
    """End every session of everybody, or of one ``kind`` of account (by the system). Returns how many.

    Raises:
        Forbidden.
    """
    if not actor.is_system:
        raise Forbidden
    found = Session.objects.filter(account__isnull=False)
    count, _rows = (found.filter(account__kind=AccountKind(kind)) if kind else found).delete()
    _record(actor, "accounts.revoke_session", f"accounts:{kind or 'all'}", sessions=count)
    return count


@transaction.atomic
def set_active(*, actor: Actor, account_id: int, active: bool) -> None:
    """Close an account, which signs it out everywhere, or open it again. By the system.

    Raises:
        Forbidden. AccountNotFound.
    """
    if not actor.is_system:
        raise Forbidden
    if not Account.objects.filter(pk=account_id).update(is_active=active):
        raise AccountNotFound(login=account_id)
    _record(actor, "accounts.open" if active else "accounts.close", f"account:{account_id}")
    if not active:
        revoke_sessions(actor=actor, account_id=account_id)


def clear_sessions() -> int:
    """Remove what is left of sessions that have ended, and challenges nobody answered. Returns how many sessions."""
    PasskeyChallenge.objects.filter(expires_at__lte=clock.now()).delete()
    return Session.objects.filter(ends_at__lte=clock.now()).delete()[0]


def _record(actor: Actor, action: str, target: str, **details: object) -> None:
    audit.record_act(
        actor,
        action=action,
        target=target,
        details=details,
    )
