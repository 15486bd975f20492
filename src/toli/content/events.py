"""News about kits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KitWithdrawn:
    """A kit must not be passed on any more."""

    kit_id: int
