"""Limits of rate as places in time: who takes ``n`` places gets the instants at which to send.

A bucket that hands out tokens allows a burst of its size on top of the rate, and processes that keep tokens for a
moment make it larger. Places in time cannot be saved up: two processes that take turns get places that follow each
other, and each message waits for its own. See docs/algorithms/delivery.md (L1 to L3).
"""

from dataclasses import dataclass

LATE = 0.05  # seconds; a place that was missed by more is given up
_SHARE = 1 / (1 + LATE)


def spacing(per_second: float) -> float:
    """Seconds between two places, so that no window of a second holds more than ``per_second`` messages, even when
    each is up to LATE late."""
    return 1 / max(per_second * _SHARE - 1, per_second * _SHARE / 2)


@dataclass(frozen=True, slots=True)
class Places:
    """``count`` places, the first in ``start_in`` seconds, then one after every ``gap``. With none: ask again then."""

    count: int
    start_in: float
    gap: float


@dataclass
class Pace:
    """The places that a flight holds, on its own clock."""

    left: int = 0
    place: float = 0.0
    gap: float = 0.0

    def fill(self, places: Places, now: float) -> None:
        """Hold these from now on."""
        self.left, self.place, self.gap = places.count, now + places.start_in, places.gap

    def next(self, now: float) -> float | None:
        """The next place that can still be kept; None when none is left. One missed by more than LATE is given up."""
        while self.left:
            place, self.place, self.left = self.place, self.place + self.gap, self.left - 1
            if is_kept(place, now):
                return place
        return None


def is_kept(place: float, now: float) -> bool:
    """Whether a message that leaves now still stands in its place."""
    return now - place <= LATE
