"""The rules of docs/algorithms/subdivision.md by name."""

import pytest

from tests.chatgroups.planning.samples import branch_of, settled
from toli.chatgroups.domain.planning import Branch, Existing, Limits, plan_branch

LIMITS = Limits(capacity=110, target=100, minimum=20)


def _groups(tree, limits=LIMITS):
    plan = plan_branch(branch_of(tree), limits)
    return sorted((group.units, group.members) for group in plan.groups)


def test_r1_neighbours_share_a_group_while_they_fit():
    assert _groups([40, 50, 30]) == [([1], 40), ([2, 3], 80)]


def test_r1_a_gap_is_made_only_where_it_saves_a_group():
    assert _groups([60, 70, 40, 30]) == [([1, 3], 100), ([2, 4], 100)]


@pytest.mark.parametrize("size", [20, 99, 100])
def test_r2_a_unit_that_fits_is_not_cut(size):
    assert ([1], size) in _groups([size, 100])


def test_r3_a_larger_unit_gets_even_groups_of_its_own():
    assert _groups([30, 205, 40]) == [([1, 3], 70), ([2], 68), ([2], 68), ([2], 69)]


def test_r4_a_place_without_members_is_served_too():
    assert _groups([0, 90, 0, 80, 0]) == [([1, 2, 3], 90), ([4, 5], 80)]


def test_r5_what_fits_one_group_stays_together():
    assert _groups([[40, 40], [90, 60]]) == [([1], 80), ([5], 90), ([6], 60)]


def test_r6_too_few_for_a_group_go_to_the_nearest_with_room():
    assert _groups([[60, 60], 3, [90, 99]]) == [([2], 60), ([3, 4], 63), ([6], 90), ([7], 99)]


def test_r7_what_still_fits_stays_and_what_is_too_small_is_dissolved():
    branch = branch_of([[90, 15, 60, 70], [95]])
    existing = settled(plan_branch(branch, LIMITS), branch)
    assert list(existing.serves) == [[2], [3, 4], [5], [6]] or len(existing.serves) == 4
    shrunk = Branch(branch.ids, branch.parents, [0, 0, 90, 15, 60, 10, 0, 95])
    seats = [row for row in zip(existing.groups, existing.places, existing.members, strict=True) if row[1] != 5]
    old = next(group for group, units in enumerate(existing.serves) if 5 in units)
    columns = list(zip(*[*seats, (old, 5, 10)], strict=True))
    plan = plan_branch(shrunk, LIMITS, Existing(existing.serves, (), *columns))
    assert plan.giving_up == [old]
    assert plan.moves.total == 10
