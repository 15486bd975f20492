"""Reads about accounts."""

from collections.abc import Iterable

from toli.accounts.domain.actor import Actor, ActorKind
from toli.accounts.domain.factors import Factors
from toli.accounts.domain.sessions import is_recent, stored_key
from toli.accounts.errors import AccountNotFound
from toli.accounts.models import Account, AccountKind, Passkey, RecoveryCode, Session, SignInLink, Totp
from toli.core import clock, wall


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


def staff_by_id(account_ids: Iterable[int]) -> dict[int, Account]:
    """Those of the accounts that belong to staff, by id."""
    return Account.objects.filter(kind="staff").in_bulk(list(account_ids))


def find_session(session_key: str | None) -> Session | None:
    """The open session that a cookie's key stands for, when somebody is signed in by it."""
    return Session.objects.open().filter(key=stored_key(session_key)).first() if session_key else None


def is_proved(session_key: str | None) -> bool:
    """Whether a factor was proved in this session within the last ten minutes."""
    found = find_session(session_key)
    return found is not None and is_recent(found.proved_at, clock.now())


def sessions_of(account_id: int) -> list[Session]:
    """Where an account is signed in, what was used last first."""
    return list(Session.objects.open().filter(account_id=account_id).order_by("-last_seen_at", "-pk"))


def count_sessions(kind: str = "") -> int:
    """How many sessions of signed-in people are open, or of one kind of account."""
    found = Session.objects.open()
    return (found.filter(account__kind=AccountKind(kind)) if kind else found).count()


@wall.lifted("counted for who signs in, too, on a public page")
def factors_of(account_id: int) -> Factors:
    """What an account has to prove itself by."""
    account = Account.objects.get(pk=account_id)
    return Factors(
        passkeys=Passkey.objects.filter(account=account).count(),
        password=account.has_usable_password(),
        totp=Totp.objects.filter(account=account, confirmed_at__isnull=False).exists(),
        recovery_codes=RecoveryCode.objects.filter(account=account, used_at__isnull=True).count(),
    )


def what_reset_takes(account_id: int) -> dict[str, int]:
    """How many of each an account would lose, were its factors reset now."""
    account = Account.objects.get(pk=account_id)
    return {
        "passkeys": Passkey.objects.filter(account=account).count(),
        "totp": Totp.objects.filter(account=account).count(),
        "recovery_codes": RecoveryCode.objects.filter(account=account).count(),
        "password": int(account.has_usable_password()),
        "links": SignInLink.objects.filter(account=account, used_at__isnull=True).count(),
        "sessions": Session.objects.filter(account=account).count(),
    }


def passkeys_of(account_id: int) -> list[Passkey]:
    """An account's passkeys, the oldest first."""
    return list(Passkey.objects.filter(account_id=account_id).order_by("created_at", "pk"))
