"""Drawing members by lot so that nobody can choose whom to call, and reading what a few calls say about all.

Pure. The lot of each member is a hash of the seed and their number; the lowest are drawn. So the order in which
members are given does not matter, the same seed draws the same people, and a larger sample holds the smaller one.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from math import comb, sqrt

MOST = 200  # calls in one sample: what a person does in a week
MOST_IN_FRAME = 100_000
_Z = 1.959964  # of a 95 % interval


def lot(seed: str, member_id: int) -> bytes:
    """Where the member stands in the drawing."""
    return hashlib.sha256(f"toli-call-1 {seed} {member_id}".encode()).digest()


def draw(seed: str, frame: Iterable[int], size: int) -> list[int]:
    """``size`` members of the frame (all, if there are fewer), in the order in which they were drawn."""
    return sorted(set(frame), key=lambda member_id: (lot(seed, member_id), member_id))[:size]


@dataclass(frozen=True, slots=True)
class Share:
    """So many ``of`` those who were reached, and between which shares it lies for all, 95 times in 100."""

    count: int
    of: int

    @property
    def low(self) -> float:
        """The lower end of Wilson's interval, in parts of one."""
        return self._ends()[0]

    @property
    def high(self) -> float:
        """Its upper end."""
        return self._ends()[1]

    def _ends(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        share, z2 = self.count / self.of, _Z * _Z
        middle = (share + z2 / (2 * self.of)) / (1 + z2 / self.of)
        half = _Z * sqrt(share * (1 - share) / self.of + z2 / (4 * self.of * self.of)) / (1 + z2 / self.of)
        low = 0.0 if self.count == 0 else max(0.0, middle - half)
        high = 1.0 if self.count == self.of else min(1.0, middle + half)
        return low, high


def chance_to_meet(wrong: int, frame: int, size: int) -> float:
    """How likely at least one of ``wrong`` members is among ``size`` drawn out of ``frame``."""
    size = min(size, frame)
    return 1 - comb(frame - wrong, size) / comb(frame, size)
