"""What signing in keeps: the account, links and codes, sessions, and texts that a sender keeps in files."""

from typing import Any

from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.accounts.models import (
    Account,
    AccountKind,
    OneTimeCode,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    Session,
    SignInLink,
    Totp,
)
from toli.accounts.services import keepers
from toli.core.crypto import index_for
from toli.core.personal_data import Holding, Person, Row, register


def _account(person: Person) -> QuerySet[Account]:
    return Account.objects.filter(pk=person.account_id, kind=AccountKind.MEMBER)


def _erase_account(person: Person) -> int:
    """Delete it, or leave it nameless where work that somebody did must keep its author."""
    for account in _account(person):
        try:
            with transaction.atomic():
                account.delete()
        except ProtectedError:
            account.login, account.display_name, account.is_active = f"erased-{account.pk}", "—", False
            account.set_unusable_password()
            account.save()
        return 1
    return 0


def _links(person: Person) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(account_id=person.account_id)


def _codes(person: Person) -> QuerySet[OneTimeCode]:
    index = index_for("phone")
    return OneTimeCode.objects.filter(address_index__in=[key for phone in person.phones for key in index.all_of(phone)])


def _sessions(person: Person) -> QuerySet[Session]:
    """Sessions of unfinished forms, in which a number may stand, belong to nobody yet: they are encrypted under
    a key that only the visitor's browser has, and end within a day."""
    return Session.objects.filter(account_id=person.account_id) if person.account_id else Session.objects.none()


def _export_sessions(person: Person) -> list[Row]:
    return [
        {"device": row.device, "network": row.network, "created_at": row.created_at, "last_seen_at": row.last_seen_at}
        for row in _sessions(person).order_by("pk")
    ]


FACTORS: tuple[type[Model], ...] = (Passkey, PasskeyChallenge, Totp, RecoveryCode)


def _factors(person: Person) -> list[QuerySet[Any]]:
    """What proves who somebody is. Staff have these; should a member's account hold any, they go with it."""
    return [kind._default_manager.filter(account_id=person.account_id) for kind in FACTORS if person.account_id]


def _texts(person: Person) -> int:
    return sum(keeper.count_texts(person.phones) for keeper in keepers())


def _forget_texts(person: Person) -> int:
    return sum(keeper.forget_texts(person.phones) for keeper in keepers())


def _export_account(person: Person) -> list[Row]:
    return [
        {"login": row.login, "created_at": row.created_at, "last_login": row.last_login} for row in _account(person)
    ]


register(
    Holding(
        key="accounts.account",
        label=_("Your access"),
        tables=("accounts_account",),
        count=lambda person: _account(person).count(),
        erase=_erase_account,
        export=_export_account,
        fields={"login": _("Name of the access"), "created_at": _("Since"), "last_login": _("Last signed in")},
    )
)
register(
    Holding(
        key="accounts.links",
        label=_("Links that sign you in"),
        tables=("accounts_signinlink",),
        count=lambda person: _links(person).count(),
        erase=lambda person: _links(person).delete()[0],
    )
)
register(
    Holding(
        key="accounts.codes",
        label=_("Codes sent to you"),
        tables=("accounts_onetimecode",),
        count=lambda person: _codes(person).count(),
        erase=lambda person: _codes(person).delete()[0],
        export=lambda person: [{"at": row.created_at} for row in _codes(person).order_by("pk")],
        fields={"at": _("When")},
    )
)
register(
    Holding(
        key="accounts.sessions",
        label=_("Devices that are signed in"),
        tables=("accounts_session",),
        count=lambda person: _sessions(person).count(),
        erase=lambda person: _sessions(person).delete()[0],
        export=_export_sessions,
        fields={
            "device": _("Device"),
            "network": _("Address"),
            "created_at": _("Since"),
            "last_seen_at": _("Last seen"),
        },
    )
)
register(
    Holding(
        key="accounts.factors",
        label=_("Passkeys, authenticator apps and recovery codes"),
        tables=tuple(kind._meta.db_table for kind in FACTORS),
        count=lambda person: sum(found.count() for found in _factors(person)),
        erase=lambda person: sum(found.delete()[0] for found in _factors(person)),
        export=lambda person: [
            {"name": key.name, "created_at": key.created_at}
            for key in Passkey.objects.filter(account_id=person.account_id).order_by("pk")
        ],
        fields={"name": _("Name"), "created_at": _("Since")},
    )
)
register(
    Holding(
        key="accounts.texts",
        label=_("Copies of messages to you"),
        tables=(),
        count=_texts,
        erase=_forget_texts,
    )
)
