"""News travels upwards: a lower package publishes, a higher one subscribes.

An event is a frozen dataclass of plain values. :func:`publish` writes it in the caller's transaction:
the stored row is the work to be done. A wake-up job follows right after the commit; should the process
die in between, the sweep that every worker runs once a minute finds the row. (Taking the job's queueing
lock inside the transaction instead would make all publishers wait for each other.) Delivery is at least
once: handlers are services that are safe to repeat.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from django.db import transaction

from toli.core import clock, jobs
from toli.core.models import EventRecord

log = logging.getLogger(__name__)
Event = TypeVar("Event")

MAX_ATTEMPTS = 5
_types: dict[str, type[Any]] = {}
_handlers: dict[str, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event_type: type[Event], handler: Callable[[Event], None]) -> None:
    """Call ``handler`` with each event of this type, after the transaction that published it."""
    _types[event_type.__name__] = event_type
    if handler not in _handlers[event_type.__name__]:
        _handlers[event_type.__name__].append(handler)


def publish(event: Any) -> None:
    """Store ``event`` in this transaction, to be delivered once it has committed."""
    EventRecord.objects.create(name=type(event).__name__, payload=asdict(event))
    transaction.on_commit(lambda: jobs.enqueue_once("core.deliver_events"))


def deliver(*, limit: int = 500) -> int:
    """Hand waiting events to their subscribers, oldest first. Returns how many were settled.

    Each event is its own transaction, locked so that two workers never deliver the same one at once.
    An event that keeps failing is left for `toli doctor` to report after MAX_ATTEMPTS; the others flow.
    """
    settled = 0
    for _ in range(limit):
        if not _deliver_next():
            break
        settled += 1
    return settled


def _deliver_next() -> bool:
    with transaction.atomic():
        record = (
            EventRecord.objects.select_for_update(skip_locked=True)
            .filter(delivered_at__isnull=True, attempts__lt=MAX_ATTEMPTS)
            .order_by("attempts", "id")
            .first()
        )
        if record is None:
            return False
        try:
            with transaction.atomic():
                _hand_over(record)
        except Exception as error:
            log.exception("event %s could not be delivered", record.pk)
            record.attempts += 1
            record.failure = f"{type(error).__name__}: {error}"[:500]
            record.save(update_fields=["attempts", "failure"])
        else:
            record.delivered_at = clock.now()
            record.save(update_fields=["delivered_at"])
    return True


def _hand_over(record: EventRecord) -> None:
    event_type = _types.get(record.name)
    if event_type is None:
        return  # nobody listens: the fact stays on record
    event = event_type(**record.payload)
    for handler in _handlers[record.name]:
        handler(event)


def undelivered() -> int:
    """How many events wait for their subscribers; those that failed for good do not count."""
    return EventRecord.objects.filter(delivered_at__isnull=True, attempts__lt=MAX_ATTEMPTS).count()
