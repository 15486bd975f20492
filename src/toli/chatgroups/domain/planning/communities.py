"""Communities: groups that stand together on the platform, at most so many in each."""

from collections.abc import Sequence

from toli.chatgroups.domain.planning.branch import Branch
from toli.chatgroups.domain.planning.keeping import PlannedGroup
from toli.chatgroups.domain.planning.packing import pack


def communities(branch: Branch, groups: Sequence[PlannedGroup], limit: int) -> list[list[int]]:
    """Groups by community, in the order of the places; at most ``limit`` in each.

    A branch whose groups fit one community is not torn apart; neighbouring branches share one where they fit.
    """
    number = [0] * len(branch)
    formed: dict[int, list[int]] = {}
    for index in sorted(range(len(groups)), key=lambda index: groups[index].units[0]):
        formed.setdefault(groups[index].home, []).append(index)
    for home, indexes in formed.items():
        number[home] = len(indexes)
    for place in range(len(branch) - 1, 0, -1):
        number[branch.parents[place]] += number[place]
    found: list[list[int]] = []
    waiting: dict[int, list[tuple[int, list[int]]]] = {}  # by the place above: where it begins, its groups
    place = 0
    while place < len(branch):
        if number[place] <= limit:
            below = [index for home in range(place, branch.ends[place]) for index in formed.get(home, ())]
            if below:
                waiting.setdefault(max(0, branch.parents[place]), []).append((place, below))
            place = branch.ends[place]
        else:
            waiting.setdefault(place, []).extend((place, [index]) for index in formed.get(place, ()))
            place += 1
    for parts in waiting.values():
        bins = pack([len(below) for _place, below in parts], limit)
        found += [[index for position in bin_ for index in parts[position][1]] for bin_ in bins]
    return found
