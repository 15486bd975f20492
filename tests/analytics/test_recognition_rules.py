"""The rules of recognition: caps hold, nothing earned is lost, places are fair, and small sums are not told."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from toli.analytics.domain.recognition import (
    MOST_A_DAY,
    MOST_AT_ONCE,
    NEIGHBOURS,
    Opens,
    around,
    places,
    standings,
    told,
    weeks,
)
from toli.analytics.domain.suppression import FEWEST, Veil

TODAY = date(2026, 11, 30)
opens = st.builds(
    Opens,
    member_id=st.integers(1, 9),
    day=st.integers(0, 27).map(lambda ago: TODAY - timedelta(days=ago)),
    slot=st.one_of(st.none(), st.integers(0, 143)),
    people=st.integers(1, 60),
)
stories = st.lists(opens, max_size=30)


def _of(found, member_id):
    return next((one for one in found if one.member_id == member_id), None)


@given(stories, st.randoms(use_true_random=False))
def test_the_order_in_which_opens_are_read_changes_nothing(story, random):
    mixed = random.sample(story, len(story))
    assert places(standings(mixed)) == places(standings(story))


@given(stories)
def test_the_caps_hold_and_days_are_those_with_an_open(story):
    for one in standings(story):
        own = [seen for seen in story if seen.member_id == one.member_id]
        assert one.days == len({seen.day for seen in own})
        assert one.days <= one.people <= min(one.days * MOST_A_DAY, sum(seen.people for seen in own))


@given(stories, opens)
def test_one_more_open_costs_nobody_a_day_or_a_person_and_its_owner_no_place(story, more):
    before, after = standings(story), standings([*story, more])
    for one in before:
        now = _of(after, one.member_id)
        assert (now.days, now.people) >= (one.days, one.people)
    was = [place.place for place in places(before) if place.standing.member_id == more.member_id]
    now = [place.place for place in places(after) if place.standing.member_id == more.member_id]
    assert not was or now[0] <= was[0]


@given(st.integers(1, 10_000))
def test_a_burst_counts_as_ten_however_large_it_is(people):
    (one,) = standings([Opens(1, TODAY, 17, people)])
    assert one.people == min(people, MOST_AT_ONCE)


def test_a_day_counts_for_more_than_a_crowd():
    steady = [Opens(1, TODAY - timedelta(days=ago), 1, 1) for ago in (0, 3, 9)]
    crowd = [Opens(2, TODAY - timedelta(days=ago), slot, 50) for ago in (0, 1) for slot in range(9)]
    first, second = places(standings([*steady, *crowd]))
    assert (first.standing.member_id, first.standing.days, second.standing.people) == (1, 3, 2 * MOST_A_DAY)


@given(stories)
def test_equal_standings_share_a_place_and_the_next_place_is_after_all_of_them(story):
    placed = places(standings(story))
    for place in placed:
        better = [one for one in placed if _done(one) > _done(place)]
        assert place.place == len(better) + 1


def _done(place):
    return (place.standing.days, place.standing.people)


@given(stories, st.integers(1, 10))
def test_one_sees_oneself_and_two_on_each_side_and_neither_top_nor_bottom(story, member_id):
    placed = places(standings(story))
    near = around(placed, member_id)
    if _of(standings(story), member_id) is None:
        assert near == ()
        return
    own = [place.standing.member_id for place in near].index(member_id)
    assert own <= NEIGHBOURS
    assert len(near) - own - 1 <= NEIGHBOURS
    assert list(near) == placed[placed.index(near[0]) : placed.index(near[0]) + len(near)]


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 9))
def test_no_sum_is_told_of_which_fewer_than_five_others_are_the_rest(own, rest, active_others):
    figure = told(own, rest, active_others=active_others)
    if figure is not Veil.KEPT:
        assert figure == own + rest
        assert active_others >= FEWEST
        assert rest == 0 or rest >= FEWEST


@given(st.dictionaries(st.integers(0, 40).map(lambda ago: TODAY - timedelta(days=ago)), st.integers(1, 9)))
def test_four_weeks_hold_the_last_28_days_and_nothing_else(by_day):
    recent = sum(people for day, people in by_day.items() if (TODAY - day).days < 28)
    found = weeks(by_day, today=TODAY)
    assert sum(people for _first, people in found) == recent
    assert [(TODAY - first).days for first, _people in found] == [6, 13, 20, 27]
