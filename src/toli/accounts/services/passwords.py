"""Signing in with a password and the digits of an app, or a recovery code; confirming by the same.

Whatever is wrong, and whether or not there is such a login: the answer is the same, after the same queries and
exactly one slow hash.
"""

from dataclasses import dataclass

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from toli.accounts.domain import factors
from toli.accounts.domain.actor import Actor, ActorKind
from toli.accounts.domain.sessions import Method
from toli.accounts.errors import PasswordTooCommon, PasswordTooShort, SignInRefused
from toli.accounts.models import Account, AccountKind, RecoveryCode, Totp
from toli.accounts.services.sessions import prove_session, revoke_other_sessions
from toli.accounts.services.standing import locked_for_change
from toli.audit import services as audit
from toli.core import clock, limits, wall
from toli.core.crypto import cipher_for
from toli.core.domain.limits import network_of

TOTP_CONTEXT = "accounts_totp.secret"


@dataclass(frozen=True, slots=True)
class _Second:
    """What was told besides the password, and is right: the step of an app, or the hash of a recovery code."""

    totp: Totp | None = None
    step: int = 0
    recovery_hash: bytes = b""

    @property
    def method(self) -> Method:
        return Method.PASSWORD if self.totp else Method.RECOVERY


def sign_in_with_password(*, login: str, password: str, code: str, address: str) -> tuple[Account, Method]:
    """The account, and by which means, when password and second factor are right; each code counts once.

    An account that has no password can use a recovery code alone.

    Raises:
        SignInRefused. TooManyRequests: for this login or from this address.
    """
    name = login.strip()[:80]
    _count(name, address)
    account, method = _tried(name, password, code)
    _record(account, method, address)
    if account is None or method is None:
        raise SignInRefused
    _forgive(name)
    return account, method


def confirm_with_password(*, actor: Actor, session_key: str, password: str, code: str) -> None:
    """Prove who sits there by the same means.

    Raises:
        SignInRefused. TooManyRequests.
    """
    login = Account.objects.values_list("login", flat=True).get(pk=actor.id or 0)
    _count(login, actor.address)
    account, method = _tried(login, password, code, recovery_alone=True)
    _record(account, method, actor.address)
    if account is None or method is None:
        raise SignInRefused
    _forgive(login)
    prove_session(actor=actor, session_key=session_key, method=method)


@transaction.atomic
def set_password(*, actor: Actor, session_key: str, password: str) -> Account:
    """Give the actor's account this password. All other sessions of the account end.

    Raises:
        ProofNeeded. PasswordTooShort. PasswordTooCommon.
    """
    if not factors.is_long_enough(password):
        raise PasswordTooShort(minimum=factors.PASSWORD_MIN)
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        raise PasswordTooCommon from None
    account = locked_for_change(actor=actor, session_key=session_key)
    account.set_password(password)
    account.save(update_fields=["password"])
    revoke_other_sessions(actor=actor, session_key=session_key)
    audit.record_act(
        actor,
        action="accounts.set_password",
        target=f"account:{account.pk}",
    )
    return account


@wall.lifted("who signs in is known by their login, not by an area")
@transaction.atomic
def _tried(
    login: str, password: str, code: str, *, recovery_alone: bool = False
) -> tuple[Account | None, Method | None]:
    """The account with this login, and the means if all is right. Uses the second factor up only then."""
    account = Account.objects.filter(login=login, kind=AccountKind.STAFF, is_active=True).first()
    right = check_password(password[: factors.PASSWORD_MAX], account.password if account else UNUSABLE_PASSWORD_PREFIX)
    second = _second(account.pk if account else 0, code)
    if account is None or second is None:
        return account, None
    if second.method is Method.RECOVERY and (recovery_alone or not account.has_usable_password()):
        right = True
    return account, second.method if right and _used_up(second) else None


def _second(account_id: int, code: str) -> _Second | None:
    """Which second factor of the account this is. Asks the database the same for every account and code."""
    totp = Totp.objects.filter(account=account_id, confirmed_at__isnull=False).first()
    hashed = factors.hash_recovery_code(code[:40], secret=settings.SECRET_KEY, account=account_id)
    recovery = RecoveryCode.objects.filter(account=account_id, code_hash=hashed, used_at__isnull=True).exists()
    step = step_told(totp, code) if totp else None
    if totp and step:
        return _Second(totp=totp, step=step)
    return _Second(recovery_hash=hashed) if recovery else None


def step_told(totp: Totp, code: str) -> int | None:
    """The time step whose digits were told, if it was not used before."""
    told = "".join(code.split())
    if not factors.is_digits(told):
        return None
    app = pyotp.TOTP(cipher_for(TOTP_CONTEXT).decrypt(bytes(totp.secret_sealed), row=totp.pk))
    return factors.accepted_step(app.generate_otp, told, now=clock.now(), last_step=totp.last_step)


def _used_up(second: _Second) -> bool:
    """Mark it as used; False when another request was quicker."""
    if second.totp:
        unused = Totp.objects.filter(pk=second.totp.pk, last_step__lt=second.step)
        return unused.update(last_step=second.step) == 1
    codes = RecoveryCode.objects.filter(code_hash=second.recovery_hash, used_at__isnull=True)
    return codes.update(used_at=clock.now()) == 1


def _count(login: str, address: str) -> None:
    limits.hit("staff.address", network_of(address))
    for name in ("staff.login", "staff.login_day"):
        limits.hit(name, login.casefold())


def _forgive(login: str) -> None:
    """Who got in did not guess: only failures add up."""
    for name in ("staff.login", "staff.login_day"):
        limits.forgive(name, login.casefold())


def _record(account: Account | None, method: Method | None, address: str) -> None:
    """A failed try leaves a trace; what succeeds is recorded with its session."""
    if method is None:
        audit.record_act(
            Actor(ActorKind.ANONYMOUS, address=address),
            action="accounts.sign_in_refused",
            target=f"account:{account.pk if account else 0}",
        )
