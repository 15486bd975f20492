"""News about dues."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DuePaid:
    """Money was received: the member is told."""

    receipt_id: int
