"""Opening accounts."""

import re

from django.db import IntegrityError, transaction

from toli.accounts.domain.actor import Actor
from toli.accounts.errors import LoginInvalid, LoginTaken
from toli.accounts.models import Account, AccountKind
from toli.audit import services as audit
from toli.core.errors import Forbidden

_LOGIN = re.compile(r"[\w.@-]{1,80}")


@transaction.atomic
def rename_account(*, actor: Actor, account_id: int, display_name: str, language: str) -> None:
    """The name and language of an account follow those of the person. Raises Forbidden: only the system does it."""
    if not actor.is_system:
        raise Forbidden
    Account.objects.filter(pk=account_id).update(display_name=display_name, language=language)


@transaction.atomic
def create_account(
    *, actor: Actor, login: str, display_name: str, kind: str, language: str = "hi", password: str | None = None
) -> Account:
    """A new account without any role. Without a password it signs in by link or code only.

    Raises:
        LoginInvalid, LoginTaken, Forbidden (only the system creates accounts: the operator, or joining itself).
    """
    if not actor.is_system:
        raise Forbidden
    if not _LOGIN.fullmatch(login):
        raise LoginInvalid
    account = Account(login=login, display_name=display_name, kind=AccountKind(kind), language=language)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:
        raise LoginTaken(login=login) from None
    audit.record_act(
        actor,
        action="accounts.create",
        target=f"account:{account.pk}",
    )
    return account
