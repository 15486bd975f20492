"""What providers report: kept as it came before they get their answer, read by jobs into what is known of messages.

In any order, in batches, twice: a message only goes forward (docs/algorithms/delivery.md, D3).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from toli.core.crypto import CannotDecrypt, cipher_for
from toli.core.events import publish
from toli.members import selectors as members
from toli.members.services import citizens
from toli.messaging.domain.states import State, Tidings, after
from toli.messaging.domain.stop_words import language_of_stop
from toli.messaging.domain.verdicts import TABLE, Verdict
from toli.messaging.errors import SenderNotFound
from toli.messaging.models import Inbound, ReceivedCallback, Sender
from toli.messaging.ports import CallbackRejected, ChannelProvider, InboundEvent, ProviderEvent, StatusEvent
from toli.messaging.providers import provider_class
from toli.messaging.services import effects
from toli.messaging.services.dispatching import Held, News
from toli.messaging.services.senders import provider_of
from toli.messaging.services.stopping import told_to_stop

BODY_CONTEXT = "messaging_receivedcallback.body"
TEXT_CONTEXT = "messaging_inbound.text"
# Of the process that answers providers (web/fast/callbacks.py), on its own connection.
NEXT_IDS = "SELECT nextval('messaging_receivedcallback_id_seq') FROM generate_series(1, %s)"
# One statement, which commits by itself: a third of what COPY in a transaction costs for the few dozens of a moment.
KEEP = """
INSERT INTO messaging_receivedcallback (id, sender_id, body_sealed, received_at, problem)
SELECT id, sender_id, body, %(at)s, ''
FROM unnest(%(ids)b::bigint[], %(senders)b::bigint[], %(bodies)b::bytea[]) AS kept (id, sender_id, body)
"""

_WAITING = """
SELECT id, sender_id, body_sealed FROM messaging_receivedcallback WHERE problem = ''
ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_MESSAGES = """
SELECT id, batch_id, member_id, correlation, attempts, state, ref, citizen_id,
       CASE WHEN attempts <= 1 THEN COALESCE(tried_at, created_at) ELSE created_at END
FROM messaging_message
WHERE sender_id = %(sender)s AND id IN (
  SELECT id FROM messaging_message WHERE correlation = ANY(%(correlations)s)
  UNION SELECT id FROM messaging_message WHERE ref <> '' AND ref = ANY(%(refs)s))
ORDER BY id FOR NO KEY UPDATE
"""
_FORWARD = """
UPDATE messaging_message message
SET state = news.state, lease_until = NULL, reason = news.reason,
    ref = CASE WHEN message.ref = '' THEN news.ref ELSE message.ref END,
    sent_at = LEAST(message.sent_at, news.sent_at), delivered_at = LEAST(message.delivered_at, news.delivered_at),
    read_at = LEAST(message.read_at, news.read_at),
    ended_at = CASE WHEN news.state = 'failed' THEN COALESCE(message.ended_at, clock_timestamp()) END
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(refs)s::text[], %(sent)s::timestamptz[],
            %(delivered)s::timestamptz[], %(read)s::timestamptz[])
  AS news (id, state, reason, ref, sent_at, delivered_at, read_at)
WHERE message.id = news.id
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A sender as the process that answers providers needs it."""

    sender_id: int
    provider: ChannelProvider


def line(code: str) -> Line:
    """Who is behind a callback's address. Raises SenderNotFound, also when the sender may not be used."""
    sender = Sender.objects.filter(code=code).first()
    if sender is None:
        raise SenderNotFound(sender=code)
    return Line(sender.pk, provider_of(sender))


