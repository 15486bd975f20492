"""What follows when somebody writes a word that means stop: a no is recorded, nothing that waits leaves, one answer."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import connection, transaction

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.compliance.errors import ChannelBarred
from toli.core import clock
from toli.members import services as members
from toli.members.domain.purposes import ANSWER
from toli.members.services import citizens
from toli.members.services.consenting import SLOW_CLOCK
from toli.messaging.errors import SenderInvalid
from toli.messaging.events import StopRequested
from toli.messaging.models import Batch, BatchState, Priority, Sender
from toli.messaging.providers import provider_class
from toli.messaging.services import answering, outbox
from toli.messaging.services.answering import GOOD_FOR
from toli.territories import selectors as territories

_A_DAY = timedelta(days=1)
_CANCEL = """
UPDATE messaging_message SET state = 'cancelled', reason = 'stopped', ended_at = clock_timestamp()
WHERE member_id = ANY(%(members)s) AND sender_id = ANY(%(senders)s) AND state = 'queued'
"""


@transaction.atomic
def stop_writing(event: StopRequested) -> None:
    """Nothing more by this channel to those whose number it came from. Safe to repeat: an answer goes out once."""
    kind, said_at = provider_class(event.provider), datetime.fromisoformat(event.said_at)
    parting = _end_agreement(event.citizen_id, event.language, said_at) if event.citizen_id is not None else None
    changed = members.stop_messages(
        actor=SYSTEM,
        member_ids=event.member_ids,
        channel=kind.channel,
        language=event.language,
        evidence={"wrote_to": kind.key},
        said_at=said_at,
    )
    if not changed:
        if parting is not None and event.inbound_id is not None and not event.member_ids:
            answering.owe_answer(inbound_id=event.inbound_id, parting=parting, spoken=event.language)
        return
    _cancel_waiting(kind.channel, list(changed))
    _answer(event.sender, changed, event.language)


def _cancel_waiting(channel: str, member_ids: Sequence[int]) -> None:
    """What waits for these by any sender of the channel. What is on its way asks for consent when it leaves."""
    senders = [item.pk for item in Sender.objects.all() if provider_class(item.provider).channel == channel]
    with connection.cursor() as cursor:
        cursor.execute(_CANCEL, {"members": list(member_ids), "senders": senders})


def _answer(code: str, changed: dict[int, str], spoken: str) -> None:
    """Tell one of them, as they have one telephone, that it has ended; where we may not, nobody is told."""
    member_id = min(changed)
    language = answering.language_of(spoken, changed[member_id])
    with suppress(ChannelBarred, SenderInvalid), transaction.atomic():
        batch = _answers(Sender.objects.select_for_update().get(code=code), language)
        outbox.enqueue(scope=EVERYWHERE, batch=batch, members=[member_id])


def _answers(sender: Sender, language: str) -> Batch:
    """The batch of today's answers by this sender in this language."""
    subject, now = f"{outbox.STOPPED}:{language}", clock.now()
    waiting = Batch.objects.filter(sender=sender, subject=subject, state=BatchState.ACTIVE)
    found = waiting.filter(expires_at__gt=now + GOOD_FOR).order_by("pk").last()
    return found or outbox.create_batch(
        actor=SYSTEM,
        sender=sender.code,
        territory=territories.roots(EVERYWHERE)[0],
        purpose=ANSWER,
        content=answering.words_of(sender, language),
        subject=subject,
        priority=Priority.URGENT,
        expires_at=now + GOOD_FOR + _A_DAY,
    )


def _end_agreement(citizen_id: int, language: str, said_at: datetime) -> citizens.Parting | None:
    """A citizen's word is taken back as a whole, unless they agreed anew since they wrote. Returns whose it was."""
    agreement = citizens.agreement_of(citizen_id)
    if agreement is None or agreement.since > said_at + SLOW_CLOCK:
        return None
    return citizens.part_with(actor=SYSTEM, citizen_id=citizen_id, language=language, page="wrote stop")


def told_to_stop(
    member_ids: Collection[int],
    sender: Sender,
    *,
    language: str,
    at: datetime,
    citizen_id: int | None = None,
    inbound_id: int | None = None,
) -> StopRequested:
    """The news that somebody wrote such a word from the number of these members, or of a citizen."""
    ids, said_at = tuple(sorted(member_ids)), at.isoformat()
    return StopRequested(ids, sender.code, sender.provider, language, said_at, citizen_id, inbound_id)
