"""The planner's rules and bounds; names and invite links of groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.chatgroups.domain import invites, naming
from toli.chatgroups.domain.subdivision import (
    GroupPlan,
    Unit,
    even_parts,
    fewest_groups,
    plan_division,
    plan_subdivision,
)

counts = st.lists(st.integers(0, 3000), min_size=1, max_size=40).map(lambda sizes: dict(enumerate(sizes)))
targets = st.integers(1, 1024)


def test_r1_neighbours_share_a_group_while_they_fit():
    plans = plan_subdivision({11: 40, 12: 50, 13: 30}, target_size=100)
    assert plans == [GroupPlan((11, 12), 90), GroupPlan((13,), 30)]


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_r2_a_territory_that_fits_is_not_cut(size):
    assert plan_subdivision({11: size}, target_size=100) == [GroupPlan((11,), size)]


def test_r3_a_larger_territory_gets_even_groups_of_its_own():
    plans = plan_subdivision({10: 5, 11: 205, 12: 5}, target_size=100)
    assert GroupPlan((11,), 69) in plans
    assert [plan.member_count for plan in plans if plan.territory_ids == (11,)] == [69, 68, 68]


def test_r4_a_territory_without_members_is_served_too():
    assert plan_subdivision({11: 0, 12: 0}, target_size=100) == [GroupPlan((11, 12), 0)]


def test_r5_what_fits_one_group_stays_together():
    small = Unit(2, 80, (Unit(21, 40), Unit(22, 40)))
    large = Unit(3, 150, (Unit(31, 90), Unit(32, 60)))
    assert plan_division(Unit(1, 230, (small, large)), target_size=100) == [
        (1, GroupPlan((2,), 80)),
        (3, GroupPlan((31,), 90)),
        (3, GroupPlan((32,), 60)),
    ]


def test_a_group_must_hold_somebody():
    with pytest.raises(ValueError, match="at least one"):
        plan_subdivision({1: 1}, target_size=0)


@given(counts, targets)
def test_no_group_is_planned_above_the_target_and_everybody_is_planned_once(sizes, target):
    plans = plan_subdivision(sizes, target_size=target)
    assert all(plan.member_count <= target for plan in plans)
    assert sum(plan.member_count for plan in plans) == sum(sizes.values())
    assert {territory for plan in plans for territory in plan.territory_ids} == set(sizes)


@given(counts, targets)
def test_groups_are_formed_of_neighbours_in_their_order(sizes, target):
    shared = [plan.territory_ids for plan in plan_subdivision(sizes, target_size=target) if len(plan.territory_ids) > 1]
    for ids in shared:
        between = [territory for territory in range(ids[0], ids[-1]) if territory not in ids]
        assert list(ids) == sorted(ids)
        assert all(sizes[territory] > target for territory in between)


@given(counts, targets)
def test_the_plan_keeps_within_twice_the_lower_bound_and_one(sizes, target):
    shared = sum(size for size in sizes.values() if size <= target)
    own = sum(fewest_groups(size, target_size=target) for size in sizes.values() if size > target)
    groups = len(plan_subdivision(sizes, target_size=target))
    assert groups <= 2 * fewest_groups(shared, target_size=target) + 1 + own


@given(st.integers(0, 10**6), st.integers(1, 999))
def test_even_parts_differ_by_one_at_most(total, parts):
    found = even_parts(total, parts)
    assert sum(found) == total
    assert max(found) - min(found) <= 1


@given(st.text(min_size=1, max_size=300), st.integers(1, 10**6))
def test_a_group_name_always_fits_the_platform(territory, number):
    name = naming.group_name("{campaign} · {territory} · {number}", campaign="जुड़ाव", territory=territory, number=number)
    assert len(name) <= naming.LIMIT
    assert name.endswith(str(number))


@pytest.mark.parametrize(
    "pattern", ["{campaign}", "{territory} {number} {x}", "{number}", "{territory}", "{territory.x}{number}"]
)
def test_a_pattern_that_cannot_tell_groups_apart_is_refused(pattern):
    with pytest.raises(ValueError, match=r"lacks|unknown"):
        naming.check_pattern(pattern)


@pytest.mark.parametrize(
    "text",
    [
        "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV",
        "http://chat.whatsapp.com/AbcdefghijklmnopqrstuV",
        "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV?mode=ac_t",
        "Open this link to join: https://chat.whatsapp.com/AbcdefghijklmnopqrstuV",
        "https://chat.whatsapp.com/invite/AbcdefghijklmnopqrstuV/",
    ],
)
def test_an_invite_link_is_recognised_however_it_is_pasted(text):
    assert invites.canonical("whatsapp", text) == "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV"


@pytest.mark.parametrize(
    "text",
    ["", "hello", "https://chat.whatsapp.com/", "https://chat.whatsapp.com.evil.example/AbcdefghijklmnopqrstuV",
     "https://evil.example/?u=https://chat.whatsapp.com/AbcdefghijklmnopqrstuV", "javascript:alert(1)",
     "https://t.me/+AbcdefghijklmnopQ"],
)  # fmt: skip
def test_anything_else_is_no_invite_link(text):
    assert invites.canonical("whatsapp", text) is None
