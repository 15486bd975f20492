"""Whom to ask next, and where a kit stopped: pure."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from toli.distribution.domain.escalation import RelayFacts, Step, next_to_ask, standing_of
from toli.distribution.domain.forecast import forecast_by_hand

people = st.integers(1, 6)


@given(people, st.none() | people, st.lists(people, max_size=6))
def test_everybody_in_the_chain_is_asked_once_and_in_its_order(admin, deputy, upward):
    asked: list[int] = []
    while found := next_to_ask(admin_id=admin, deputy_id=deputy, upward=upward, asked=asked):
        asked.append(found.account_id)
    chain = [item for item in (admin, deputy, *upward) if item is not None]
    assert asked == list(dict.fromkeys(chain))


def test_the_second_admin_comes_before_those_above():
    assert next_to_ask(admin_id=1, deputy_id=2, upward=[3], asked={1}).step is Step.DEPUTY
    assert next_to_ask(admin_id=1, deputy_id=None, upward=[3], asked={1}).step is Step.UPWARD


relays = st.builds(
    RelayFacts,
    state=st.sampled_from(["waiting", "confirmed", "refused", "cancelled"]),
    late=st.booleans(),
    step=st.sampled_from(list(Step)),
    nobody_left=st.booleans(),
)


@given(st.lists(relays, max_size=30))
def test_every_relay_stands_in_exactly_one_place(found):
    total = standing_of(found)
    parts = (total.confirmed, total.waiting, total.late, total.nobody, total.refused, total.cancelled)
    assert sum(parts) == total.asked == len(found)
    assert total.escalated <= total.waiting + total.late + total.nobody


def test_a_forecast_counts_what_goes_and_what_does_not():
    by_hand = forecast_by_hand({1: 4, 2: 1}, Counter(silence_window=2))
    assert (by_hand.places, by_hand.sendable, by_hand.duration) == (7, 5, timedelta(minutes=12))
