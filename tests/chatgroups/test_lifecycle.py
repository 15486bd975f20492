"""Laws of a group's life (docs/algorithms/group-lifecycle.md), of kinds and of join addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.chatgroups.domain import invites
from toli.chatgroups.domain.kinds import KINDS, most_people, usual_kind
from toli.chatgroups.domain.lifecycle import (
    IN_USE,
    Act,
    NotPossible,
    Stage,
    State,
    acts,
    after,
    nearly_full_from,
    stage,
)
from toli.chatgroups.models import GroupKind, GroupState, Platform

people = st.integers(0, 3000)


def test_the_words_stored_are_those_of_the_rules():
    assert {state.value for state in State} == set(GroupState.values)
    assert KINDS.keys() == set(GroupKind.values)
    assert {kind.platform for kind in KINDS.values()} == set(Platform.values)


@given(st.sampled_from(State), st.sampled_from(Act), people)
def test_l1_only_what_can_happen_happens(state, act, taken):
    if act in acts(state, taken=taken):
        assert after(state, act, taken=taken) != state
    else:
        with pytest.raises(NotPossible):
            after(state, act, taken=taken)


@given(st.sampled_from(State), people)
def test_l2_a_group_with_people_never_ends(state, taken):
    for act in acts(state, taken=taken):
        assert not taken or after(state, act, taken=taken) not in (State.DIVIDED, State.NEWS, State.ARCHIVED)


@given(st.lists(st.tuples(st.sampled_from(Act), st.sampled_from([0, 0, 1])), max_size=20))
def test_l3_people_have_a_place_only_where_a_group_is_in_use(story):
    """Whoever joins does so while it is in use; so an ended group never had anybody left in it."""
    state, taken = State.PLANNED, 0
    for act, joins in story:
        taken = (taken + joins) if state in IN_USE else 0
        try:
            state = after(state, act, taken=taken)
        except NotPossible:
            continue
        assert taken == 0 or state in IN_USE
    assert state != State.ARCHIVED or not acts(state, taken=0)


@pytest.mark.parametrize("state", [state for state in State if state != State.ARCHIVED])
def test_l4_every_group_can_reach_the_archive(state):
    reached, waiting = {state}, [state]
    while waiting:
        for act in acts(here := waiting.pop(), taken=0):
            follows = after(here, act, taken=0)
            waiting += [follows] if follows not in reached else []
            reached.add(follows)
    assert State.ARCHIVED in reached


@given(st.integers(2, 2000), st.integers(1, 99), st.data())
def test_l5_filling_goes_through_the_stages_in_order(capacity, percent, data):
    order = [Stage.OPEN, Stage.NEARLY_FULL, Stage.FULL]
    few = data.draw(st.integers(0, capacity))
    more = data.draw(st.integers(few, capacity + 5))
    stages = [stage(State.OPEN, people=count, capacity=capacity, percent=percent) for count in (few, more)]
    assert order.index(stages[0]) <= order.index(stages[1])
    assert stage(State.OPEN, people=capacity, capacity=capacity, percent=percent) == Stage.FULL
    assert stage(State.OPEN, people=capacity - 1, capacity=capacity, percent=percent) == Stage.NEARLY_FULL
    assert nearly_full_from(capacity, percent) < capacity


def test_a_space_without_a_limit_is_never_full():
    assert stage(State.OPEN, people=10**6, capacity=0, percent=85) == Stage.OPEN


def test_groups_are_meant_when_only_the_platform_is_named():
    assert usual_kind("whatsapp") == "whatsapp_group"
    assert usual_kind("instagram") == "instagram_channel"
    assert most_people("whatsapp_group", {}) == 1024
    assert most_people("whatsapp_group", {"whatsapp_group": 512}) == 512
    assert all(kind.source.startswith("https://") for kind in KINDS.values())


ADDRESSES = {
    "whatsapp_group": "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV",
    "whatsapp_community": "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV",
    "whatsapp_channel": "https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp",
    "telegram_group": "https://t.me/+AbcdefghijklmnoP",
    "telegram_channel": "https://t.me/connect_up",
    "facebook_group": "https://www.facebook.com/groups/1234567890",
    "facebook_page": "https://www.facebook.com/connect.up",
    "instagram_channel": "https://ig.me/j/AbaBcDeFgHiJkLmN",
    "signal_group": "https://signal.group/#CjQKIAbcdefghijklmnopqrstuvwxyz0123456789",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_knows_its_own_address(kind):
    own = ADDRESSES[kind]
    assert invites.canonical(kind, f"Come in: {own}. http://example.org") == own
    assert invites.canonical(kind, own.replace("https://", "http://")) == own
    others = set(ADDRESSES.values()) - {own}
    strangers = {address for address in others if invites.canonical(kind, address)}
    assert strangers <= ({ADDRESSES["telegram_group"]} if kind == "telegram_channel" else set())
    assert invites.canonical(kind, f"https://evil.example/{own}") is None


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=200))
def test_whatever_is_pasted_is_read_or_refused(kind, text):
    found = invites.canonical(kind, text)
    assert found is None or invites.canonical(kind, found) == found
