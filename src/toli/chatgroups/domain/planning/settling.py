"""Who stays and who moves, once it is clear which groups there shall be."""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from toli.chatgroups.domain.planning.branch import Existing
from toli.chatgroups.domain.planning.keeping import PlannedGroup
from toli.chatgroups.domain.planning.matching import at_most, match


def _column() -> "array[int]":
    return array("i")


@dataclass(slots=True)
class Moves:
    """In four columns: ``members[i]`` of the old group ``olds[i]`` at ``places[i]`` go to the group ``news[i]``."""

    olds: "array[int]" = field(default_factory=_column)
    places: "array[int]" = field(default_factory=_column)
    news: "array[int]" = field(default_factory=_column)
    members: "array[int]" = field(default_factory=_column)

    def __iter__(self) -> Iterator[tuple[int, int, int, int]]:
        return zip(self.olds, self.places, self.news, self.members, strict=True)

    def add(self, old: int, place: int, new: int, members: int) -> None:
        """Write one row."""
        self.olds.append(old)
        self.places.append(place)
        self.news.append(new)
        self.members.append(members)

    @property
    def total(self) -> int:
        """People who move."""
        return sum(self.members)


def settle(groups: Sequence[PlannedGroup], unit_of: Sequence[int], existing: Existing) -> tuple[Moves, int]:
    """Decide which old group lives on as which new one (written into ``groups``); the moves and a lower bound.

    Raises ValueError: more members of a place are seated than its groups are planned for.
    """
    homes = _homes(groups)
    possible = _live_on(groups, homes, unit_of, existing)
    moves, staying, open_ = Moves(), _staying(groups), [group.members for group in groups]
    several: list[tuple[int, int, int, int]] = []
    for old, place, members in zip(existing.groups, existing.places, existing.members, strict=True):
        choices, stay = homes[unit_of[place]], staying.get(old, -1)
        if len(choices) == 1:
            open_[choices[0]] -= members
            if choices[0] != stay:
                moves.add(old, place, choices[0], members)
        elif stay in choices and open_[stay] > 0:
            remaining = min(members, open_[stay])
            open_[stay] -= remaining
            if members > remaining:
                several.append((old, place, members - remaining, -1))
        else:
            several.append((old, place, members, -1))
    if min(open_, default=0) < 0:
        raise ValueError("more members are seated than live there")
    for old, place, members, _none in several:
        for choice in homes[unit_of[place]]:
            part = min(members, open_[choice])
            if part:
                moves.add(old, place, choice, part)
                open_[choice] -= part
                members -= part
        if members:
            raise ValueError("more members are seated than live there")
    return moves, possible


def _homes(groups: Sequence[PlannedGroup]) -> dict[int, tuple[int, ...]]:
    """Groups by unit. The units of a group share one tuple: a list for each of a million units would have the
    collector of cycles look through the whole program a dozen times."""
    homes: dict[int, tuple[int, ...]] = {}
    for index, group in enumerate(groups):
        alone = (index,)
        for unit in group.units:
            homes[unit] = homes[unit] + alone if unit in homes else alone
    return homes


def _staying(groups: Sequence[PlannedGroup]) -> dict[int, int]:
    return {group.lives_on: index for index, group in enumerate(groups) if group.lives_on >= 0}


def _live_on(
    groups: Sequence[PlannedGroup], homes: dict[int, tuple[int, ...]], unit_of: Sequence[int], existing: Existing
) -> int:
    """Write into new groups which old one lives on as each; returns how many people have to move at the least.

    The admins' places and what a group served before decide only between choices for which as many stay.
    """
    staying = _staying(groups)
    serving = bytearray(bool(places) for places in existing.serves)
    kind_of: dict[int, int] = {}  # the first new group of a unit, by unit: several of its own are all alike
    slots: defaultdict[int, list[int]] = defaultdict(list)
    for unit, indexes in homes.items():
        new = [index for index in indexes if groups[index].lives_on < 0]
        if new:
            kind_of[unit] = new[0]
            slots[new[0]] = new
    edges: defaultdict[tuple[int, int], int] = defaultdict(int)
    must_move = 0
    for old, place, members in zip(existing.groups, existing.places, existing.members, strict=True):
        unit = unit_of[place]
        if unit not in homes:
            raise ValueError("more members are seated than live there")
        stay = staying.get(old, -1)
        if stay >= 0:
            must_move += members * (stay not in homes[unit])
            continue
        must_move += members
        if serving[old] and unit in kind_of:
            edges[old, kind_of[unit]] += members
    own: set[tuple[int, int]] = set()
    for old, places in enumerate(existing.serves):
        if old not in staying:
            own.update((old, kind_of[unit_of[place]]) for place in places if unit_of[place] in kind_of)
    if not existing.renamed:
        edges = defaultdict(int, ((pair, staying_on) for pair, staying_on in edges.items() if pair in own))
    for pair in own:
        edges[pair] += 0
    for old, kind in edges:
        edges[old, kind] = min(edges[old, kind], groups[kind].members)
    numbers = {kind: len(new) for kind, new in slots.items()}
    scale = 2 * len(existing) + 2
    worth = {pair: staying_on * scale + 1 for pair, staying_on in edges.items()}
    for old, admin in enumerate(existing.admins):
        pair = (old, kind_of.get(unit_of[admin], -1)) if admin >= 0 else (old, -1)
        if pair in worth:
            worth[pair] += 1
    for kind, olds in match(worth, numbers).items():
        for index, old in zip(slots[kind], olds, strict=False):
            groups[index].lives_on = old
    return must_move - at_most(edges, numbers)
