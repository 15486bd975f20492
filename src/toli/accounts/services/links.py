"""Links that sign their holder in."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import Actor
from toli.accounts.domain.sending import LINK, LINK_AFTER_RESET, SURELY_NOT_SENT, Outcome
from toli.accounts.errors import SignInLinkInvalid, TextNotCarried, TextNotSent
from toli.accounts.models import Account, SignInLink
from toli.accounts.ports import TextMessage
from toli.accounts.services.codes import phone_from
from toli.accounts.services.sending import text_sender
from toli.audit import services as audit
from toli.core import clock
from toli.core.errors import Forbidden


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
    audit.record_act(
        actor,
        action="accounts.sign_in_link",
        target=f"account:{account_id}",
    )
    return token


def text_sign_in_link(*, actor: Actor, account_id: int, phone: str, link: str, after_reset: bool = False) -> None:
    """Send a link to the telephone of its owner, in the account's language. The number is not kept.

    Raises:
        Forbidden. PhoneInvalid. TextNotSent, TextNotCarried: it surely did not leave.
    """
    if not actor.is_system:
        raise Forbidden
    language = Account.objects.get(pk=account_id).language
    text = link_text(link, language, after_reset=after_reset)
    kind = LINK_AFTER_RESET if after_reset else LINK
    (receipt,) = text_sender().send_many([TextMessage(phone_from(phone), text, kind, language)])
    if receipt.outcome in SURELY_NOT_SENT:
        raise TextNotCarried(kind=kind) if receipt.outcome is Outcome.REFUSED else TextNotSent
    audit.record_act(
        actor,
        action="accounts.text_link",
        target=f"account:{account_id}",
    )


def link_text(link: str, language: str, *, after_reset: bool) -> str:
    """The words of the message that brings a link. They are registered with operators: see docs/howto/send-texts.md."""
    with translation.override(language):
        if after_reset:
            words = _(
                "Your ways to sign in to Toli were taken away. Was that not your wish? Say so at once. New way in:"
            )
        else:
            words = _("You are invited to work with Toli. This link is for you alone and works once:")
    return f"{words} {link}"


@transaction.atomic
def redeem_sign_in_link(*, token: str) -> SignInLink:
    """The link with its account. It is used up by this unless it is reusable.

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
    return link


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()  # 256 random bits need no key
