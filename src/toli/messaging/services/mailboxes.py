"""Mailboxes of members: given on their own page, used only after the link that was sent there has been opened."""

import hashlib
import secrets
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import Actor
from toli.compliance.selectors import get_organisation
from toli.core import clock, limits
from toli.core.crypto import cipher_for
from toli.core.errors import DomainError
from toli.members import selectors as members
from toli.members.domain.purposes import Channel, Purpose
from toli.members.events import MemberDisowned, MemberLeft, MembersMerged
from toli.members.services import set_consent
from toli.messaging import selectors
from toli.messaging.domain.mail import InvalidMailAddress, to_mail_address
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import MailAddressInvalid, MailLinkSpent, MailNotSent, MailOff
from toli.messaging.events import AddressesExpired
from toli.messaging.mail_book import ADDRESS_CONTEXT
from toli.messaging.models import MailAddress
from toli.messaging.ports import ChannelProvider, Content, Letter
from toli.messaging.providers import providers
from toli.messaging.services.senders import provider_of
from toli.messaging.services.trying import send_now

PAGE = "/me/email"
LINK_LASTS = timedelta(hours=48)
SECONDS = 8.0  # that a page waits for the mail server
PAIR = (Purpose.CONTENT.value, Channel.EMAIL.value)
PERHAPS = frozenset({Verdict.ACCEPTED, Verdict.UNKNOWN})  # it is there, or may be: not sent once more


def mailer() -> ChannelProvider:
    """The provider behind the sender of e-mail, the first that is active. Raises MailOff."""
    for sender in selectors.active_senders():
        kind = providers().get(sender.provider)
        if kind is None or kind.channel != Channel.EMAIL:
            continue
        try:
            return provider_of(sender)
        except DomainError:
            continue
    raise MailOff


def can_mail() -> bool:
    """Whether somebody set up a sender of e-mail."""
    try:
        mailer()
    except MailOff:
        return False
    return True


def give_mailbox(*, member_id: int, address: str, language: str) -> MailAddress:
    """Keep a member's address, in place of one given before, and send it a link. Nothing else goes there until the
    link is opened.

    Raises:
        MailOff. MailAddressInvalid. TooManyRequests: five links an hour for a member, five a day for a mailbox.
        MailNotSent: the address is kept, and the link can be asked for again.
    """
    provider = mailer()
    try:
        found = to_mail_address(address)
    except InvalidMailAddress:
        raise MailAddressInvalid from None
    _count(member_id, found)
    with transaction.atomic():
        MailAddress.objects.filter(member_id=member_id).delete()
        kept = MailAddress.objects.create(member_id=member_id, added_at=clock.now())
        kept.address_sealed = cipher_for(ADDRESS_CONTEXT).encrypt(found, row=kept.pk)
        kept.save(update_fields=["address_sealed"])
    _send_link(provider, kept, found, language)
    return kept


def send_link_again(*, member_id: int, language: str) -> None:
    """A new link to the address that waits for it; the earlier one opens nothing any more.

    Raises as :func:`give_mailbox`, and MailLinkSpent: no address waits.
    """
    provider = mailer()
    kept = _mailbox(member_id).filter(confirmed_at__isnull=True).first()
    if kept is None:
        raise MailLinkSpent
    address = cipher_for(ADDRESS_CONTEXT).decrypt(bytes(kept.address_sealed), row=kept.pk)
    _count(member_id, address)
    _send_link(provider, kept, address, language)


def waiting_for(*, member_id: int, token: str) -> MailAddress:
    """The member's own address that this link confirms. Raises MailLinkSpent."""
    found = _mailbox(member_id).filter(token_hash=_hashed(token), token_until__gt=clock.now()).first()
    if found is None:
        raise MailLinkSpent
    return found


@transaction.atomic
def confirm_mailbox(*, actor: Actor, member_id: int, token: str, daily: bool, language: str) -> None:
    """The link was opened by the member: from now on the address is used. ``daily``: also for daily material.

    Raises MailLinkSpent: it was used, is too old, or belongs to somebody else.
    """
    list(_mailbox(member_id).select_for_update())
    kept = waiting_for(member_id=member_id, token=token)
    kept.confirmed_at, kept.token_hash, kept.token_until, kept.failed_at = clock.now(), b"", None, None
    kept.save(update_fields=["confirmed_at", "token_hash", "token_until", "failed_at"])
    if daily:
        _say(actor, member_id, given=True, language=language)


@transaction.atomic
def remove_mailbox(*, actor: Actor, member_id: int, language: str) -> None:
    """Forget the address; a yes to daily material by e-mail ends with it. Safe to repeat."""
    _mailbox(member_id).delete()
    if members.words(member_id).get(PAIR):
        _say(actor, member_id, given=False, language=language)


def set_daily(*, actor: Actor, member_id: int, given: bool, language: str) -> None:
    """The member's word on daily material by e-mail."""
    _say(actor, member_id, given=given, language=language)


def note_failed(event: AddressesExpired) -> None:
    """A mail server said that nobody is there: not used any more, and shown to its owner. Safe to repeat."""
    if event.channel == Channel.EMAIL:
        gone = MailAddress.objects.filter(pk__in=[int(key) for key in event.keys], failed_at__isnull=True)
        gone.update(failed_at=clock.now(), token_hash=b"", token_until=None)


def forget_mailbox(event: MemberLeft | MemberDisowned) -> None:
    """Who has left is written to no more."""
    _mailbox(event.member_id).delete()


def hand_over(event: MembersMerged) -> None:
    """Of two entries of one person, the one that stays keeps its mailbox, or takes that of the other."""
    if not _mailbox(event.survivor_id).exists():
        _mailbox(event.merged_id).update(member_id=event.survivor_id)


def _mailbox(member_id: int) -> QuerySet[MailAddress]:
    return MailAddress.objects.filter(member_id=member_id)


def _count(member_id: int, address: str) -> None:
    limits.hit("mailbox.member", str(member_id))
    limits.hit("mailbox.address", address.lower())


def _send_link(provider: ChannelProvider, kept: MailAddress, address: str, language: str) -> None:
    """Raises MailNotSent. Only what surely did not leave counts as not sent."""
    token = secrets.token_urlsafe(24)
    kept.token_hash, kept.token_until = _hashed(token), clock.now() + LINK_LASTS
    kept.save(update_fields=["token_hash", "token_until"])
    content = Content(_words(f"{settings.BASE_URL}{PAGE}/{token}", language), language=language)
    receipt = send_now(provider, Letter(f"{kept.pk}:{address}", content, (), f"{uuid4()}.1"), seconds=SECONDS)
    if receipt.expired:
        note_failed(AddressesExpired(Channel.EMAIL.value, receipt.expired))
    elif receipt.verdict not in PERHAPS:
        raise MailNotSent


def _words(link: str, language: str) -> str:
    """Whom it comes from first: whoever did not ask for it has to know who writes."""
    organisation = get_organisation()
    imprint = organisation.imprint(language)
    with translation.override(language):
        heading = _("Is this your e-mail address?")
        asked = _("A member gave this address for messages to them. If that was you, open this link within 48 hours:")
        else_ = _("If it was not you, do nothing: nothing more is sent here.")
    return f"{heading}\n\n{asked}\n{link}\n\n{else_}\n\n{imprint}"


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _say(actor: Actor, member_id: int, *, given: bool, language: str) -> None:
    set_consent(
        actor=actor,
        member_id=member_id,
        purpose=PAIR[0],
        given=given,
        language=language,
        evidence={"page": "email"},
        channels=(PAIR[1],),
    )
