"""One state with all its booths, divided three times: to zones, constituencies, booths. Counts only, no database.

The booths are the real ones of Uttar Pradesh where the files are at hand, else as many that are made up.
"""

import csv
import gzip
import os
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from toli.chatgroups.domain.planning import Branch, Existing, Limits, Plan, even_parts, in_waves, plan_branch

ZONES, CONSTITUENCIES, BOOTHS = 18, 403, 138_771
STEPS = ("zone", "constituency", "booth")
Booth = tuple[str, str, int]  # zone, constituency, members
Seats = Mapping[tuple[int, int], int]  # people by group and booth


@dataclass(slots=True)
class Step:
    """What one division came to. ``overfull`` and ``unseated``: at any moment of its waves, groups and people."""

    groups: int
    bound: int
    moves: int
    moves_bound: int
    waves: int
    overfull: int
    unseated: int


def booths(members: int) -> tuple[list[Booth], bool]:
    """The booths in the order of the tree with skewed numbers of members, and whether they are the real ones."""
    folder = Path(os.environ.get("TOLI_TEST_SHARED_DATA", "../shared/data")) / "territory"
    real = (folder / "booths_UP_2014.csv.gz").is_file()
    places = _real(folder) if real else _made_up()
    random = Random(5)
    weights = [random.lognormvariate(0, 0.8) for _place in places]
    scale = members / sum(weights)
    return [(zone, ac, round(weight * scale)) for (zone, ac), weight in zip(places, weights, strict=True)], real


def _rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _real(folder: Path) -> list[tuple[str, str]]:
    zone_of = {row["district_code"]: row["zone_code"] for row in _rows(folder, "districts.csv")}
    district_of = {row["ac_code"]: row["district_code"] for row in _rows(folder, "assembly_constituencies.csv")}
    with gzip.open(folder / "booths_UP_2014.csv.gz", "rt", encoding="utf-8") as file:
        found = sorted(
            (zone_of[district_of[row["ac_code"]]], row["ac_code"], row["booth_code"]) for row in csv.DictReader(file)
        )
    return [(zone, ac) for zone, ac, _code in found]


def _made_up() -> list[tuple[str, str]]:
    each, rest = divmod(BOOTHS, CONSTITUENCIES)
    return [
        (f"Z{number * ZONES // CONSTITUENCIES:02d}", f"A{number:03d}")
        for number in range(CONSTITUENCIES)
        for _booth in range(each + (number < rest))
    ]


def three_divisions(places: Sequence[Booth], limits: Limits) -> list[Step]:
    """Divide the groups of the whole state to zones, then to constituencies, then to booths, each time in waves."""
    seats, number = _scattered(places, limits)
    served: list[tuple[int, ...]] = [(0,)] * number
    steps = []
    for depth in (1, 2, 3):
        branch, place_of = _branch(places, depth)
        columns: defaultdict[tuple[int, int], int] = defaultdict(int)
        for (group, booth), members in seats.items():
            columns[group, place_of[booth]] += members
        groups, at, members_ = ([key[0] for key in columns], [key[1] for key in columns], list(columns.values()))
        plan = plan_branch(branch, limits, Existing(served, (), groups, at, members_))
        taken = [0] * number
        for group, members in zip(groups, members_, strict=True):
            taken[group] += members
        step = _in_waves(plan, taken, limits.capacity)
        seats = _seated(plan, seats, place_of)
        step.unseated += abs(sum(taken) - sum(seats.values()))
        step.overfull += sum(group.members > limits.capacity for group in plan.groups)
        steps.append(step)
        number = len(plan.groups)
        deeper = _same_places(places, depth) if depth < len(STEPS) else list(range(len(branch)))
        served = [tuple(deeper[unit] for unit in group.units) for group in plan.groups]
    return steps