def keep_callbacks(bodies: Sequence[tuple[int, bytes]], *, at: datetime) -> None:
    """Keep reports (of a sender's id), to be read later; what the answering process does with many at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NEXT_IDS, [len(bodies)])
        cursor.execute(KEEP, sealed_rows([row[0] for row in cursor.fetchall()], bodies, at=at))


def sealed_rows(ids: Sequence[int], bodies: Sequence[tuple[int, bytes]], *, at: datetime) -> dict[str, Any]:
    """What KEEP is to write: each body sealed for its row."""
    texts = [body.decode("utf-8", "replace") for _sender, body in bodies]
    sealed = cipher_for(BODY_CONTEXT).encrypt_many(texts, rows=ids)
    return {"ids": list(ids), "senders": [sender_id for sender_id, _body in bodies], "bodies": sealed, "at": at}


def read_callbacks(*, most: int = 200) -> int:
    """Read what waits, the oldest first, and forget it. Returns how many were read. Safe from any process."""
    done = 0
    while count := _read_some(most):
        done += count
    return done


def _read_some(most: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WAITING, {"most": most})
        rows = cursor.fetchall()
        read: list[int] = []
        by_sender: dict[int, list[ProviderEvent]] = {}
        senders = Sender.objects.in_bulk({row[1] for row in rows})
        readers = {key: _reader_of(sender) for key, sender in senders.items()}
        for row_id, sender_id, sealed in rows:
            try:
                by_sender.setdefault(sender_id, []).extend(_events(readers[sender_id], row_id, bytes(sealed)))
                read.append(row_id)
            except (CallbackRejected, CannotDecrypt) as error:
                problem = str(error)[:40] if isinstance(error, CallbackRejected) else "sealed"
                ReceivedCallback.objects.filter(pk=row_id).update(problem=problem or "unreadable")
        telling = [(senders[key], _take(senders[key], events)) for key, events in sorted(by_sender.items())]
        ReceivedCallback.objects.filter(pk__in=read).delete()
    for sender, news in telling:
        effects.apply_effects(sender, news)
    return len(rows)


def _reader_of(sender: Sender) -> ChannelProvider:
    """What reads a sender's reports. That needs no key, so they are read whoever may use the provider now."""
    kind = provider_class(sender.provider)
    return kind.reader(sender.config) if hasattr(kind, "reader") else kind.__new__(kind)


def _events(reader: ChannelProvider, row_id: int, sealed: bytes) -> Sequence[ProviderEvent]:
    """What a report says."""
    return reader.parse_callback(cipher_for(BODY_CONTEXT).decrypt(sealed, row=row_id).encode())


def _take(sender: Sender, events: Iterable[ProviderEvent]) -> list[News]:
    events = list(events)
    for event in events:
        if isinstance(event, InboundEvent):
            _take_in(sender, event)
    return settle_reports(sender, [event for event in events if isinstance(event, StatusEvent)])


# -- statuses --------------------------------------------------------------------------------------


@dataclass
class _Known:
    """A message, and what the reports make of it. ``since``: when it was sent: no report is of an earlier moment."""

    held: Held
    state: State
    ref: str
    since: datetime
    reason: str = ""
    moved: bool = False
    at: dict[Tidings, datetime] = field(default_factory=dict)
    failure: StatusEvent | None = None


@transaction.atomic
def settle_reports(sender: Sender, events: Sequence[StatusEvent]) -> list[News]:
    """Bring what is known of the sender's messages forward. Returns the failures, for what else they mean."""
    if not events:
        return []
    known = _messages(sender, events)
    for event in events:
        found = known.get(event.correlation.partition(".")[0]) or known.get(event.ref)
        if found is not None:
            _hear(found, event)
    changed = [item for item in {id(item): item for item in known.values()}.values() if item.moved]
    _forward(changed)
    news = [_failed(item) for item in changed if item.state is State.FAILED and item.failure is not None]
    effects.publish_effects(sender, news)
    return news


