"""What every plan keeps to, whatever the tree, the sizes and the groups that exist."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chatgroups.planning.samples import branch_of, limits, settled, trees
from toli.chatgroups.domain.planning import Branch, Existing, Limits, in_waves, plan_branch

SMALL = Limits(capacity=120, target=100, minimum=20)


def _check(branch: Branch, plan, sizes, existing: Existing | None = None) -> None:
    """Capacity, everybody planned exactly once, bounds not above what was found."""
    assert sum(group.members for group in plan.groups) == branch.counts[0]
    assert all(group.members <= sizes.capacity for group in plan.groups)
    seen = [place for group in plan.groups for place in group.units]
    for place in range(len(branch)):
        if branch.ends[place] == place + 1:
            assert any(unit in seen for unit in [place, *branch.above(place)]), place
    assert plan.moves_bound <= plan.moves.total
    living = [group.lives_on for group in plan.groups if group.lives_on >= 0]
    assert len(living) == len(set(living))
    if existing:
        settled(plan, branch, existing)  # asserts that the moves leave nobody behind


@given(trees, limits)
def test_a_first_plan_keeps_to_the_target_and_plans_everybody_once(tree, sizes):
    branch = branch_of(tree)
    plan = plan_branch(branch, sizes)
    _check(branch, plan, sizes)
    assert all(group.members <= sizes.target for group in plan.groups)
    assert len(plan.groups) >= plan.bound >= 1
    assert len(plan.groups) >= plan.any_bound


@given(trees, limits)
def test_planning_again_with_the_same_numbers_changes_nothing(tree, sizes):
    branch = branch_of(tree)
    first = plan_branch(branch, sizes)
    existing = settled(first, branch)
    again = plan_branch(branch, sizes, existing)
    assert again.moves.total == 0
    assert not again.giving_up
    assert sorted((group.units, group.lives_on) for group in again.groups) == sorted(
        (group.units, index) for index, group in enumerate(first.groups)
    )


@settings(max_examples=150)
@given(trees, limits, st.data())
def test_after_growth_and_loss_everybody_is_planned_once_and_settles(tree, sizes, data):
    branch = branch_of(tree)
    existing = settled(plan_branch(branch, sizes), branch)
    for _round in range(2):
        change = data.draw(st.lists(st.integers(-20, 30), min_size=len(branch), max_size=len(branch)))
        own = [max(0, here + by) if here else 0 for here, by in zip(branch.own, change, strict=True)]
        branch = Branch(branch.ids, branch.parents, own)
        existing = _after_leaving(existing, branch)
        plan = plan_branch(branch, sizes, existing)
        _check(branch, plan, sizes, existing)
        waves = list(in_waves(plan.moves, _taken(existing), [g.lives_on for g in plan.groups], sizes.capacity))
        assert sum(members for wave in waves for _move, members in wave) == plan.moves.total
        existing = settled(plan, branch, existing)
        again = plan_branch(branch, sizes, existing)
        assert again.moves.total <= plan.moves.total or again.moves.total == 0


def _after_leaving(existing: Existing, branch: Branch) -> Existing:
    left, rows = list(branch.own), []
    for group, place, members in zip(existing.groups, existing.places, existing.members, strict=True):
        stays = min(members, left[place])
        left[place] -= stays
        if stays:
            rows.append((group, place, stays))
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return Existing(existing.serves, (), *columns)


def _taken(existing: Existing) -> list[int]:
    taken = [0] * len(existing)
    for group, members in zip(existing.groups, existing.members, strict=True):
        taken[group] += members
    return taken


@given(st.lists(st.integers(1, 100), min_size=1, max_size=30))
def test_a_group_that_fits_up_to_the_capacity_stays_as_it_is(sizes):
    branch = branch_of([sizes, [100, 100]])
    first = plan_branch(branch, SMALL)
    existing = settled(first, branch)
    more = [here + (place % 7 == 0 and here > 0) for place, here in enumerate(branch.own)]
    grown = Branch(branch.ids, branch.parents, more)
    plan = plan_branch(grown, SMALL, existing)
    for index, group in enumerate(first.groups):
        load = sum(grown.own[place] if grown.ends[place] == place + 1 else grown.counts[place] for place in group.units)
        if len(group.units) > 1 and SMALL.minimum <= load <= SMALL.capacity:
            same = [found for found in plan.groups if found.lives_on == index]
            assert set(group.units) <= set(same[0].units)


def test_more_members_than_live_there_are_refused():
    branch = branch_of([3, 4])
    with pytest.raises(ValueError, match="more members are seated"):
        plan_branch(branch, Limits(5, 4), Existing([[1]], (), [0], [1], [4]))
