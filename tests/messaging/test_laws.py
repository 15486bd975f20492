"""What is decided without clock, database and network: states, verdicts, places in time."""

import heapq
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.integrations.whatsapp_cloud.verdicts import CODES, receipt_of, verdict_of
from toli.messaging.domain.pacing import LATE, Pace, Places, spacing
from toli.messaging.domain.states import RANKS, State, Tidings, after, after_all
from toli.messaging.domain.stop_words import LANGUAGES as LANGUAGES_OF_STOP
from toli.messaging.domain.stop_words import language_of_stop
from toli.messaging.domain.verdicts import (
    MOST_ATTEMPTS,
    TABLE,
    Effect,
    Resend,
    Verdict,
    consequence,
    may_resend,
)

NEWS = st.lists(st.sampled_from(Tidings), max_size=8)


class TestStates:
    @given(st.sampled_from(State), NEWS, st.randoms())
    def test_d3_news_leads_to_the_same_end_in_any_order_and_told_twice(self, state, news, random):
        again = [*news, *news]
        random.shuffle(again)
        assert after_all(state, news) == after_all(state, again)

    @given(st.sampled_from(State), st.sampled_from(Tidings))
    def test_d3_a_message_never_goes_back(self, state, tidings):
        assert RANKS.get(after(state, tidings), 0) >= RANKS.get(state, 0)

    @pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN, State.QUEUED, State.EXPIRED, State.CANCELLED])
    def test_what_arrived_is_known_to_have_arrived(self, state):
        assert after(state, Tidings.DELIVERED) is State.DELIVERED


class TestVerdicts:
    def test_each_verdict_has_its_rule(self):
        assert set(TABLE) == set(Verdict)

    @given(st.sampled_from(Verdict), st.integers(1, 30), st.none() | st.floats(0, 1e6))
    def test_what_may_have_been_taken_is_never_queued(self, verdict, attempts, retry_after):
        then = consequence(verdict, attempts=attempts, retry_after=retry_after)
        if verdict is Verdict.UNKNOWN:
            assert (then.state, then.effect) == (State.UNKNOWN, Effect.NONE)
        assert then.wait >= timedelta(0)

    @pytest.mark.parametrize("verdict", [Verdict.NOT_REACHED, Verdict.SLOW_SENDER, Verdict.SLOW_RECIPIENT])
    def test_after_eight_calls_it_has_failed(self, verdict):
        assert consequence(verdict, attempts=MOST_ATTEMPTS - 1).state is State.QUEUED
        assert consequence(verdict, attempts=MOST_ATTEMPTS).state is State.FAILED

    def test_a_pause_that_the_provider_names_is_kept(self):
        assert consequence(Verdict.SLOW_SENDER, attempts=1, retry_after=17).wait == timedelta(seconds=17)

    @given(st.sampled_from(Resend), st.integers(0, 100))
    def test_only_a_batch_made_so_is_sent_again_and_only_after_its_window(self, policy, hours):
        again = may_resend(policy, unknown_for=timedelta(hours=hours), window=timedelta(hours=26))
        assert again == (policy is Resend.RESEND and hours >= 26)

    @pytest.mark.parametrize(
        ("word", "language"),
        [
            ("STOP", "en"), (" stop. ", "en"), ("*Unsubscribe*", "en"), ("ＳＴＯＰ", "en"), ("stop\u200b  all!", "en"),
            ("बंद", "hi"), ("बंद  करें।", "hi"), ("Band karo", "hi"), ("थांबवा", "mr"), ("بند کرو", "ur"),
        ],
    )  # fmt: skip
    def test_stop_is_understood_in_the_language_that_it_is_in(self, word, language):
        assert language_of_stop(word) == language
        assert language_of_stop(f"please do not {word} now") is None

    @pytest.mark.parametrize(
        ("word", "language"),
        [
            ("STOP JANSET", "en"), ("stop vm-janset", "en"), ("Stop: AD-JANSET-P", "en"), ("STOP ALL JANSET", "en"),
            ("JANSET बंद करें", "hi"), ("janset band karo", "hi"), ("STOP OTHERS", None), ("JANSET", None),
            ("STOP JANSETS", None), ("STOPJANSET", None), ("JANSET meeting", None), ("STOP ALL", "en"),
            ("सब बंद करो", "hi"), ("स्टॉप ऑल", "hi"), ("STOP Jan  Setu", "en"),
        ],
    )  # fmt: skip
    def test_the_name_that_messages_came_from_may_stand_beside_it(self, word, language):
        assert language_of_stop(word, ("JANSET", "Jan Setu", "")) == language

    @given(st.text(), st.lists(st.text(), max_size=3))
    def test_whatever_is_written_is_read(self, text, names):
        assert language_of_stop(text, names) in {None, *LANGUAGES_OF_STOP}


