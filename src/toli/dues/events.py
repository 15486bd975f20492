"""News about dues."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MoneyReceived:
    """Money was received: the member is told."""

    receipt_id: int
