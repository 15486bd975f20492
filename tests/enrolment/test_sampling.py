"""The lot: the same seed draws the same people, everybody is equally likely, and few calls say little."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from toli.enrolment.domain.sampling import Share, chance_to_meet, draw

frames = st.sets(st.integers(1, 10_000), min_size=1, max_size=200)
seeds = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(seeds, frames, st.integers(1, 50))
def test_the_same_seed_draws_the_same_people_in_whatever_order_they_are_given(seed, frame, size):
    drawn = draw(seed, sorted(frame), size)
    assert drawn == draw(seed, sorted(frame, reverse=True), size)
    assert len(drawn) == len(set(drawn)) == min(size, len(frame))
    assert set(drawn) <= frame


@given(seeds, frames, st.integers(1, 50))
def test_a_larger_sample_holds_the_smaller_one(seed, frame, size):
    assert draw(seed, frame, size + 1)[:size] == draw(seed, frame, size)


@given(seeds, frames, st.integers(1, 50))
def test_whoever_is_taken_out_of_the_frame_changes_nobody_elses_place(seed, frame, size):
    drawn = draw(seed, frame, size)
    others = frame - set(drawn[-1:])
    assert draw(seed, others, size)[: len(drawn) - 1] == drawn[:-1]


def test_everybody_is_equally_likely():
    counted = Counter(one for seed in range(2000) for one in draw(f"{seed:032x}", range(20), 5))
    assert set(counted) == set(range(20))
    assert all(400 < times < 600 for times in counted.values())  # 500 each; five standard deviations are 97


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_interval_holds_the_share_and_lies_within_nothing_and_all(count, more):
    share = Share(count, count + more)
    assert 0 <= share.low <= share.high <= 1
    if share.of:
        assert share.low <= share.count / share.of <= share.high


def test_the_interval_is_wilsons():
    share = Share(2, 20)
    assert (round(share.low, 3), round(share.high, 3)) == (0.028, 0.301)
    assert (round(Share(0, 20).high, 3), Share(0, 20).low) == (0.161, 0.0)


def test_more_calls_narrow_it():
    widths = [Share(n // 10, n) for n in (20, 200, 2000)]
    assert sorted((share.high - share.low for share in widths), reverse=True) == [s.high - s.low for s in widths]


def test_the_chance_to_meet_one_grows_to_certainty():
    assert chance_to_meet(0, 100, 20) == 0
    assert chance_to_meet(50, 100, 51) == 1
    assert 0.19 < chance_to_meet(1, 100, 20) < 0.21
