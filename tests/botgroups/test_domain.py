"""Rules T1 to T4, without a database."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from toli.botgroups.domain.deciding import Asker, Moment, Reason, gives_up_seat, is_news, why_not
from toli.botgroups.domain.pausing import LONGEST, TRIES, pause_after
from toli.integrations.telegram_groups.reading import is_wanted

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
askers = st.builds(Asker, st.booleans(), st.booleans(), st.booleans(), st.none() | st.integers(1, 3))
moments = st.builds(
    Moment, st.integers(0, 5).map(lambda second: NOON + timedelta(seconds=second)), st.integers(1, 1000)
)


@given(askers, st.integers(1, 3))
def test_t1_only_an_active_card_holder_whose_seat_is_there_is_let_in(asker, group):
    let_in = why_not(asker, group) is None
    assert let_in == (asker.known and asker.active and asker.has_card and asker.seat_group == group)


def test_t1_the_first_reason_is_told():
    assert why_not(Asker(known=False), 1) is Reason.UNKNOWN
    assert why_not(Asker(True, True, False, 1), 1) is Reason.NO_CARD
    assert why_not(Asker(True, True, True, None), 1) is Reason.NO_PLACE
    assert why_not(Asker(True, True, True, None, link_changes=True), 1) is Reason.LINK_CHANGES
    assert why_not(Asker(True, True, True, 2), 1) is Reason.OTHER_GROUP


@given(st.lists(st.tuples(moments, st.booleans()), unique_by=lambda item: item[0], min_size=1), st.randoms())
def test_t2_in_whatever_order_and_however_often_news_comes_the_end_is_the_same(news, luck):
    def end(order):
        known, inside = None, False
        for moment, there in order:
            if is_news(moment, known):
                known, inside = moment, there
        return inside

    shuffled = news * 2
    luck.shuffle(shuffled)
    assert end(shuffled) == end(sorted(news))


def test_t3_an_old_departure_does_not_cost_the_present_seat():
    assert gives_up_seat(NOON, NOON - timedelta(hours=1))
    assert gives_up_seat(NOON, NOON + timedelta(milliseconds=700)), "the same second, which is all the platform says"
    assert not gives_up_seat(NOON, NOON + timedelta(seconds=1))


@given(st.integers(0, 40), st.none() | st.floats(0, 10_000))
def test_t4_what_the_platform_asks_for_is_obeyed_and_everything_else_ends(tries, asked):
    pause = pause_after(tries, asked)
    if asked is not None:
        assert pause == asked
    else:
        assert pause is None if tries >= TRIES else 0 < pause <= LONGEST


def test_what_people_write_is_not_wanted():
    assert not is_wanted({"update_id": 1, "message": {"text": "hello"}})
    assert not is_wanted({"update_id": 1, "message": {"photo": []}})
    assert not is_wanted({"update_id": 1, "poll": {}})
    assert is_wanted({"update_id": 1, "message": {"text": "/start abc"}})
    assert is_wanted({"update_id": 1, "chat_member": {}})
