"""Reads about senders, batches and what became of messages."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from toli.access.domain.scope import Scope
from toli.core.crypto import cipher_for
from toli.messaging.domain.mail import masked
from toli.messaging.domain.states import State
from toli.messaging.errors import BatchNotFound, SenderNotFound
from toli.messaging.mail_book import ADDRESS_CONTEXT
from toli.messaging.models import (
    Attempt,
    Batch,
    Control,
    MailAddress,
    Message,
    Priority,
    PushDevice,
    Sender,
    SenderState,
)

_HEALTH = """
SELECT (SELECT count(*) FROM messaging_message WHERE sender_id = %(sender)s AND state = 'queued'),
       (SELECT count(*) FROM messaging_message WHERE sender_id = %(sender)s AND state = 'unknown'),
       (SELECT max(sent_at) FROM (SELECT sent_at FROM messaging_message
          WHERE sender_id = %(sender)s AND sent_at IS NOT NULL ORDER BY id DESC LIMIT 1000) latest)
"""
# What the law or a missing consent held back is no error of the sender.
_LAST_ERROR = """
SELECT attempt.verdict, attempt.code, attempt.at FROM messaging_attempt attempt
JOIN messaging_message message ON message.id = attempt.message_id
WHERE message.sender_id = %(sender)s AND attempt.verdict <> 'barred' ORDER BY attempt.id DESC LIMIT 1
"""


def get_sender(code: str, *, lock: bool = False) -> Sender:
    """The sender with this code. Raises SenderNotFound."""
    found = Sender.objects.select_for_update().filter(code=code) if lock else Sender.objects.filter(code=code)
    sender = found.first()
    if sender is None:
        raise SenderNotFound(sender=code)
    return sender


def senders() -> list[Sender]:
    """All senders, in the order of their codes."""
    return list(Sender.objects.select_related("portfolio").order_by("code"))


@dataclass(frozen=True, slots=True)
class Health:
    """How a sender fares. ``last_sent_at``: of the latest thousand messages; ``error``: the verdict on the last call
    that did not simply succeed, with the provider's code."""

    queued: int
    unknown: int
    last_sent_at: datetime | None
    error: str
    code: str
    error_at: datetime | None


def health_of(sender: Sender) -> Health:
    """How this sender fares."""
    with connection.cursor() as cursor:
        cursor.execute(_HEALTH, {"sender": sender.pk})
        queued, unknown, last_sent_at = cursor.fetchone()
        cursor.execute(_LAST_ERROR, {"sender": sender.pk})
        error, code, at = cursor.fetchone() or ("", "", None)
    return Health(int(queued), int(unknown), last_sent_at, error, code, at)


def senders_of(provider: str) -> list[Sender]:
    """Senders of this provider that are not off, those that send at present if there are any; by their code."""
    found = Sender.objects.filter(provider=provider).exclude(state=SenderState.OFF).select_related("portfolio")
    listed = list(found.order_by("code"))
    return [sender for sender in listed if sender.state == SenderState.ACTIVE] or listed


def active_senders() -> list[Sender]:
    """Those that may send at present."""
    return list(Sender.objects.filter(state=SenderState.ACTIVE).select_related("portfolio").order_by("pk"))


def senders_with_work() -> list[Sender]:
    """Those that may send at present and have something that may leave now. One statement, however many there are."""
    waiting = Message.objects.filter(
        sender=OuterRef("pk"), priority__in=Priority.values, state=State.QUEUED, ready_at__lte=Now()
    )
    return list(Sender.objects.filter(Exists(waiting), state=SenderState.ACTIVE).order_by("pk"))


def paused() -> str:
    """Why nothing is sent on any machine, as a stable word; empty while messages are sent."""
    return Control.objects.values_list("paused", flat=True).first() or ""


def get_batch(scope: Scope, batch_id: int, *, lock: bool = False) -> Batch:
    """A batch for a place in the scope. Raises BatchNotFound."""
    found = Batch.objects.within(scope).filter(pk=batch_id)
    batch = (found.select_for_update() if lock else found.select_related("sender", "territory")).first()
    if batch is None:
        raise BatchNotFound
    return batch


def batches(scope: Scope, *, limit: int = 50) -> list[Batch]:
    """The latest batches for places in the scope."""
    return list(Batch.objects.within(scope).select_related("sender", "territory").order_by("-pk")[:limit])


def written_about(subject: str) -> QuerySet[Message, int]:
    """Ids of the members who have or will have a message about this thing; of those it failed for, nobody."""
    lost = (State.FAILED, State.EXPIRED, State.CANCELLED)
    about = Message.objects.filter(batch__in=batches_about(subject), member__isnull=False).exclude(state__in=lost)
    return about.values_list("member_id", flat=True)


