"""Existing groups that stay as they are, and what has to find another group."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from toli.chatgroups.domain.planning.branch import Branch, Existing
from toli.chatgroups.domain.planning.layout import Layout
from toli.chatgroups.domain.planning.limits import Limits, balanced, fewest_groups


@dataclass(slots=True)
class PlannedGroup:
    """One group to exist. ``home``: the place under which it is formed; ``units``: the places it serves, by
    position in the branch. ``lives_on``: the old group that goes on as this one, -1 for a new one."""

    home: int
    units: list[int]
    members: int
    lives_on: int = -1


@dataclass(slots=True)
class Kept:
    """``groups`` that stay. ``left``: units without a group whom one of the groups may take in; ``weak``: those of
    groups that are too small. ``donors``: groups that had to give units away, by home."""

    groups: list[PlannedGroup] = field(default_factory=list)
    served: set[int] = field(default_factory=set)
    weak: set[int] = field(default_factory=set)
    donors: dict[int, list[PlannedGroup]] = field(default_factory=lambda: defaultdict(list))


def keep(branch: Branch, layout: Layout, limits: Limits, existing: Existing) -> Kept:
    """Groups between the smallest size and the capacity stay; one that is overfull gives up what it must."""
    kept = Kept()
    units_of = [_units(places, layout) for places in existing.serves]
    servers: defaultdict[int, list[int]] = defaultdict(list)
    for group, units in enumerate(units_of):
        for unit in units:
            servers[unit].append(group)
    seats = _seats(existing, layout, servers)
    for unit, groups in servers.items():
        if all(len(units_of[group]) == 1 for group in groups):
            _keep_own(unit, groups, seats, branch, layout, limits, kept)
    for group, units in enumerate(units_of):
        if len(units) > 1 and all(len(servers[unit]) == 1 for unit in units):
            _keep_shared(group, units, branch, layout, limits, kept)
    return kept


def _units(places: Sequence[int], layout: Layout) -> list[int]:
    """What the group serves now; nothing if it was made for a whole place that is divided from now on."""
    if any(layout.divided[place] and not layout.below[place] for place in places):
        return []
    return sorted({unit for place in places if (unit := layout.unit_of[place]) == place or not layout.divided[unit]})


def _seats(existing: Existing, layout: Layout, servers: dict[int, list[int]]) -> dict[tuple[int, int], int]:
    """Members of a unit by group, for units with several groups of their own or one."""
    found: defaultdict[tuple[int, int], int] = defaultdict(int)
    shared = {unit for unit, groups in servers.items() if len(groups) > 1}
    if shared:
        unit_of = layout.unit_of
        for group, place, members in zip(existing.groups, existing.places, existing.members, strict=True):
            if (unit := unit_of[place]) in shared:
                found[group, unit] += members
    return found


def _keep_own(
    unit: int,
    groups: list[int],
    seats: dict[tuple[int, int], int],
    branch: Branch,
    layout: Layout,
    limits: Limits,
    kept: Kept,
) -> None:
    """A unit with groups of its own: fewer of them when it shrank, more when it outgrew them."""
    load, number = layout.loads[unit], len(groups)
    if load < number * limits.minimum:
        number = max(1, fewest_groups(load, target_size=limits.target))
    if load > number * limits.capacity:
        number = fewest_groups(load, target_size=limits.target)
    if number == 1 and load < limits.minimum:
        kept.weak.add(unit)
        return
    living = sorted(groups, key=lambda group: (-seats.get((group, unit), 0), group))[:number]
    held = [seats.get((group, unit), 0) for group in living] + [0] * (number - len(living))
    home = _home(branch, [unit])
    olds = living + [-1] * (number - len(living))
    sizes = [load] if number == 1 else balanced(held, load)
    for old, size in zip(olds, sizes, strict=True):
        kept.groups.append(PlannedGroup(home, [unit], size, old))
    kept.served.add(unit)


def _keep_shared(group: int, units: list[int], branch: Branch, layout: Layout, limits: Limits, kept: Kept) -> None:
    loads = layout.loads
    total = sum(loads[unit] for unit in units)
    if total < limits.minimum:
        kept.weak.update(units)
        return
    stay = units
    if total > limits.capacity:
        if max(loads[unit] for unit in units) > limits.target:
            return  # one of them needs groups of its own now: planned anew
        stay = _fullest(units, loads, limits.target)
        total = sum(loads[unit] for unit in stay)
    planned = PlannedGroup(_home(branch, stay), stay, total, group)
    kept.groups.append(planned)
    kept.served.update(stay)
    if len(stay) < len(units):
        kept.donors[planned.home].append(planned)


def _fullest(units: Sequence[int], loads: Sequence[int], target: int) -> list[int]:
    """Units that together come closest to the target from below, rather the first ones than the last."""
    mask, reach = (2 << target) - 1, [1]
    for unit in units:
        reach.append((reach[-1] | reach[-1] << loads[unit]) & mask)
    total, stay = reach[-1].bit_length() - 1, []
    for index in range(len(units), 0, -1):
        load = loads[units[index - 1]]
        if not load or not reach[index - 1] >> total & 1:
            stay.append(units[index - 1])
            total -= load
    return sorted(stay)


def _home(branch: Branch, units: Sequence[int]) -> int:
    return branch.meeting(units) if len(units) > 1 else max(0, branch.parents[units[0]])
