"""News about kits on their way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelayConfirmed:
    """A named person has posted a kit into a group."""

    relay_id: int


@dataclass(frozen=True, slots=True)
class PlanStarted:
    """A plan begins: whoever sends to people directly does so now, by its channels."""

    plan_id: int
