"""What comes back by mail: messages that could not be delivered, and complaints of their readers.

Anybody can write to a bounce address. What counts is the token in it, which we made for one message to one mailbox.
"""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.core import clock
from toli.core.errors import Forbidden
from toli.core.events import publish
from toli.members import selectors as members
from toli.members.domain.purposes import PURPOSES, Channel
from toli.messaging.domain import return_tokens
from toli.messaging.domain.mail_reports import MailReport, Told
from toli.messaging.domain.return_tokens import Returned
from toli.messaging.domain.states import State, Tidings
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import ReturnUnknown
from toli.messaging.events import AddressesExpired, OptOutReported
from toli.messaging.models import MailAddress, Message
from toli.messaging.ports import StatusEvent
from toli.messaging.services.callbacks import settle_reports

EMAIL = Channel.EMAIL.value
VERDICTS = {Told.GONE: Verdict.OTHER_CHANNEL, Told.FAILED: Verdict.REFUSED}


def return_address(bounces: str, correlation: str, mailbox: int) -> str:
    """The address in the envelope of one message; that for all of them where it is no message of the outbox."""
    try:
        token = return_tokens.encode(Returned(correlation, mailbox), key=_key())
    except ValueError:
        return bounces
    local, _at, host = bounces.rpartition("@")
    return f"{local}+{token}@{host}"


@transaction.atomic
def take_report(*, actor: Actor, report: MailReport) -> Told:
    """Act on what a mail server wrote; returns what it told. Safe to repeat: a second time nothing changes.

    A mailbox that is gone is not written to any more; who complained gets no more e-mail for any purpose.

    Raises:
        Forbidden.
        ReturnUnknown: its token is missing, forged, or of another installation.
    """
    if not actor.is_system:
        raise Forbidden
    returned = _returned(report.tokens)
    if report.told is Told.NOTHING:
        return report.told
    message = _message(returned)
    if report.told is Told.COMPLAINT:
        _opt_out(_owner(returned, message), message.sender.provider if message else EMAIL)
        return report.told
    if message is not None and message.state != State.FAILED:
        settle_reports(message.sender, [_event(report, returned)])
    if report.told is Told.GONE and _is_usable(returned.mailbox):
        publish(AddressesExpired(EMAIL, (str(returned.mailbox),)))
    return report.told


def _returned(tokens: Sequence[str]) -> Returned:
    for token in tokens:
        try:
            return return_tokens.decode(token, key=_key())
        except ValueError:
            continue
    raise ReturnUnknown


def _message(returned: Returned) -> Message | None:
    """What came back, if it is still known: a test, or a link to a new mailbox, was never in the outbox."""
    head = returned.correlation.partition(".")[0]
    return Message.objects.select_related("sender").filter(correlation=head).first()


def _owner(returned: Returned, message: Message | None) -> int | None:
    if message is not None and message.member_id is not None:
        return message.member_id
    return MailAddress.objects.filter(pk=returned.mailbox).values_list("member_id", flat=True).first()


def _is_usable(mailbox: int) -> bool:
    return MailAddress.objects.filter(pk=mailbox, failed_at__isnull=True).exists()


def _event(report: MailReport, returned: Returned) -> StatusEvent:
    tidings = Tidings.DELIVERED if report.told is Told.DELIVERED else Tidings.FAILED
    verdict = VERDICTS.get(report.told)
    return StatusEvent(tidings, "", returned.correlation, clock.now(), verdict, report.code)


def _opt_out(member_id: int | None, provider: str) -> None:
    said = members.words(member_id) if member_id else {}
    for purpose in PURPOSES if member_id else ():
        if said.get((purpose, EMAIL)) is not False:
            publish(OptOutReported(member_id or 0, purpose, EMAIL, provider))


def _key() -> bytes:
    return return_tokens.key_from(settings.SECRET_KEY)
