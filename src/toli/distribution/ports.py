"""What distribution asks of those who put a kit into places by themselves."""

from collections.abc import Collection
from typing import Protocol

from toli.distribution.domain.forecast import Forecast


class AutomaticPlaces(Protocol):
    """Messages and posts that went out by a program, and those that are still queued."""

    def cancel_unsent(self, kit_id: int) -> int:
        """Let nothing of the kit go out any more. Returns how many were queued. Safe to repeat."""
        ...

    def take_back(self, kit_id: int, most: int) -> int:
        """Delete at most ``most`` of what went out. Returns how many were dealt with; 0: none is left for now."""
        ...

    def count_left(self, kit_id: int) -> int:
        """How many a program still has to deal with, at once or later because the platform asked to wait."""
        ...


class AutomaticChannels(Protocol):
    """Channels of a plan by which programs post into places, and not to people."""

    def names(self, *, ready: bool = False) -> list[str]:
        """Their names. ``ready``: only those for which there are places."""
        ...

    def groups(self, channels: Collection[str]) -> set[int]:
        """Groups of the registry that these channels serve: nobody has to carry anything there."""
        ...

    def forecast(self, plan_id: int, channel: str) -> Forecast:
        """What the plan would do by this channel at its time. Changes nothing."""
        ...


_known: list[AutomaticPlaces] = []


def register(places: AutomaticPlaces) -> None:
    """Ask these as well when a kit is recalled. Called once, when the application starts."""
    _known.append(places)


_channels: list[AutomaticChannels] = []


def register_channels(channels: AutomaticChannels) -> None:
    """Who answers for channels by which programs post. Called once, when the application starts."""
    _channels.append(channels)


def posting_channels(*, ready: bool = False) -> list[str]:
    """Channels by which programs post; ``ready``: only those for which there are places."""
    return [key for each in _channels for key in each.names(ready=ready)]


def served_groups(channels: Collection[str]) -> set[int]:
    """Groups into which programs post by one of these channels."""
    return {group_id for each in _channels for group_id in each.groups(channels)}


def forecast(plan_id: int, channel: str) -> Forecast:
    """What a plan would do by a channel by which programs post."""
    return next(each for each in _channels if channel in each.names()).forecast(plan_id, channel)


def automatic_places() -> tuple[AutomaticPlaces, ...]:
    """Everybody who has to be asked."""
    return tuple(_known)
