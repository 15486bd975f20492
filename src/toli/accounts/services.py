"""Accounts, sign-in links and one-time codes."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from toli.accounts.domain import codes
from toli.accounts.domain.actor import Actor
from toli.accounts.errors import CodeExpired, CodeWrong, LoginTaken, SignInLinkInvalid, TooManyCodes
from toli.accounts.models import Account, OneTimeCode, SignInLink
from toli.accounts.ports import TextMessage, TextSender
from toli.audit import services as audit
from toli.core import clock
from toli.core.crypto import index_for
from toli.core.errors import Forbidden


@transaction.atomic
def create_account(
    *, actor: Actor, login: str, display_name: str, kind: str, language: str = "hi", password: str | None = None
) -> Account:
    """A new account without any role. Without a password it signs in by link or code only.

    Raises:
        LoginTaken, Forbidden (only the system creates accounts: the operator, or joining itself).
    """
    if not actor.is_system:
        raise Forbidden
    if Account.objects.filter(login=login).exists():
        raise LoginTaken(login=login)
    account = Account(login=login, display_name=display_name, kind=kind, language=language)
    account.set_password(password)
    account.save()
    audit.record(
        actor_kind=actor.kind, actor_id=actor.id, action="accounts.create", target=f"account:{account.pk}"
    )
    return account


@transaction.atomic
def create_sign_in_link(*, actor: Actor, account_id: int, lifetime: timedelta, reusable: bool = False) -> str:
    """A token that signs the account in: once, or for demonstrations as often as wanted.

    Only its hash is stored, so that it is known to nobody but the person it is given to.
    """
    if not actor.is_system:
        raise Forbidden
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        token_hash=_token_hash(token),
        account_id=account_id,
        expires_at=clock.now() + lifetime,
        reusable=reusable,
    )
    audit.record(
        actor_kind=actor.kind, actor_id=actor.id, action="accounts.sign_in_link", target=f"account:{account_id}"
    )
    return token


@transaction.atomic
def redeem_sign_in_link(*, token: str) -> Account:
    """The account behind a sign-in link, which is used up by this unless it is reusable.

    Raises:
        SignInLinkInvalid: unknown, used, expired, or the account is closed; the answer does not tell which.
    """
    link = (
        SignInLink.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(token_hash=_token_hash(token), expires_at__gt=clock.now(), account__is_active=True)
        .first()
    )
    if link is None or (link.used_at and not link.reusable):
        raise SignInLinkInvalid
    link.used_at = clock.now()
    link.save(update_fields=["used_at"])
    return link.account


@transaction.atomic
def request_code(*, phone: str, purpose: str, language: str) -> None:
    """Send a six digit code to ``phone`` (E.164). Earlier codes for the purpose stop working.

    Does the same for known and unknown numbers, so that nobody learns which are members.

    Raises:
        TooManyCodes: five were sent to this number within the hour.
    """
    index = index_for("phone").of(phone)
    _lock(index)
    now = clock.now()
    sent = OneTimeCode.objects.filter(address_index=index, created_at__gt=now - timedelta(hours=1))
    if sent.count() >= codes.PER_HOUR:
        raise TooManyCodes
    OneTimeCode.objects.filter(address_index=index, purpose=purpose, expires_at__gt=now).update(expires_at=now)
    code = codes.new_code()
    OneTimeCode.objects.create(
        address_index=index,
        purpose=purpose,
        code_hash=_code_hash(code, index, purpose),
        created_at=now,
        expires_at=now + codes.LIFETIME,
    )
    with translation.override(language):
        sentence = _("is your Toli code. Do not tell it to anyone, not even to a coordinator.")
    text = codes.message(code, urlsplit(settings.BASE_URL).netloc, sentence)
    text_sender().send_many([TextMessage(phone, text, "code")])


def verify_code(*, phone: str, purpose: str, code: str) -> None:
    """Accept the last code sent to ``phone``, once.

    A wrong guess is counted in its own transaction: raising must not undo the count.

    Raises:
        CodeWrong: tells how many tries are left. CodeExpired: none is open, or the tries are used up.
    """
    index = index_for("phone").of(phone)
    with transaction.atomic():
        open_code = (
            OneTimeCode.objects.select_for_update()
            .filter(address_index=index, purpose=purpose, used_at__isnull=True, expires_at__gt=clock.now())
            .order_by("-created_at")
            .first()
        )
        if open_code is None or open_code.tries >= codes.TRIES:
            raise CodeExpired
        offered = _code_hash(codes.clean(code), index, purpose)
        right = hmac.compare_digest(bytes(open_code.code_hash), offered)
        if right:
            open_code.used_at = clock.now()
        else:
            open_code.tries += 1
        open_code.save(update_fields=["used_at", "tries"])
    if not right:
        raise CodeWrong(left=codes.TRIES - open_code.tries)


@cache
def text_sender() -> TextSender:
    """The sender that this installation is set up with."""
    sender: TextSender = import_string(settings.TEXT_SENDER)()
    return sender


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()  # 256 random bits need no key


def _code_hash(code: str, index: bytes, purpose: str) -> bytes:
    return codes.hash_code(code, key=settings.SECRET_KEY.encode(), address_index=index, purpose=purpose)


def _lock(index: bytes) -> None:
    """One request at a time for a number, so that the hourly limit holds under concurrency."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(index[:8], "big", signed=True)])