def _messages(sender: Sender, events: Sequence[StatusEvent]) -> Mapping[str, _Known]:
    """The messages that these are about, by correlation and by the provider's own name; locked."""
    heads = {event.correlation.partition(".")[0] for event in events}
    correlations = [found for found in map(_uuid, heads) if found is not None]
    refs = [event.ref for event in events if event.ref and _uuid(event.correlation.partition(".")[0]) is None]
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, {"sender": sender.pk, "correlations": correlations, "refs": refs})
        rows = cursor.fetchall()
    known: dict[str, _Known] = {}
    for message_id, batch_id, member_id, correlation, attempt, state, ref, citizen_id, since in rows:
        held = Held(message_id, batch_id, member_id, correlation, attempt, None, citizen_id)
        known[str(correlation)] = item = _Known(held, State(state), ref, since)
        if ref:
            known[ref] = item
    return known


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _hear(known: _Known, event: StatusEvent) -> None:
    """One report. That an earlier call failed says nothing about the one that is under way now."""
    call = event.correlation.partition(".")[2]
    if event.tidings is Tidings.FAILED and call.isdigit() and int(call) != known.held.attempt:
        return
    earlier, at = known.at.get(event.tidings), max(event.at, known.since)  # whose clock is slow tells nothing else
    known.at[event.tidings] = at if earlier is None else min(earlier, at)
    reached = after(known.state, event.tidings)
    if event.tidings is Tidings.FAILED and reached is State.FAILED:
        known.failure, known.reason = event, str(event.verdict or Verdict.REFUSED)
    elif reached is not State.FAILED:
        known.reason = ""
    known.state, known.moved, known.ref = reached, True, known.ref or event.ref


def _forward(changed: Sequence[_Known]) -> None:
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _FORWARD,
            {
                "ids": [item.held.id for item in changed],
                "states": [str(item.state) for item in changed],
                "reasons": [item.reason for item in changed],
                "refs": [item.ref for item in changed],
                "sent": [_earliest(item, Tidings.SENT, Tidings.DELIVERED, Tidings.READ) for item in changed],
                "delivered": [_earliest(item, Tidings.DELIVERED, Tidings.READ) for item in changed],
                "read": [item.at.get(Tidings.READ) for item in changed],
            },
        )


def _earliest(known: _Known, *tidings: Tidings) -> datetime | None:
    """What was delivered was sent, what was read was delivered, even if nobody said so."""
    return min((known.at[item] for item in tidings if item in known.at), default=None)


def _failed(known: _Known) -> News:
    event = known.failure
    verdict = (event.verdict if event else None) or Verdict.REFUSED
    rule = TABLE[verdict]
    return News(
        known.held, State.FAILED, str(verdict), wait=rule.wait, effect=rule.effect, code=event.code if event else ""
    )  # fmt: skip


# -- what people write -----------------------------------------------------------------------------


def names_of(sender: Sender) -> tuple[str, ...]:
    """What people know a sender by: its registered header, else what it is called."""
    told = [str(sender.config[key]) for key in ("header", "name") if sender.config.get(key)]
    return (*told, sender.name)


def _take_in(sender: Sender, event: InboundEvent) -> None:
    """Keep it once; a word that means stop is a no to everything by this channel, of all who have this number, and
    of a citizen to everything."""
    owners = members.owners_of_phone(event.sender)
    member = owners[0] if owners else None
    taken, created = Inbound.objects.get_or_create(
        sender=sender,
        ref=event.ref,
        defaults={"member": member, "kind": event.kind, "received_at": event.at},
    )
    if not created:
        return
    if event.text and member is not None:
        taken.text_sealed = cipher_for(TEXT_CONTEXT).encrypt(event.text, row=taken.pk)
        taken.save(update_fields=["text_sealed"])
    language = language_of_stop(event.text, names_of(sender))
    if language is not None:
        citizen = citizens.agreed_with(event.sender)
        if owners or citizen:
            ids, citizen_id = [owner.pk for owner in owners], citizen[0] if citizen else None
            publish(
                told_to_stop(ids, sender, language=language, at=event.at, citizen_id=citizen_id, inbound_id=taken.pk)
            )