def numbers_written_about(subject: str, hashes: Collection[bytes], *, waiting: bool = True) -> set[bytes]:
    """Those of the hashes of citizens' numbers to which a message about this thing went or will go.

    Without ``waiting``: what only waits does not count. It is asked once more when it leaves, and then does not. Nor
    does what waits for somebody who took their word back: it will not leave, also if they agree anew.
    """
    lost = {State.FAILED, State.EXPIRED, State.CANCELLED} | (set() if waiting else {State.QUEUED})
    about = Message.objects.filter(batch__in=batches_about(subject), citizen__number_hash__in=list(hashes))
    about = about.exclude(state=State.QUEUED, citizen__ended_at__isnull=False)
    return {bytes(key) for key in about.exclude(state__in=lost).values_list("citizen__number_hash", flat=True)}


def went_to_citizens(subject: str) -> bool:
    """Whether there is any message about this thing to citizens."""
    return Message.objects.filter(batch__in=batches_about(subject), citizen__isnull=False).exists()


def batches_about(subject: str) -> list[int]:
    """Ids of the batches that are about this thing (``kit:12``), the first one first."""
    return list(Batch.objects.filter(subject=subject).order_by("pk").values_list("pk", flat=True))


def fate_of(scope: Scope, subject: str) -> dict[str, int]:
    """How many messages about this thing, to places in the scope, are in which state."""
    total: Counter[str] = Counter()
    for states in fates_of(scope, subject).values():
        total.update(states)
    return dict(total)


def fates_of(scope: Scope, subject: str) -> dict[str, dict[str, int]]:
    """The same by the provider that carries them."""
    found = dict(Batch.objects.within(scope).filter(subject=subject).values_list("pk", "sender__provider"))
    totals: dict[str, Counter[str]] = {}
    for batch_id, states in counts(list(found)).items():
        totals.setdefault(found[batch_id], Counter()).update(states)
    return {provider: dict(states) for provider, states in totals.items()}


def counts(batch_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many messages of each batch are in which state; states without any are missing."""
    found: dict[int, dict[str, int]] = {batch_id: {} for batch_id in batch_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT batch_id, state, count(*) FROM messaging_message WHERE batch_id = ANY(%s) GROUP BY 1, 2",
            [list(batch_ids)],
        )
        for batch_id, state, count in cursor.fetchall():
            found[batch_id][state] = count
    return found


def reasons(batch_id: int) -> list[tuple[str, str, int]]:
    """Why messages of a batch are where they are: state, reason, how many; the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, reason, count(*) FROM messaging_message WHERE batch_id = %s AND reason <> ''"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            [batch_id],
        )
        return [(str(state), str(reason), int(count)) for state, reason, count in cursor.fetchall()]


def totals() -> Mapping[str, int]:
    """How many messages are in which state, all batches together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM messaging_message GROUP BY 1")
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message of which nobody knows whether it was taken."""

    id: int
    batch_id: int
    sender: str
    reason: str
    attempts: int
    tried_at: datetime


def unknown(*, limit: int = 100) -> list[Unknown]:
    """Messages whose fate is not known, the oldest first."""
    found = Message.objects.filter(state=State.UNKNOWN).select_related("sender").order_by("tried_at", "pk")[:limit]
    return [
        Unknown(item.pk, item.batch_id, item.sender.code, item.reason, item.attempts, item.tried_at or item.created_at)
        for item in found
    ]


def attempts(message_id: int) -> QuerySet[Attempt]:
    """The calls for a message that did not simply succeed."""
    return Attempt.objects.filter(message_id=message_id).order_by("pk")


def devices_of(member_id: int) -> list[PushDevice]:
    """The browsers in which a member allowed notifications, the latest first."""
    return list(PushDevice.objects.filter(member_id=member_id).order_by("-added_at", "-pk"))


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A member's e-mail address as a page may show it. ``failed``: mail to it came back."""

    address: str
    confirmed: bool
    failed: bool


def mailbox_of(member_id: int) -> Mailbox | None:
    """The e-mail address that a member gave, masked."""
    kept = MailAddress.objects.filter(member_id=member_id).first()
    if kept is None:
        return None
    address = cipher_for(ADDRESS_CONTEXT).decrypt(bytes(kept.address_sealed), row=kept.pk)
    return Mailbox(masked(address), kept.confirmed_at is not None, kept.failed_at is not None)
