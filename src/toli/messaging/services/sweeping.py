"""What time does to messages: leases end, batches are over, windows close."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core.errors import Forbidden

# Providers report again for a day at least after our address did not answer; some for longer. See D5.
WINDOW = timedelta(hours=26)

_LOST = """
UPDATE messaging_message SET state = 'unknown', reason = 'holder_lost', lease_until = NULL
WHERE id IN (SELECT id FROM messaging_message WHERE state = 'sending' AND lease_until < clock_timestamp()
             ORDER BY id LIMIT 10000 FOR NO KEY UPDATE SKIP LOCKED)
"""
_OVER = """
UPDATE messaging_message message SET state = 'expired', reason = 'too_late', ended_at = clock_timestamp()
FROM messaging_batch batch
WHERE batch.id = message.batch_id AND message.id IN (
  SELECT waiting.id FROM messaging_batch ended JOIN messaging_message waiting ON waiting.batch_id = ended.id
  WHERE ended.state <> 'cancelled' AND ended.expires_at <= clock_timestamp()
    AND ended.expires_at > clock_timestamp() - interval '7 days' AND waiting.state = 'queued'
  ORDER BY waiting.id LIMIT 10000 FOR NO KEY UPDATE OF waiting SKIP LOCKED)
"""
_AGAIN = """
UPDATE messaging_message message SET state = 'queued', reason = 'sent_again', ready_at = clock_timestamp()
FROM messaging_batch batch
WHERE batch.id = message.batch_id AND batch.resend = 'resend' AND batch.state = 'active' AND message.state = 'unknown'
  AND message.tried_at < clock_timestamp() - make_interval(secs => %(window)s)
"""


def sweep(*, window: timedelta = WINDOW) -> dict[str, int]:
    """One round. Returns how many messages became unknown, expired, or are sent again. Safe from any process."""
    with connection.cursor() as cursor:
        done = {}
        for name, statement in (("unknown", _LOST), ("expired", _OVER), ("again", _AGAIN)):
            cursor.execute(statement, {"window": window.total_seconds()})
            done[name] = int(cursor.rowcount)
    return done


_BY_HAND = {
    "sent": "state = 'sent', sent_at = tried_at",
    "failed": "state = 'failed', ended_at = clock_timestamp()",
    "resend": "state = 'queued', ready_at = clock_timestamp()",
}


@transaction.atomic
def settle_by_hand(*, actor: Actor, message_ids: Sequence[int] | None, outcome: str) -> int:
    """What a person found out about unknown messages (None: all): ``sent``, ``failed``, or ``resend`` them.

    Returns how many. Raises Forbidden; ValueError: no such outcome.
    """
    if not actor.is_system:
        raise Forbidden
    if outcome not in _BY_HAND:
        raise ValueError(outcome)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE messaging_message SET reason = 'by_hand', {_BY_HAND[outcome]}"  # noqa: S608 our own constants
            " WHERE state = 'unknown' AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))",
            {"ids": None if message_ids is None else list(message_ids)},
        )
        count = int(cursor.rowcount)
    audit.record_act(actor, action="delivery.settle", target="delivery:1", details={"outcome": outcome, "count": count})
    return count
