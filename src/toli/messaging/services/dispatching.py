"""Taking messages from the outbox, and writing down what became of them. Sets of hundreds, in few statements.

The order is what keeps a message from being sent twice (docs/algorithms/delivery.md, D1 to D6): the intent is on disk
before the call; who holds a message holds it until the lease ends and not a moment longer; and a message whose holder
was not heard of again is ``unknown``, never queued.
"""

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson
from django.db import connection, transaction

from toli.compliance import services as compliance
from toli.compliance.services import SendingQuestion
from toli.core import clock
from toli.members.domain.purposes import Purpose
from toli.members.services import Addressee, addressees, citizen_addressees, citizen_stop_link, stop_link
from toli.messaging.domain.states import State
from toli.messaging.domain.verdicts import Consequence, Effect, Verdict, consequence
from toli.messaging.errors import MessageRefused
from toli.messaging.models import Batch, BatchState, Sender
from toli.messaging.ports import ChannelProvider, Content, Letter, Payload, SendReceipt
from toli.messaging.services import control, limits

log = logging.getLogger(__name__)
CITIZENS = Purpose.CONTENT.value  # all that they are asked about
LEASE = timedelta(seconds=60)
ASK_AGAIN = timedelta(minutes=30)  # what the law refuses for now, without saying until when
HELD_AT = datetime.fromisoformat("9000-01-01T00:00:00+00:00")

_CLAIM = """
WITH picked AS (
  SELECT id FROM messaging_message
  WHERE sender_id = %(sender)s AND priority = %(priority)s AND state = 'queued' AND ready_at <= clock_timestamp()
  ORDER BY ready_at, id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED)
UPDATE messaging_message message
SET state = 'sending', attempts = attempts + 1, worker = %(worker)s, tried_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s), reason = ''
FROM picked WHERE message.id = picked.id
RETURNING message.id, message.batch_id, message.member_id, message.correlation, message.attempts, message.params,
  message.citizen_id
"""
# Only the holder's word on its own call counts, or that of one whose lease ended meanwhile (D4).
_SETTLE = """
WITH locked AS MATERIALIZED (
  SELECT id FROM messaging_message WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE)
UPDATE messaging_message message
SET state = news.state, reason = news.reason, lease_until = NULL,
    ref = CASE WHEN news.ref <> '' THEN news.ref ELSE message.ref END,
    attempts = message.attempts - news.uncalled::int,
    ready_at = COALESCE(news.ready_at, clock_timestamp() + make_interval(secs => news.wait)),
    sent_at = CASE WHEN news.state = 'sent' THEN clock_timestamp() ELSE message.sent_at END,
    ended_at = CASE WHEN news.state IN ('failed', 'expired', 'cancelled') THEN clock_timestamp() END
FROM json_to_recordset(%(news)s) AS news (
  id bigint, attempt smallint, state text, reason text, ref text, wait float8, ready_at timestamptz, uncalled bool)
JOIN locked ON locked.id = news.id
WHERE message.id = news.id AND message.attempts = news.attempt AND message.state IN ('sending', 'unknown')
"""
_ATTEMPTS = """
INSERT INTO messaging_attempt (message_id, number, verdict, code, at)
SELECT id, number, verdict, code, clock_timestamp()
FROM unnest(%(ids)s::bigint[], %(numbers)s::smallint[], %(verdicts)s::text[], %(codes)s::text[])
  AS made (id, number, verdict, code)
"""


Person = tuple[int | None, int | None]  # a member's id, or a citizen's


@dataclass(frozen=True, slots=True)
class Held:
    """A message that this worker holds, its intent on disk."""

    id: int
    batch_id: int
    member_id: int | None
    correlation: uuid.UUID
    attempt: int
    params: list[str] | None = field(repr=False)
    citizen_id: int | None = None

    @property
    def person(self) -> Person:
        """Whom it goes to."""
        return self.member_id, self.citizen_id


@dataclass(frozen=True, slots=True)
class News:
    """What becomes of a held message. ``uncalled``: no call was made, so it costs no attempt. ``expired``: keys of
    addresses that lead nowhere any more."""

    held: Held
    state: State
    reason: str = ""
    ref: str = ""
    wait: float = 0
    ready_at: datetime | None = None
    uncalled: bool = False
    verdict: str = ""
    code: str = ""
    effect: Effect = Effect.NONE
    expired: tuple[str, ...] = ()


@dataclass
class Boarding:
    """A claimed batch: what is to be sent, with its payloads, and what is decided without a call."""

    going: list[Held] = field(default_factory=list)
    payloads: list[Payload] = field(default_factory=list)
    news: list[News] = field(default_factory=list)


