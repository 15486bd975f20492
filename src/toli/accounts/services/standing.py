"""What an account can prove itself by, and whether that may be changed now."""

from toli.accounts import selectors
from toli.accounts.domain.actor import Actor
from toli.accounts.domain.factors import Standing, may_change
from toli.accounts.errors import ProofNeeded, SessionNotFound
from toli.accounts.models import Account
from toli.core import clock


def may_change_factors(*, actor: Actor, session_key: str) -> bool:
    """Whether ``actor`` may add or take away factors in this session now."""
    session = selectors.find_session(session_key)
    if session is None or session.account_id is None or session.account_id != actor.id:
        return False
    standing = Standing(session.method, session.created_at, session.proved_at)
    return may_change(selectors.factors_of(session.account_id), standing, clock.now())


def locked_for_change(*, actor: Actor, session_key: str) -> Account:
    """The actor's account, until the transaction ends. Raises ProofNeeded, SessionNotFound."""
    account = Account.objects.select_for_update(no_key=True).filter(pk=actor.id or 0, is_active=True).first()
    if account is None:
        raise SessionNotFound
    if not may_change_factors(actor=actor, session_key=session_key):
        raise ProofNeeded
    return account