def _scattered(places: Sequence[Booth], limits: Limits) -> tuple[Seats, int]:
    """People of a booth joined about four groups of the state, in any order."""
    number = -(-sum(members for _zone, _ac, members in places) // limits.target)
    seats: defaultdict[tuple[int, int], int] = defaultdict(int)
    turn, held = 0, [0] * number
    for booth, (_zone, _ac, members) in enumerate(places):
        for part in even_parts(members, 4):
            turn += 1
            while held[turn % number] + part > limits.capacity:
                turn += 1
            held[turn % number] += part
            seats[turn % number, booth] += part
    return {key: members for key, members in seats.items() if members}, number


def _keys(zone: str, ac: str, number: int) -> tuple[tuple[object, ...], ...]:
    return (zone,), (zone, ac), (zone, ac, number)


def _branch(places: Sequence[Booth], depth: int) -> tuple[Branch, list[int]]:
    """The branch down to a level, and for each booth the place at which it counts."""
    parents, own, at = array("i", [-1]), array("i", [0]), []
    known: dict[tuple[object, ...], int] = {}
    for number, (zone, ac, members) in enumerate(places):
        here = 0
        for key in _keys(zone, ac, number)[:depth]:
            if key not in known:
                known[key] = len(parents)
                parents.append(here)
                own.append(0)
            here = known[key]
        own[here] += members
        at.append(here)
    return Branch(range(len(parents)), parents, own), at


def _same_places(places: Sequence[Booth], depth: int) -> list[int]:
    """Positions of the places of one branch in the one that reaches a level further down."""
    positions, following = [0], 1
    known: set[tuple[object, ...]] = set()
    for number, (zone, ac, _members) in enumerate(places):
        for level, key in enumerate(_keys(zone, ac, number)[: depth + 1], start=1):
            if key in known:
                continue
            known.add(key)
            if level <= depth:
                positions.append(following)
            following += 1
    return positions


def _in_waves(plan: Plan, taken: Sequence[int], capacity: int) -> Step:
    """Carry the moves out wave by wave, and look at every group and at everybody's seat after each."""
    lives_on = [group.lives_on for group in plan.groups]
    where = [old if old >= 0 else len(taken) + new for new, old in enumerate(lives_on)]
    holds: defaultdict[int, int] = defaultdict(int, enumerate(taken))
    step = Step(len(plan.groups), plan.bound, plan.moves.total, plan.moves_bound, 0, 0, 0)
    done, total = 0, sum(taken)
    for wave in in_waves(plan.moves, taken, lives_on, capacity):
        arriving: defaultdict[int, int] = defaultdict(int)
        leaving: defaultdict[int, int] = defaultdict(int)
        for position, members in wave:
            arriving[where[plan.moves.news[position]]] += members
            leaving[plan.moves.olds[position]] += members
            done += members
        ring = arriving == leaving  # they change places at the same moment
        step.overfull += sum(not ring and holds[group] + members > capacity for group, members in arriving.items())
        for group, members in arriving.items():
            holds[group] += members
        for group, members in leaving.items():
            holds[group] -= members
        step.unseated += abs(sum(holds.values()) - total)
        step.waves += 1
    step.unseated += plan.moves.total - done
    return step


def _seated(plan: Plan, seats: Seats, place_of: Sequence[int]) -> Seats:
    """People by new group and booth, after the waves."""
    going: defaultdict[tuple[int, int], list[list[int]]] = defaultdict(list)
    for old, place, new, members in plan.moves:
        going[old, place].append([new, members])
    stays = {group.lives_on: new for new, group in enumerate(plan.groups) if group.lives_on >= 0}
    after: defaultdict[tuple[int, int], int] = defaultdict(int)
    for (old, booth), members in seats.items():
        left = members
        for choice in going[old, place_of[booth]]:
            part = min(left, choice[1])
            choice[1] -= part
            left -= part
            after[choice[0], booth] += part
        if left:
            after[stays[old], booth] += left
    return {key: members for key, members in after.items() if members}
