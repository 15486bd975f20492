"""Put units that are not cut into as few groups as possible, neighbours together.

Rules and bounds: docs/algorithms/subdivision.md.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from itertools import accumulate

from toli.chatgroups.domain.planning.limits import fewest_groups, least_bins

Bins = list[list[int]]


def pack(loads: Sequence[int], target: int) -> Bins:
    """Positions of ``loads`` by group; each load is at most ``target``, their order is that of the places.

    Runs of neighbours where these need no more groups than the sum does; else neighbours with gaps; else,
    if it takes fewer groups, the best fit of the largest first.
    """
    wanted = max(1, fewest_groups(sum(loads), target_size=target))
    runs = even_runs(loads, target, wanted)
    if runs is not None:
        return runs
    found = _near(loads, target, wanted)
    if len(found) > wanted and len(found) > least_bins(loads, target):
        found = min(found, _best_fit(loads, target), _plain_runs(loads, target), key=len)
    return found


def even_runs(loads: Sequence[int], target: int, parts: int) -> Bins | None:
    """``parts`` runs of neighbours at most, the largest as small as possible; None where ``target`` forbids it."""
    sums = [0, *accumulate(loads)]
    if _runs(sums, target, parts) is None:
        return None
    low, high = max(fewest_groups(sums[-1], target_size=parts), max(loads, default=0)), target
    while low < high:
        middle = (low + high) // 2
        if _runs(sums, middle, parts) is None:
            low = middle + 1
        else:
            high = middle
    ends = _runs(sums, low, parts) or []
    return [list(range(start, end)) for start, end in zip([0, *ends], ends, strict=False)]


def _runs(sums: Sequence[int], limit: int, parts: int) -> list[int] | None:
    """Where runs end that each take as many neighbours as fit; None when ``parts`` of them are too few."""
    ends: list[int] = []
    position, last = 0, len(sums) - 1
    while position < last:
        if len(ends) == parts:
            return None
        position = bisect_right(sums, sums[position] + limit, position) - 1
        ends.append(position)
    return ends


def _plain_runs(loads: Sequence[int], target: int) -> Bins:
    ends = _runs([0, *accumulate(loads)], target, len(loads)) or []
    return [list(range(start, end)) for start, end in zip([0, *ends], ends, strict=False)]


def _near(loads: Sequence[int], target: int, wanted: int) -> Bins:
    """One group after the other: the first place that is left, and of the next ones as few as fill it evenly.

    A group that takes at least its share of what is left never makes a further one necessary. Which sums the
    next places reach stands in the bits of a number: one shift for each place.
    """
    left = [position for position, load in enumerate(loads) if load]
    bins: Bins = []
    rest, mask = sum(loads), (2 << target) - 1
    while left:
        share = fewest_groups(rest, target_size=max(1, wanted - len(bins)))
        reach = [1 << loads[left[0]]]
        for position in left[1:]:
            if reach[-1] >> share:
                break
            reach.append((reach[-1] | reach[-1] << loads[position]) & mask)
        enough = reach[-1] >> share
        total = share + (enough & -enough).bit_length() - 1 if enough else reach[-1].bit_length() - 1
        rest -= total
        taken = set()
        for index in range(len(reach) - 1, 0, -1):
            if not reach[index - 1] >> total & 1:
                taken.add(left[index])
                total -= loads[left[index]]
        taken.add(left[0])
        bins.append(sorted(taken))
        left = [position for position in left if position not in taken]
    return _with_empty(bins, loads)


def _best_fit(loads: Sequence[int], target: int) -> Bins:
    """The largest unit first, each into the fullest group that has room for it."""
    bins: Bins = []
    rooms: list[tuple[int, int]] = []  # room, group
    for position in sorted(range(len(loads)), key=lambda position: (-loads[position], position)):
        load = loads[position]
        if not load:
            break
        place = bisect_left(rooms, (load, -1))
        if place == len(rooms):
            bins.append([position])
            insort(rooms, (target - load, len(bins) - 1))
        else:
            room, group = rooms.pop(place)
            bins[group].append(position)
            insort(rooms, (room - load, group))
    return _with_empty([sorted(group) for group in bins], loads)


def _with_empty(bins: Bins, loads: Sequence[int]) -> Bins:
    """Places without members join the group of the neighbour before them, the first ones that of the next."""
    bins = bins or [[]]
    group_of = {position: index for index, group in enumerate(bins) for position in group}
    last = group_of.get(min(group_of, default=0), 0)
    for position, load in enumerate(loads):
        if load:
            last = group_of[position]
        else:
            bins[last].append(position)
    return sorted(sorted(group) for group in bins)