def claim(sender: Sender, *, most: int, worker: str, lease: timedelta = LEASE) -> list[Held]:
    """Hold at most ``most`` messages of the sender, the most urgent first. Committed when it returns: the intent."""
    found: list[Held] = []
    with transaction.atomic(), connection.cursor() as cursor:
        for priority in (0, 1, 2):
            asked = {
                "sender": sender.pk, "priority": priority, "most": most - len(found),
                "worker": worker, "lease": lease.total_seconds(),
            }  # fmt: skip
            cursor.execute(_CLAIM, asked)
            found += [_held(row) for row in cursor.fetchall()]
            if len(found) >= most:
                break
        if found:
            cursor.execute("SELECT nextval(%s)", [control.SEQUENCE])
            serial = cursor.fetchone()[0]
    if found:
        control.note(serial)
    return found


def _held(row: Sequence[Any]) -> Held:
    message_id, batch_id, member_id, correlation, attempt, params, citizen_id = row
    words = orjson.loads(params) if params else None
    return Held(message_id, batch_id, member_id, correlation, attempt, words, citizen_id)


@contextmanager
def boarding(
    sender: Sender, provider: ChannelProvider, held: Sequence[Held], *, within: timedelta = timedelta(0)
) -> Iterator[Boarding]:
    """Who of the claimed may be written to, with what: consent, law and limits are asked here and stand until the
    block ends. Nobody can take their word back in between, so be quick. ``within``: how long calls may go on: what the
    law will refuse by then does not set out."""
    batches = {batch.pk: batch for batch in Batch.objects.filter(pk__in={item.batch_id for item in held})}
    known = [item for item in held if item.member_id is not None]
    purposes = {batches[item.batch_id].purpose for item in known}
    # Citizens first, as whoever writes a word that means stop takes their locks in this order too.
    with (
        _citizens(provider.channel, held, batches) as citizens,
        _addressees(provider.channel, purposes, known, batches) as members,
    ):
        reached, made = {**members, **citizens}, Boarding()
        rest = [item for item in held if not _ended(item, batches[item.batch_id], reached, made)]
        rest = _lawful(rest, provider, batches, reached, made, within)
        rest = _at_peace(sender, rest, made)
        contents = {key: Content.from_json(batch.content) for key, batch in batches.items()}
        for item in rest:
            stop = _way_out(item, batches[item.batch_id].purpose, provider.channel)
            content = contents[item.batch_id].told(item.params or (), stop)
            _write(provider, item, content, reached[item.batch_id, item.person], made, stop)
        yield made


Reached = Mapping[tuple[int, Person], Addressee]


def _way_out(item: Held, purpose: str, channel: str) -> Callable[[], str]:
    """What makes the link that stops such messages for this person."""
    if item.citizen_id is not None:
        return partial(citizen_stop_link, item.citizen_id, channel)
    return partial(stop_link, item.member_id or 0, purpose, channel)


@contextmanager
def _citizens(channel: str, held: Sequence[Held], batches: Mapping[int, Batch]) -> Iterator[Reached]:
    """Addresses of citizens by batch. What is sent for another purpose than theirs reaches none of them."""
    mine = [item for item in held if item.citizen_id is not None and batches[item.batch_id].purpose == CITIZENS]
    if not mine:
        yield {}
        return
    ids = [item.citizen_id for item in mine if item.citizen_id is not None]
    with citizen_addressees(purpose=CITIZENS, channel=channel, citizen_ids=ids) as reached:
        yield {
            (item.batch_id, item.person): reached[item.citizen_id]
            for item in mine
            if item.citizen_id is not None and item.citizen_id in reached
        }


@contextmanager
def _addressees(
    channel: str, purposes: set[str], held: Sequence[Held], batches: Mapping[int, Batch]
) -> Iterator[Reached]:
    """Addresses by batch and member. Nearly always one purpose; a further one is asked inside of the first."""
    found: dict[tuple[int, Person], Addressee] = {}
    if not purposes:
        with transaction.atomic():
            yield found
        return
    purpose = purposes.pop()
    mine = [item for item in held if batches[item.batch_id].purpose == purpose]
    ids = [item.member_id for item in mine if item.member_id is not None]
    with addressees(purpose=purpose, channel=channel, member_ids=ids) as reached:
        for item in mine:
            if item.member_id is not None and item.member_id in reached:
                found[item.batch_id, item.person] = reached[item.member_id]
        with _addressees(channel, purposes, held, batches) as others:
            yield {**found, **others}


def _ended(item: Held, batch: Batch, reached: Reached, made: Boarding) -> bool:
    """Whether a message is not to be sent at all, or its batch stands still."""
    if batch.state == BatchState.CANCELLED:
        made.news.append(News(item, State.CANCELLED, batch.reason, uncalled=True))
    elif batch.expires_at <= clock.now():
        made.news.append(News(item, State.EXPIRED, "too_late", uncalled=True))
    elif batch.state == BatchState.STOPPED:
        made.news.append(News(item, State.QUEUED, ready_at=HELD_AT, uncalled=True))
    elif (item.batch_id, item.person) not in reached:
        made.news.append(News(item, State.FAILED, "no_consent", uncalled=True, verdict="barred", code="no_consent"))
    else:
        return False
    return True