class TestCodes:
    """The table of the issue: what each code of the Cloud API means."""

    @pytest.mark.parametrize(
        ("code", "verdict", "effect"),
        [
            (130429, Verdict.SLOW_SENDER, Effect.SLOW_SENDER),
            (80007, Verdict.SLOW_SENDER, Effect.SLOW_SENDER),
            (131056, Verdict.SLOW_RECIPIENT, Effect.SLOW_RECIPIENT),
            (131026, Verdict.OTHER_CHANNEL, Effect.OTHER_CHANNEL),
            (131047, Verdict.OTHER_CHANNEL, Effect.OTHER_CHANNEL),
            (131048, Verdict.STOP_BATCH, Effect.STOP_BATCH),
            (131049, Verdict.NOT_TODAY, Effect.SLOW_RECIPIENT_FOR_A_DAY),
            (131050, Verdict.OPTED_OUT, Effect.OPT_OUT),
            (132000, Verdict.STOP_TEMPLATE, Effect.STOP_TEMPLATE),
            (132015, Verdict.STOP_TEMPLATE, Effect.STOP_TEMPLATE),
            (190, Verdict.PAUSE_SENDER, Effect.PAUSE_SENDER),
            (368, Verdict.PAUSE_SENDER, Effect.PAUSE_SENDER),
            (131000, Verdict.UNKNOWN, Effect.NONE),
            (100, Verdict.REFUSED, Effect.NONE),
        ],
    )
    def test_a_code_means_what_it_says(self, code, verdict, effect):
        receipt = receipt_of(400, {"error": {"code": code}})
        assert (receipt.verdict, receipt.code) == (verdict, str(code))
        assert consequence(verdict, attempts=1).effect is effect

    @given(st.integers(-5, 200_000), st.sampled_from([400, 401, 429, 500, 503]))
    def test_every_code_has_a_verdict(self, code, status):
        assert verdict_of(code, status) in set(Verdict) - {Verdict.ACCEPTED, Verdict.NOT_BEGUN, Verdict.POISON}

    @given(st.none() | st.integers() | st.text() | st.dictionaries(st.text(), st.integers()), st.integers(100, 599))
    def test_an_answer_that_says_nothing_is_never_told_as_taken(self, answer, status):
        receipt = receipt_of(status, answer)
        assert receipt.verdict is not Verdict.ACCEPTED
        if 200 <= status < 300 or status >= 500:
            assert receipt.verdict is Verdict.UNKNOWN

    def test_no_code_is_both_a_template_and_something_else(self):
        assert not [code for code in CODES if 132000 <= code < 133000]


class TestPlaces:
    @given(
        st.floats(1, 2000),
        st.lists(st.tuples(st.integers(1, 40), st.floats(0, 0.3)), min_size=1, max_size=30),
        st.randoms(),
    )
    def test_l1_no_window_of_a_second_holds_more_than_the_limit(self, per_second, takes, random):
        """Several processes take places in turn; each message leaves up to LATE after its place."""
        gap, ready, now, leaving = spacing(per_second), 0.0, 0.0, []
        for wanted, pause in takes:
            now += pause
            start = max(ready, now)
            leaving += [start + gap * number + random.uniform(0, LATE) for number in range(wanted)]
            ready = start + gap * wanted
        window: list[float] = []
        for moment in sorted(leaving):
            while window and window[0] <= moment - 1 + 1e-9:
                heapq.heappop(window)
            heapq.heappush(window, moment)
            assert len(window) <= max(per_second, 1)

    @given(st.floats(5, 2000))
    def test_the_limit_is_nearly_used(self, per_second):
        assert 1 / spacing(per_second) >= per_second * 0.93 - 1

    def test_a_place_that_was_missed_is_given_up(self):
        pace = Pace()
        pace.fill(Places(3, 0.0, 0.1), now=10.0)
        assert pace.next(10.0) == 10.0
        assert pace.next(10.19) == pytest.approx(10.2)
        assert pace.next(10.2) is None
