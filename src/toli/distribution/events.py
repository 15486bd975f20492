"""News about kits on their way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelayConfirmed:
    """A named person has posted a kit into a group."""

    relay_id: int