def _lawful(
    held: Sequence[Held],
    provider: ChannelProvider,
    batches: Mapping[int, Batch],
    reached: Reached,
    made: Boarding,
    within: timedelta,
) -> list[Held]:  # fmt: skip
    """Those that the law lets go now. What may go later waits, unless its batch is over by then."""
    now, going = clock.now(), []
    questions = [_question(item, provider, batches[item.batch_id], reached, now) for item in held]
    for item, refusal in zip(held, compliance.judge_sendings(questions, within=within), strict=True):
        if refusal is None:
            going.append(item)
            continue
        again = refusal.until or now + ASK_AGAIN
        over = refusal.final or again >= batches[item.batch_id].expires_at
        made.news.append(
            News(
                item,
                State.EXPIRED if over else State.QUEUED,
                str(refusal.rule),
                ready_at=None if over else again,
                uncalled=True,
                verdict="barred",
                code=str(refusal.rule),
            )
        )
    return going


def _question(
    item: Held, provider: ChannelProvider, batch: Batch, reached: Reached, now: datetime
) -> SendingQuestion:  # fmt: skip
    place = reached[item.batch_id, item.person].territory_id
    return SendingQuestion(
        place, provider.key, batch.purpose, now, kit_id=batch.kit_id, template=batch.content.get("template", "")
    )


def _at_peace(sender: Sender, held: Sequence[Held], made: Boarding) -> list[Held]:
    """At most one message for each person, and none for whom the sender leaves alone."""
    first: dict[Person, Held] = {}
    for item in held:
        first.setdefault(item.person, item)
    members = [item.member_id for item in first.values() if item.member_id is not None]
    citizens = [item.citizen_id for item in first.values() if item.citizen_id is not None]
    free: set[Person] = {(key, None) for key in limits.disturb(sender.pk, members, gap=sender.recipient_gap)}
    alone = limits.disturb(sender.pk, citizens, gap=sender.recipient_gap, whose=limits.CITIZENS)
    free |= {(None, key) for key in alone}
    going = [item for item in held if first[item.person] is item and item.person in free]
    leaving = {item.id for item in going}
    wait = max(sender.recipient_gap, 1.0)
    made.news += [
        News(item, State.QUEUED, "recipient_rested", wait=wait, uncalled=True)
        for item in held
        if item.id not in leaving
    ]
    return going


def _write(
    provider: ChannelProvider, item: Held, content: Content, to: Addressee, made: Boarding, stop: Callable[[], str]
) -> None:
    """One that cannot be written is put aside; the others go."""
    try:
        letter = Letter(to.address, content, content.params, correlation_of(item), stop)
        payload = provider.render(letter)
    except MessageRefused as error:
        made.news.append(News(item, State.FAILED, "refused", verdict=Verdict.REFUSED, code=error.code[:40]))
    except Exception as error:
        log.warning("message %d cannot be written (%s): put aside", item.id, type(error).__name__)
        made.news.append(News(item, State.FAILED, "poison", verdict=Verdict.POISON, code=type(error).__name__[:40]))
    else:
        made.going.append(item)
        made.payloads.append(payload)


def correlation_of(item: Held) -> str:
    """What goes with the call: the message and which call it is."""
    return f"{item.correlation}.{item.attempt}"


def judged(item: Held, receipt: SendReceipt) -> News:
    """What follows from a receipt."""
    then: Consequence = consequence(receipt.verdict, attempts=item.attempt, retry_after=receipt.retry_after)
    accepted = receipt.verdict is Verdict.ACCEPTED
    return News(
        item,
        then.state,
        "" if accepted else str(receipt.verdict),
        receipt.ref,
        wait=then.wait.total_seconds(),
        uncalled=receipt.verdict is Verdict.NOT_BEGUN,
        verdict="" if accepted or receipt.verdict is Verdict.NOT_BEGUN else str(receipt.verdict),
        code=receipt.code[:40],
        effect=then.effect,
        expired=receipt.expired,
    )


def _told(item: News) -> dict[str, Any]:
    """The row for _SETTLE. One text for all of them is read three times as fast as arrays are written."""
    return {
        "id": item.held.id, "attempt": item.held.attempt, "state": item.state, "reason": item.reason, "ref": item.ref,
        "wait": item.wait, "ready_at": item.ready_at, "uncalled": item.uncalled,
    }  # fmt: skip


def settle(news: Sequence[News]) -> int:
    """Write down what became of these. Returns how many were still waiting for it."""
    if not news:
        return 0
    told = [item for item in news if item.verdict]
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {"ids": [item.held.id for item in news], "news": orjson.dumps([_told(item) for item in news]).decode()},
        )
        changed = int(cursor.rowcount)
        if told:
            cursor.execute(
                _ATTEMPTS,
                {
                    "ids": [item.held.id for item in told],
                    "numbers": [item.held.attempt for item in told],
                    "verdicts": [item.verdict for item in told],
                    "codes": [item.code for item in told],
                },
            )
    return changed
