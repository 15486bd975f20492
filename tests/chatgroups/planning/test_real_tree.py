"""The real tree of Uttar Pradesh: 138,771 booths, five million made-up members, three plans one after the other."""

import csv
import gzip
from array import array
from collections import defaultdict
from random import Random

import pytest

from toli.chatgroups.domain.planning import Branch, Existing, Limits, even_parts, in_waves, plan_branch

LIMITS = Limits(capacity=1024, target=900, minimum=90)
MEMBERS = 5_000_000


def _rows(folder, name):
    with (folder / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def booths(shared_data):
    """Zone, constituency and members of every booth, in the order of the tree."""
    folder = shared_data / "territory"
    zone_of = {row["district_code"]: row["zone_code"] for row in _rows(folder, "districts.csv")}
    district_of = {row["ac_code"]: row["district_code"] for row in _rows(folder, "assembly_constituencies.csv")}
    with gzip.open(folder / "booths_UP_2014.csv.gz", "rt", encoding="utf-8") as file:
        found = [
            (zone_of[district_of[row["ac_code"]]], row["ac_code"], row["booth_code"]) for row in csv.DictReader(file)
        ]
    found.sort()
    random = Random(5)
    weights = [random.lognormvariate(0, 0.8) for _booth in found]
    scale = MEMBERS / sum(weights)
    return [(zone, ac, max(0, round(weight * scale))) for (zone, ac, _code), weight in zip(found, weights, strict=True)]


def _branch(booths, depth):
    """The branch down to a level, and for each booth the place at which it counts."""
    parents, own, places, keys = array("i", [-1]), array("i", [0]), [], {}
    for number, (zone, ac, members) in enumerate(booths):
        here = 0
        for key in ((zone,), (zone, ac), (zone, ac, number))[:depth]:
            if key not in keys:
                keys[key] = len(parents)
                parents.append(here)
                own.append(0)
            here = keys[key]
        own[here] += members
        places.append(here)
    return Branch(range(len(parents)), parents, own), places


@pytest.mark.shared_data
def test_from_state_to_zone_to_constituency_to_booth_nobody_is_without_a_seat(booths):
    """Each plan is carried out in waves: counts of seats are followed from group to group."""
    assert len(booths) == 138_771
    total = sum(members for _zone, _ac, members in booths)
    assert abs(total - MEMBERS) < MEMBERS // 100
    number = -(-total // LIMITS.target)
    seats, turn, held = defaultdict(int), 0, [0] * number
    for booth, (_zone, _ac, members) in enumerate(booths):
        for part in even_parts(members, 4):  # a booth's people join in about four groups of the state
            turn += 1
            while held[turn % number] + part > LIMITS.capacity:
                turn += 1
            held[turn % number] += part
            seats[turn % number, booth] += part
    seats = defaultdict(int, {key: members for key, members in seats.items() if members})
    served = [(0,)] * number
    ratios = []
    for depth in (1, 2, 3):
        branch, place_of = _branch(booths, depth)
        columns = defaultdict(int)
        for (group, booth), members in seats.items():
            columns[group, place_of[booth]] += members
        rows = [(group, place, members) for (group, place), members in columns.items()]
        existing = Existing(served, (), *map(list, zip(*rows, strict=True)))
        plan = plan_branch(branch, LIMITS, existing)
        taken = [0] * number
        for group, _place, members in rows:
            taken[group] += members
        assert max(taken) <= LIMITS.capacity
        assert max(group.members for group in plan.groups) <= LIMITS.capacity
        assert sum(group.members for group in plan.groups) == total == plan.seated
        seats = _carried_out(plan, seats, place_of, taken)
        assert sum(seats.values()) == total
        ratios.append((len(plan.groups) / plan.bound, plan.moves.total / plan.moves_bound))
        number = len(plan.groups)
        served = _below(plan, booths, depth)
    assert max(groups for groups, _moves in ratios) <= 1.02, ratios
    assert max(moves for _groups, moves in ratios) <= 1.05, ratios


def _carried_out(plan, seats, place_of, taken):
    """People by new group and booth, after the waves; at no moment is a group above its capacity or a seat missing."""
    lives_on = [group.lives_on for group in plan.groups]
    where = [old if old >= 0 else len(taken) + new for new, old in enumerate(lives_on)]
    holds = defaultdict(int, enumerate(taken))
    total = sum(taken)
    done = 0
    for wave in in_waves(plan.moves, taken, lives_on, LIMITS.capacity):
        arriving, leaving = defaultdict(int), defaultdict(int)
        for position, members in wave:
            arriving[where[plan.moves.news[position]]] += members
            leaving[plan.moves.olds[position]] += members
            done += members
        ring = set(arriving) == set(leaving) and all(arriving[group] == leaving[group] for group in arriving)
        for group, members in arriving.items():
            assert ring or holds[group] + members <= LIMITS.capacity
            holds[group] += members
        for group, members in leaving.items():
            holds[group] -= members
        assert sum(holds.values()) == total
    assert done == plan.moves.total
    going = defaultdict(list)
    for old, place, new, members in plan.moves:
        going[old, place].append([new, members])
    stays = {old: new for new, old in enumerate(lives_on) if old >= 0}
    after = defaultdict(int)
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


def _below(plan, booths, depth):
    """What the groups serve, as places of the next deeper branch."""
    now, _places = _branch(booths, depth)
    deeper, _places = _branch(booths, min(3, depth + 1))
    if depth == 3:
        return [tuple(group.units) for group in plan.groups]
    old_to_new = _same_places(booths, depth)
    assert len(old_to_new) == len(now) <= len(deeper)
    return [tuple(old_to_new[unit] for unit in group.units) for group in plan.groups]


def _same_places(booths, depth):
    """Positions of the places of one branch in the one that reaches a level further down."""
    positions, next_position, keys = [0], 1, set()
    for number, (zone, ac, _members) in enumerate(booths):
        for level, key in enumerate(((zone,), (zone, ac), (zone, ac, number))[: depth + 1], start=1):
            if key in keys:
                continue
            keys.add(key)
            if level <= depth:
                positions.append(next_position)
            next_position += 1
    return positions
