"""Messages about a kit that wait in the outbox: taken out when the kit is recalled."""

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.messaging import selectors
from toli.messaging.services import outbox


class QueuedMessages:
    """What is queued about a kit. What has left for somebody's telephone cannot be deleted there."""

    def cancel_unsent(self, kit_id: int) -> int:
        found = selectors.batches_about(f"kit:{kit_id}")
        return sum(
            outbox.cancel_batch(actor=SYSTEM, scope=EVERYWHERE, batch_id=batch_id, reason="recalled")
            for batch_id in found
        )

    def count_left(self, kit_id: int) -> int:
        return 0

    def take_back(self, kit_id: int, most: int) -> int:
        return 0
