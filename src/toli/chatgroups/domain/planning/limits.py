"""The sizes that a plan keeps to, and what no plan can do better than."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Limits:
    """Members of a group: ``capacity`` never more, ``target`` planned for, ``minimum`` worth a group of its own.

    ``community``: how many groups one community of the platform can hold.

    Raises:
        ValueError: unless 1 <= minimum, 2 * minimum <= target + 1 <= capacity + 1, and a community holds a group.
    """

    capacity: int
    target: int
    minimum: int = 1
    community: int = 50

    def __post_init__(self) -> None:
        if not 1 <= self.target <= self.capacity:
            raise ValueError("a group must hold at least one member, and not be planned above its capacity")
        if not 1 <= self.minimum <= (self.target + 1) // 2:
            raise ValueError("the smallest group worth having is one member to half of the target")
        if self.community < 1:
            raise ValueError("a community holds at least one group")


def fewest_groups(total: int, *, target_size: int) -> int:
    """No plan can do with fewer groups than this."""
    return -(-total // target_size)


def even_parts(total: int, parts: int) -> list[int]:
    """``total`` in ``parts`` whole numbers that differ by one at most, larger ones first."""
    size, rest = divmod(total, parts)
    return [size + (index < rest) for index in range(parts)]


def least_bins(loads: Iterable[int], target: int) -> int:
    """A lower bound on the groups for units that are not cut: Martello and Toth's L2, at least ``ceil(sum / target)``.

    Units above half of the target need a group each. For each size ``a`` up to half of it: units above
    ``target - a`` can share with none of size ``a`` or more, and those of size ``a`` or more that do not
    fit beside the others need groups of their own. Shape: any order; O(n log n).
    """
    sizes = sorted(load for load in loads if load)
    below = [0, *accumulate(sizes)]
    half = bisect_right(sizes, target // 2)
    bound = max(fewest_groups(below[-1], target_size=target), len(sizes) - half)
    if half == len(sizes):
        return bound  # without units above the half, the sum is the bound
    for least in dict.fromkeys(sizes[:half]):
        start, alone = bisect_left(sizes, least), bisect_right(sizes, target - least)
        room = (alone - half) * target - (below[alone] - below[half])
        rest = below[half] - below[start] - room
        bound = max(bound, len(sizes) - half + max(0, fewest_groups(rest, target_size=target)))
    return bound


def balanced(loads: Sequence[int], total: int) -> list[int]:
    """``total`` over groups that hold ``loads`` already, as even as possible without taking from any.

    Returns what each is to hold. Raises ValueError when they hold more than ``total``.
    """
    rest = total - sum(loads)
    if rest < 0:
        raise ValueError("the groups hold more than there is to share out")
    order = sorted(range(len(loads)), key=lambda index: loads[index])
    below = 0
    for used, index in enumerate(order, start=1):
        below += loads[index]
        if used == len(order) or loads[order[used]] * used >= below + rest:
            break
    level = even_parts(below + rest, used)
    held = list(loads)
    for place, index in enumerate(order[:used]):
        held[index] = level[used - 1 - place]  # the smaller part to the emptier one: no part is below its load
    return held
