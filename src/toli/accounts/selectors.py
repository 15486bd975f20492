"""Reads about accounts."""

from toli.accounts.domain.actor import Actor, ActorKind
from toli.accounts.errors import AccountNotFound
from toli.accounts.models import Account


def get_account(login: str) -> Account:
    """The account with this login. Raises AccountNotFound."""
    account = Account.objects.filter(login=login).first()
    if account is None:
        raise AccountNotFound(login=login)
    return account


def actor_for(account: Account, *, address: str = "", language: str | None = None) -> Actor:
    """The actor that an account acts as, from an IP address."""
    return Actor(ActorKind(account.kind), account.pk, language or account.language, address)


def staff() -> list[Account]:
    """All staff accounts, by login."""
    return list(Account.objects.filter(kind="staff").order_by("login"))
