"""The order in which people move, so that no group is ever above its capacity and nobody is without a seat."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from toli.chatgroups.domain.planning.settling import Moves

Wave = list[tuple[int, int]]


def in_waves(moves: Moves, taken: Sequence[int], lives_on: Sequence[int], capacity: int) -> Iterator[Wave]:
    """Waves of (position in ``moves``, people), each possible once the one before is over.

    ``taken``: seats of each old group; ``lives_on``: the old group that each new one is, or -1. Within a wave
    people may go one after the other. Where full groups wait for each other in a ring, as many people change
    places along it, all at the same moment: that is a wave of its own. Raises ValueError: the plan has groups
    above the capacity.
    """
    where = [old if old >= 0 else len(taken) + new for new, old in enumerate(lives_on)]
    holds: defaultdict[int, int] = defaultdict(int, enumerate(taken))
    left = list(moves.members)
    waiting = list(range(len(left)))
    while waiting:
        wave: Wave = []
        later: list[int] = []
        gone_from: defaultdict[int, int] = defaultdict(int)
        for position in waiting:
            old, new = moves.olds[position], where[moves.news[position]]
            going = min(left[position], capacity - holds[new])
            if going > 0:
                holds[new] += going
                gone_from[old] += going  # their seats are free for others from the next wave on
                left[position] -= going
                wave.append((position, going))
            if left[position]:
                later.append(position)
        for old, gone in gone_from.items():
            holds[old] -= gone
        if not wave:
            wave = _ring(moves, where, left, later)
            for position, going in wave:
                left[position] -= going
            later = [position for position in later if left[position]]
        waiting = later
        yield wave


def _ring(moves: Moves, where: Sequence[int], left: Sequence[int], waiting: Sequence[int]) -> Wave:
    """Moves that lead around from one full group to the next, and how many can change places along them."""
    first_from: dict[int, int] = {}
    for position in waiting:
        first_from.setdefault(moves.olds[position], position)
    seen: dict[int, int] = {}
    path: list[int] = []
    group = moves.olds[waiting[0]]
    while group not in seen:
        if group not in first_from:
            raise ValueError("a full group is waited for that nobody leaves")
        seen[group] = len(path)
        path.append(first_from[group])
        group = where[moves.news[first_from[group]]]
    ring = path[seen[group] :]
    going = min(left[position] for position in ring)
    return [(position, going) for position in ring]
