"""Putting messages in the outbox, in the transaction that decides that they are to be sent; and taking them out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import connection, transaction

from toli.access.domain.scope import Scope
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.compliance import services as compliance
from toli.core import clock
from toli.members.domain.purposes import ANSWER, purpose_of_message
from toli.messaging import selectors
from toli.messaging.domain.verdicts import Resend
from toli.messaging.errors import BatchEnded
from toli.messaging.models import Audience, Batch, BatchState, Priority
from toli.messaging.ports import Content
from toli.messaging.services.senders import provider_of
from toli.territories.models import Territory

_ENQUEUE = """
INSERT INTO messaging_message (batch_id, sender_id, {who}_id, params, priority, state, reason, attempts, worker, ref,
                               created_at, ready_at)
SELECT %(batch)s, %(sender)s, person.id, asked.params, %(priority)s, 'queued', '', 0, '', '', %(now)s,
       CASE WHEN %(held)s THEN '9000-01-01Z' ELSE %(at)s END
FROM unnest(%(members)s::bigint[], %(params)s::jsonb[]) AS asked (id, params)
JOIN members_{who} person ON person.id = asked.id {standing}
WHERE %(everywhere)s OR EXISTS (
    SELECT 1 FROM territories_node node WHERE node.territory_id = person.territory_id AND node.valid_to IS NULL
    AND node.path ^@ ANY (%(paths)s))
ON CONFLICT (batch_id, {who}_id) {known} DO NOTHING
"""
_ENQUEUE_TO = {
    Audience.MEMBERS: _ENQUEUE.format(who="member", standing="", known=""),
    Audience.CITIZENS: _ENQUEUE.format(
        who="citizen", standing="AND person.ended_at IS NULL", known="WHERE citizen_id IS NOT NULL"
    ),
}
_AT_ONCE = 10_000
STOPPED = "stopped"  # what answers are about: no consent is asked for them, so each kind of them stands here


@transaction.atomic
def create_batch(
    *,
    actor: Actor,
    sender: str,
    territory: Territory,
    purpose: str,
    content: Content,
    expires_at: datetime,
    subject: str = "",
    priority: int = Priority.NORMAL,
    resend: Resend = Resend.FLAG,
    otherwise: Batch | None = None,
    audience: str = Audience.MEMBERS,
) -> Batch:
    """A batch that messages can be put into. Nothing of it leaves after ``expires_at``.

    Raises:
        ChannelBarred: this kind of organisation may not use the sender's provider.
        SenderNotFound. ValueError: no such purpose, or it is no answer.
    """
    found = selectors.get_sender(sender)
    provider_of(found)
    if purpose == ANSWER and not subject.startswith(STOPPED):
        raise ValueError(f"{subject} is no answer to what somebody wrote")
    batch = Batch.objects.create(
        sender=found,
        territory=territory,
        audience=Audience(audience),
        purpose=purpose_of_message(purpose),
        content=asdict(content),
        template=content.template,
        subject=subject,
        priority=Priority(priority),
        resend=resend,
        otherwise=otherwise,
        created_at=clock.now(),
        expires_at=expires_at,
    )
    audit.record_act(
        actor, action="delivery.batch.create", target=f"batch:{batch.pk}", territory_id=territory.pk,
        details={"sender": sender, "subject": subject},
    )  # fmt: skip
    return batch


@transaction.atomic
def enqueue(
    *,
    scope: Scope,
    batch: Batch,
    members: Mapping[int, Sequence[str] | None] | Sequence[int],
    at: datetime | None = None,
) -> int:
    """Queue a message to each member of the scope who has none in this batch yet. Returns how many were added.

    ``members`` may map ids to words of their own (see ``ports.Content``). ``at``: not before then. Consent and the
    law are asked when it is sent. Safe to repeat. In a batch for citizens the ids are those of citizens.

    Raises:
        ChannelBarred: this kind of organisation may not use the sender's provider.
        BatchEnded: it has been called off.
    """
    batch = Batch.objects.select_for_update(of=("self",), no_key=True).select_related("sender").get(pk=batch.pk)
    compliance.require_channel(batch.sender.provider)
    if batch.state == BatchState.CANCELLED:
        raise BatchEnded
    words = members if isinstance(members, Mapping) else dict.fromkeys(members)
    ids, added, now = list(words), 0, clock.now()
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        given = [None if words[member_id] is None else json.dumps(list(words[member_id] or ())) for member_id in part]
        with connection.cursor() as cursor:
            cursor.execute(
                _ENQUEUE_TO[Audience(batch.audience)],
                {
                    "batch": batch.pk, "sender": batch.sender_id, "priority": batch.priority, "now": now,
                    "at": at or now, "held": batch.state == BatchState.STOPPED, "members": part, "params": given,
                    "everywhere": scope.everywhere, "paths": list(scope.paths),
                },
            )  # fmt: skip
            added += cursor.rowcount
    return added


# -- stopping --------------------------------------------------------------------------------------


@transaction.atomic
def stop_batch(*, actor: Actor, scope: Scope, batch_id: int, reason: str = "by_hand") -> Batch:
    """Let nothing more of a batch leave until it is let go on. Raises BatchNotFound, BatchEnded."""
    batch = _open_batch(scope, batch_id)
    hold_batches([batch.pk], reason)
    _record(actor, batch, "delivery.batch.stop", reason)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def resume_batch(*, actor: Actor, scope: Scope, batch_id: int) -> Batch:
    """Let a stopped batch go on. Raises BatchNotFound, BatchEnded."""
    batch = _open_batch(scope, batch_id)
    batch.state, batch.reason = BatchState.ACTIVE, ""
    batch.save(update_fields=["state", "reason"])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_message SET ready_at = clock_timestamp()"
            " WHERE batch_id = %s AND state = 'queued' AND ready_at = '9000-01-01Z'",
            [batch.pk],
        )
    _record(actor, batch, "delivery.batch.resume", "")
    return batch


@transaction.atomic
def cancel_batch(*, actor: Actor, scope: Scope, batch_id: int, reason: str = "by_hand") -> int:
    """Call a batch off for good. Returns how many messages will not be sent. Safe to repeat. Raises BatchNotFound."""
    batch = selectors.get_batch(scope, batch_id, lock=True)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.CANCELLED, reason=reason)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_message SET state = 'cancelled', reason = %s, ended_at = clock_timestamp()"
            " WHERE batch_id = %s AND state = 'queued'",
            [reason, batch.pk],
        )
        count = int(cursor.rowcount)
    _record(actor, batch, "delivery.batch.cancel", reason)
    return count


def hold_batches(batch_ids: Sequence[int], reason: str) -> None:
    """Stop these batches: what is queued stays, far behind everything that can be sent, so that nobody looks at it."""
    Batch.objects.filter(pk__in=batch_ids, state=BatchState.ACTIVE).update(state=BatchState.STOPPED, reason=reason)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_message SET ready_at = '9000-01-01Z' WHERE batch_id = ANY(%s) AND state = 'queued'",
            [list(batch_ids)],
        )


def _open_batch(scope: Scope, batch_id: int) -> Batch:
    batch = selectors.get_batch(scope, batch_id, lock=True)
    if batch.state == BatchState.CANCELLED:
        raise BatchEnded
    return batch


def _record(actor: Actor, batch: Batch, action: str, reason: str) -> None:
    details = {"reason": reason} if reason else {}
    audit.record_act(actor, action=action, target=f"batch:{batch.pk}", territory_id=batch.territory_id, details=details)
