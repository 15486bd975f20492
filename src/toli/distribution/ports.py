"""What distribution asks of those who put a kit into places by themselves."""

from typing import Protocol


class AutomaticPlaces(Protocol):
    """Messages and posts that went out by a program, and those that are still queued."""

    def cancel_unsent(self, kit_id: int) -> int:
        """Let nothing of the kit go out any more. Returns how many were queued. Safe to repeat."""
        ...

    def take_back(self, kit_id: int, most: int) -> int:
        """Delete at most ``most`` of what went out. Returns how many were dealt with; 0: none is left."""
        ...


_known: list[AutomaticPlaces] = []


def register(places: AutomaticPlaces) -> None:
    """Ask these as well when a kit is recalled. Called once, when the application starts."""
    _known.append(places)


def automatic_places() -> tuple[AutomaticPlaces, ...]:
    """Everybody who has to be asked."""
    return tuple(_known)
