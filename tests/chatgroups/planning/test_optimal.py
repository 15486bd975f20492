"""The planner's parts against every possibility, on small inputs."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chatgroups.planning.samples import branch_of, settled
from toli.chatgroups.domain.planning import (
    Branch,
    Existing,
    Limits,
    Moves,
    balanced,
    communities,
    fewest_groups,
    in_waves,
    least_bins,
    plan_branch,
)
from toli.chatgroups.domain.planning.matching import at_most, best_pairs, match
from toli.chatgroups.domain.planning.packing import even_runs, pack

LIMITS = Limits(capacity=110, target=100, minimum=20)


def _fewest(loads, target):
    """Every way to put the loads into groups, one after the other."""

    def place(index, rooms):
        if index == len(loads):
            return len(rooms)
        best = len(loads) + 1
        for number in sorted({rooms.index(room) for room in rooms if room >= loads[index]}):
            rest = [*rooms[:number], rooms[number] - loads[index], *rooms[number + 1 :]]
            best = min(best, place(index + 1, rest))
        return min(best, place(index + 1, [*rooms, target - loads[index]]))

    return place(0, [])


@settings(max_examples=200)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=7), st.integers(30, 60))
def test_the_bound_is_a_bound_and_small_packings_are_the_fewest(loads, target):
    fewest = _fewest(loads, target)
    groups = pack(loads, target)
    assert max(1, fewest_groups(sum(loads), target_size=target)) <= least_bins(loads, target) <= fewest
    assert sorted(position for group in groups for position in group) == list(range(len(loads)))
    assert all(sum(loads[position] for position in group) <= target for group in groups)
    assert len(groups) <= fewest + (fewest > least_bins(loads, target)), (groups, fewest)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=9), st.integers(30, 60), st.integers(1, 4))
def test_runs_of_neighbours_are_as_even_as_runs_can_be(loads, target, parts):
    found = even_runs(loads, target, parts)
    cuts = [
        [sum(loads[start:end]) for start, end in zip((0, *ends), (*ends, len(loads)), strict=True)]
        for ends in product(range(len(loads) + 1), repeat=parts - 1)
        if list(ends) == sorted(ends)
    ]
    best = min(max(sizes) for sizes in cuts)
    if best > target:
        assert found is None
    else:
        assert max(sum(loads[position] for position in run) for run in found) == best
        assert [position for run in found for position in run] == list(range(len(loads)))


tables = st.tuples(st.integers(1, 4), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 20), min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
    )
)


def _best(table):
    """The greatest sum over every pairing."""
    if len(table) > len(table[0]):
        table = list(zip(*table, strict=True))
    columns = range(len(table[0]))
    return max(sum(map(lambda row, column: row[column], table, chosen)) for chosen in permutations(columns, len(table)))


@given(tables)
def test_who_lives_on_as_whom_is_the_best_choice_there_is(table):
    pairs = best_pairs(table)
    assert len({row for row, _column in pairs}) == len({column for _row, column in pairs}) == len(pairs)
    assert sum(table[row][column] for row, column in pairs) == _best(table)
    edges = {(row, column): worth for row, line in enumerate(table) for column, worth in enumerate(line) if worth}
    slots = dict.fromkeys(range(len(table[0])), 1)
    chosen = match(edges, slots)
    worth = sum(edges[old, new] for new, olds in chosen.items() for old in olds)
    assert worth == _best(table) <= at_most(edges, slots)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6), st.integers(0, 60))
def test_newcomers_make_groups_even_and_nobody_leaves(loads, more):
    held = balanced(loads, sum(loads) + more)
    assert sum(held) == sum(loads) + more
    assert all(after >= before for after, before in zip(held, loads, strict=True))
    grew = [after for after, before in zip(held, loads, strict=True) if after > before]
    assert not grew or max(grew) <= min(held) + 1


def test_the_admins_place_decides_where_as_many_would_stay():
    branch = branch_of([60, 60])
    old = Existing([[0], [0]], [2, 1], [0, 0, 1, 1], [1, 2, 1, 2], [30, 30, 30, 30])
    groups = plan_branch(branch, LIMITS, old).groups
    assert {(tuple(group.units), group.lives_on) for group in groups} == {((1,), 1), ((2,), 0)}


def test_an_overfull_group_gives_up_as_little_as_makes_a_group():
    branch = branch_of([30, 30, 30, 5, 5, 90])
    existing = settled(plan_branch(branch, LIMITS), branch)
    assert list(existing.serves) == [[1, 2, 3, 4], [5, 6]]
    grown = Branch(branch.ids, branch.parents, [0, 48, *branch.own[2:]])
    plan = plan_branch(grown, LIMITS, existing)
    assert plan.moves.total == 30
    assert sorted(group.members for group in plan.groups) == [30, 83, 95]


def test_too_few_people_for_a_group_join_the_neighbours():
    plan = plan_branch(branch_of([[60, 60], 3, [90, 99]]), LIMITS)
    assert sorted(group.members for group in plan.groups) == [60, 63, 90, 99]


def test_a_branch_that_fits_one_group_stays_together():
    plan = plan_branch(branch_of([[40, 40], [90, 60]]), LIMITS)
    assert sorted(group.units for group in plan.groups) == [[1], [5], [6]]


def test_members_without_a_booth_are_planned_too():
    plan = plan_branch(branch_of([(30, [90, 80]), 90]), LIMITS)
    assert sorted((group.units, group.members) for group in plan.groups) == [([1], 30), ([2], 90), ([3], 80), ([4], 90)]


def test_full_groups_change_places_in_a_ring():
    moves = Moves()
    for old, new in ((0, 1), (1, 2), (2, 0)):
        moves.add(old, 0, new, 4)
    waves = list(in_waves(moves, [10, 10, 10], [0, 1, 2], 10))
    assert waves == [[(0, 4), (1, 4), (2, 4)]]


@given(st.lists(st.integers(1, 100), min_size=1, max_size=60), st.integers(1, 9))
def test_communities_hold_every_group_once_and_never_too_many(loads, limit):
    branch = branch_of([loads[:20], loads[20:], 50])
    groups = plan_branch(branch, LIMITS).groups
    found = communities(branch, groups, limit)
    assert sorted(index for community in found for index in community) == list(range(len(groups)))
    assert max(map(len, found)) <= limit
    assert len(found) >= fewest_groups(len(groups), target_size=limit)


@pytest.mark.parametrize(("capacity", "target", "minimum"), [(9, 10, 1), (10, 0, 1), (10, 10, 6), (10, 10, 0)])
def test_sizes_that_cannot_work_are_refused(capacity, target, minimum):
    with pytest.raises(ValueError, match=r"group"):
        Limits(capacity, target, minimum)


@pytest.mark.parametrize("parents", [[-1, 0, 5], [-1, 0], [-1, 0, 1, 0, 1]])
def test_a_branch_must_be_in_preorder(parents):
    places = max(3, len(parents))
    with pytest.raises(ValueError, match=r"parent|preorder"):
        Branch(range(places), parents, [0] * places)
