"""The authenticator app and recovery codes of staff; taking everything away when it is lost."""

import pyotp
from django.conf import settings
from django.db import transaction

from toli.accounts import selectors
from toli.accounts.domain import factors
from toli.accounts.domain.actor import Actor
from toli.accounts.domain.sessions import Method
from toli.accounts.errors import DigitsWrong, LastFactor
from toli.accounts.models import Account, Passkey, RecoveryCode, SignInLink, Totp
from toli.accounts.services.passwords import TOTP_CONTEXT, step_told
from toli.accounts.services.sessions import prove_session, revoke_sessions
from toli.accounts.services.standing import locked_for_change
from toli.audit import services as audit
from toli.core import clock, limits
from toli.core.crypto import cipher_for
from toli.core.errors import Forbidden


@transaction.atomic
def begin_totp(*, actor: Actor, session_key: str, issuer: str) -> str:
    """A new secret for an authenticator app, as an ``otpauth:`` address. An app in use stays until the new one works.

    Raises:
        ProofNeeded.
    """
    account = locked_for_change(actor=actor, session_key=session_key)
    Totp.objects.filter(account=account, confirmed_at__isnull=True).delete()
    row = Totp.objects.create(account=account, secret_sealed=b"")
    secret = pyotp.random_base32()
    row.secret_sealed = cipher_for(TOTP_CONTEXT).encrypt(secret, row=row.pk)
    row.save(update_fields=["secret_sealed"])
    return pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=issuer)


def pending_totp(*, actor: Actor, issuer: str) -> str | None:
    """The ``otpauth:`` address of a secret that waits for its first digits."""
    row = Totp.objects.select_related("account").filter(account=actor.id, confirmed_at__isnull=True).first()
    if row is None:
        return None
    secret = cipher_for(TOTP_CONTEXT).decrypt(bytes(row.secret_sealed), row=row.pk)
    return pyotp.TOTP(secret).provisioning_uri(name=row.account.login, issuer_name=issuer)


@transaction.atomic
def confirm_totp(*, actor: Actor, session_key: str, code: str) -> None:
    """Put the new secret into use: the app shows the right digits. Proves who sits there, where a password is set.

    Raises:
        ProofNeeded. DigitsWrong. TooManyRequests.
    """
    account = locked_for_change(actor=actor, session_key=session_key)
    limits.hit("staff.login", account.login.casefold())
    row = Totp.objects.filter(account=account, confirmed_at__isnull=True).first()
    step = step_told(row, code) if row else None
    if row is None or step is None:
        raise DigitsWrong
    limits.forgive("staff.login", account.login.casefold())
    Totp.objects.filter(account=account, confirmed_at__isnull=False).delete()
    row.last_step, row.confirmed_at = step, clock.now()
    row.save(update_fields=["last_step", "confirmed_at"])
    _record(actor, "accounts.add_totp", account.pk)
    if account.has_usable_password():
        prove_session(actor=actor, session_key=session_key, method=Method.PASSWORD)


@transaction.atomic
def remove_totp(*, actor: Actor, session_key: str) -> None:
    """Use the authenticator app no more. Raises ProofNeeded, LastFactor."""
    account = locked_for_change(actor=actor, session_key=session_key)
    Totp.objects.filter(account=account).delete()
    if not selectors.factors_of(account.pk).can_prove:
        raise LastFactor
    _record(actor, "accounts.remove_totp", account.pk)


@transaction.atomic
def make_recovery_codes(*, actor: Actor, session_key: str) -> list[str]:
    """Ten new recovery codes; those made before stop working. They are shown now and never again.

    Raises:
        ProofNeeded.
    """
    account = locked_for_change(actor=actor, session_key=session_key)
    codes = factors.new_recovery_codes()
    RecoveryCode.objects.filter(account=account).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            account=account,
            code_hash=factors.hash_recovery_code(code, secret=settings.SECRET_KEY, account=account.pk),
        )
        for code in codes
    )
    _record(actor, "accounts.make_recovery_codes", account.pk)
    return codes


@transaction.atomic
def reset_factors(*, actor: Actor, account_id: int) -> dict[str, int]:
    """Take every factor and unused link of an account away and sign it out everywhere: its owner lost them all.

    By the system. Its owner is told at the next sign-in. Returns how many of each went. Raises Forbidden.
    """
    if not actor.is_system:
        raise Forbidden
    account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
    gone = {
        "passkeys": Passkey.objects.filter(account=account).delete()[0],
        "totp": Totp.objects.filter(account=account).delete()[0],
        "recovery_codes": RecoveryCode.objects.filter(account=account).delete()[0],
        "password": int(account.has_usable_password()),
        "links": SignInLink.objects.filter(account=account, used_at__isnull=True).delete()[0],
    }
    account.set_unusable_password()
    account.factors_reset_at = clock.now()
    account.save(update_fields=["password", "factors_reset_at"])
    gone["sessions"] = revoke_sessions(actor=actor, account_id=account_id)
    _record(actor, "accounts.reset_factors", account_id)
    return gone


def _record(actor: Actor, action: str, account_id: int) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"account:{account_id}",
    )
