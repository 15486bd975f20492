"""The groups that shall exist in a branch of the territory tree, and who moves.

Pure: counts in, plan out. Rules, bounds and sources: docs/algorithms/subdivision.md.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from toli.chatgroups.domain.planning.branch import Branch, Existing
from toli.chatgroups.domain.planning.keeping import Kept, PlannedGroup, keep
from toli.chatgroups.domain.planning.layout import Layout, lay_out
from toli.chatgroups.domain.planning.limits import Limits, even_parts, fewest_groups, least_bins
from toli.chatgroups.domain.planning.packing import pack
from toli.chatgroups.domain.planning.settling import Moves, settle

NEARBY = 64  # groups that are asked, on each side, whether they have room for a handful of people


@dataclass(slots=True)
class Plan:
    """``bound``: fewest groups, given which branches stand apart. ``any_bound``: fewest whatsoever.

    ``moves_bound``: no choice of old groups to live on in these groups moves fewer people. ``seated``:
    people with a seat now.
    """

    groups: list[PlannedGroup]
    moves: Moves
    bound: int
    any_bound: int
    moves_bound: int
    seated: int
    giving_up: list[int] = field(default_factory=list)  # old groups that do not live on


def plan_branch(branch: Branch, limits: Limits, existing: Existing | None = None) -> Plan:
    """Groups for everybody in the branch, and the moves that lead there from the existing ones.

    In this order: never above capacity, fewest groups, fewest moves, even sizes; and a group that still
    fits between the smallest size and the capacity stays as it is. The tree ends where the policy of the
    branch ends: cut it off before. Raises ValueError: more members are seated somewhere than live there.
    """
    existing = existing or Existing()
    layout = lay_out(branch, limits, existing)
    kept = keep(branch, layout, limits, existing)
    planner = _Planner(branch, layout, limits, kept)
    planner.fill_homes()
    moves, moves_bound = settle(planner.groups, layout.unit_of, existing)
    living = {group.lives_on for group in planner.groups}
    return Plan(
        groups=planner.groups,
        moves=moves,
        bound=_bound(planner.groups, layout.loads, limits),
        any_bound=max(1, fewest_groups(branch.counts[0], target_size=limits.target)),
        moves_bound=moves_bound,
        seated=sum(existing.members),
        giving_up=[old for old in range(len(existing)) if old not in living],
    )


def _bound(groups: Sequence[PlannedGroup], loads: Sequence[int], limits: Limits) -> int:
    """Fewest groups for the units that are formed into groups under the same place, over all places."""
    shared: defaultdict[int, list[int]] = defaultdict(list)
    own: dict[int, int] = {}
    for group in groups:
        for unit in group.units:
            if loads[unit] > limits.target:
                own[unit] = fewest_groups(loads[unit], target_size=limits.target)
            else:
                shared[group.home].append(loads[unit])
    return max(1, sum(own.values()) + sum(least_bins(units, limits.target) for units in shared.values()))


@dataclass(slots=True)
class _Bundle:
    """A handful of people for whom no group was worth it below: their units stay together."""

    units: list[int]
    load: int


class _Planner:
    def __init__(self, branch: Branch, layout: Layout, limits: Limits, kept: Kept) -> None:
        self.groups = list(kept.groups)
        self._branch, self._layout, self._limits, self._kept = branch, layout, limits, kept
        self._here: defaultdict[int, list[PlannedGroup]] = defaultdict(list)
        self._sent_up: defaultdict[int, list[int]] = defaultdict(list)
        # A parcel is known by its first unit and is that unit alone, or a bundle: no object for each of a million
        # places, which the collector of cycles would have to look at again and again.
        self._bundles: dict[int, _Bundle] = {}
        own = {unit for group in kept.groups if len(group.units) == 1 for unit in group.units}
        several = _several(kept.groups, own)
        self._along: list[tuple[int, int]] = []  # first place and index of groups that may take in others
        for index, group in enumerate(self.groups):
            if group.units[0] not in several:
                self._here[group.home].append(group)
                self._along.append((group.units[0], index))
        self._along.sort()

    def fill_homes(self) -> None:
        """Deeper places first, as what is too small for a group there goes up to the place above."""
        homes, parents = self._layout.homes, self._branch.parents
        for home in range(len(self._branch) - 1, -1, -1):
            if not (home in homes or home in self._sent_up or home == 0):
                continue
            if up := self._fill(home):
                self._sent_up[max(0, parents[home])] += up

    def _fill(self, home: int) -> list[int]:
        """Make the groups that are formed under ``home``; returns the bundles that go up."""
        loads, served, target = self._layout.loads, self._kept.served, self._limits.target
        units = [unit for unit in self._layout.homes.get(home, ()) if unit not in served]
        sent = self._sent_up.pop(home, [])
        if not units and not sent:
            return []
        parcels = sent
        for unit in self._absorb(home, units):
            if loads[unit] > target:
                parts = fewest_groups(loads[unit], target_size=target)
                for size in even_parts(loads[unit], parts):
                    self._add(PlannedGroup(home, [unit], size), roomy=parts == 1)
            else:
                parcels.append(unit)
        self._enlarge(home, parcels)
        if not parcels:
            return []
        parcels.sort()
        sizes = [self._load(parcel) for parcel in parcels]
        small: list[_Bundle] = []
        for bin_ in pack(sizes, target):
            together = self._units([parcels[position] for position in bin_])
            size = sum(sizes[position] for position in bin_)
            if size < self._limits.minimum:
                small.append(_Bundle(together, size))
            else:
                self._add(PlannedGroup(home, together, size))
        up = [bundle for bundle in small if not self._take_in(home, bundle)]
        if home:
            self._bundles.update((bundle.units[0], bundle) for bundle in up)
            return [bundle.units[0] for bundle in up]
        for bundle in up:
            self._add(PlannedGroup(home, bundle.units, bundle.load))
        return []

    def _load(self, parcel: int) -> int:
        bundle = self._bundles.get(parcel)
        return bundle.load if bundle else self._layout.loads[parcel]

    def _units(self, parcels: list[int]) -> list[int]:
        """The units of parcels that come together, each bundle opened."""
        if self._bundles.keys().isdisjoint(parcels):
            return parcels
        alone = _Bundle([], 0)
        found = [self._bundles.pop(parcel, alone).units or [parcel] for parcel in parcels]
        return sorted(unit for units in found for unit in units)

    def _add(self, group: PlannedGroup, *, roomy: bool = True) -> None:
        self.groups.append(group)
        if roomy:
            self._here[group.home].append(group)
            insort(self._along, (group.units[0], len(self.groups) - 1))

    def _absorb(self, home: int, units: list[int]) -> list[int]:
        """Units without a group go to those formed here that stay, where there is room; the rest is returned."""
        roomy = self._here.get(home)
        if not roomy:
            return units
        loads, target, rest = self._layout.loads, self._limits.target, []
        for unit in sorted(units, key=lambda unit: (-loads[unit], unit)):
            fits = [group for group in roomy if group.members + loads[unit] <= target or not loads[unit]]
            if unit in self._kept.weak or not fits:
                rest.append(unit)
                continue
            _join(min(fits, key=lambda group: _fit(group, unit, loads[unit], target)), [unit], loads[unit])
        return sorted(rest)

    def _enlarge(self, home: int, parcels: list[int]) -> None:
        """What overfull groups gave up is worth a group of its own: else they give a little more."""
        total = sum(self._load(parcel) for parcel in parcels)
        if not parcels or total >= self._limits.minimum:
            return
        loads, minimum = self._layout.loads, self._limits.minimum
        for donor in self._kept.donors.get(home, ()):
            while total < minimum and len(donor.units) > 1:
                lacking = minimum - total
                free = [unit for unit in donor.units if 0 < loads[unit] <= donor.members - minimum]
                if not free:
                    break
                unit = min(free, key=lambda unit: (loads[unit] < lacking, abs(loads[unit] - lacking), -unit))
                donor.units.remove(unit)
                donor.members -= loads[unit]
                parcels.append(unit)
                total += loads[unit]

    def _take_in(self, home: int, bundle: _Bundle) -> bool:
        """A handful of people goes to the nearest group below ``home`` that has room for all of them."""
        end, along = self._branch.ends[home], self._along
        start = bisect_left(along, (bundle.units[0], -1))
        near = sorted(
            (abs(place - bundle.units[0]), index)
            for place, index in along[max(0, start - NEARBY) : start + NEARBY]
            if home <= place < end
        )
        for _distance, index in near:
            group = self.groups[index]
            if group.members + bundle.load <= self._limits.target or not bundle.load:
                _join(group, bundle.units, bundle.load)
                group.home = min(group.home, home)
                return True
        return False


def _several(groups: Sequence[PlannedGroup], units: set[int]) -> set[int]:
    """Units that have more than one group of their own: these take in nobody else."""
    seen: set[int] = set()
    several: set[int] = set()
    for group in groups:
        if group.units[0] in units and len(group.units) == 1:
            (several if group.units[0] in seen else seen).add(group.units[0])
    return several


def _join(group: PlannedGroup, units: Sequence[int], load: int) -> None:
    group.units = sorted([*group.units, *units])
    group.members += load


def _fit(group: PlannedGroup, unit: int, load: int, target: int) -> tuple[int, int]:
    """Units with members go where the least room is left over, those without to their nearest neighbour."""
    distance = min(abs(other - unit) for other in group.units)
    return (target - group.members - load if load else 0), distance
