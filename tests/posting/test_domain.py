"""What has to stand in a post stands there; what follows from each answer."""

from datetime import timedelta

import pytest

from toli.content.domain.platforms import utf16
from toli.posting.domain.composing import Words, compose, language_of
from toli.posting.domain.forecast import Room, duration
from toli.posting.domain.states import MOST_ATTEMPTS, State, Verdict, after_deleting, after_publishing

WORDS = Words("Title", "Text", "https://example.org", "Published by us", "Made with the help of AI")


class TestComposing:
    def test_p6_only_the_title_may_be_left_out(self):
        whole = compose(WORDS, most=1000)
        assert whole == "Title\n\nText\n\nhttps://example.org\n\nPublished by us\nMade with the help of AI"
        assert compose(WORDS, most=len(whole) - 1) == whole.removeprefix("Title\n\n")
        assert compose(WORDS, most=len(whole) - len("Title\n\n") - 1) is None

    def test_it_is_counted_as_the_platform_counts(self):
        words = Words("", "🙂" * 10, "", "")
        assert compose(words, most=10) is not None
        assert compose(words, most=19, count=utf16) is None

    def test_the_place_has_its_language_then_the_plan(self):
        assert language_of("en", ["hi"]) == "en"
        assert language_of("", ["en", "hi"]) == "en"
        assert language_of("", []) == "hi"


class TestStates:
    def test_p3_what_may_stand_there_is_not_sent_again(self):
        assert after_publishing(Verdict.UNKNOWN, attempts=1).state is State.UNKNOWN

    @pytest.mark.parametrize("verdict", list(Verdict))
    def test_every_answer_leads_somewhere(self, verdict):
        assert after_publishing(verdict, attempts=1).state in State
        assert after_deleting(verdict, attempts=1).state in (State.POSTED, State.DELETED, State.STAYS)

    def test_p5_a_wait_that_was_asked_for_is_obeyed_and_no_reason_to_give_up(self):
        then = after_publishing(Verdict.LATER, attempts=100, retry_after=17)
        assert (then.state, then.wait) == (State.QUEUED, timedelta(seconds=17))

    def test_trying_ends(self):
        assert after_publishing(Verdict.LATER, attempts=MOST_ATTEMPTS).state is State.FAILED
        assert after_deleting(Verdict.LATER, attempts=MOST_ATTEMPTS).state is State.STAYS
        assert after_publishing(Verdict.LATER, attempts=1).wait < after_publishing(Verdict.LATER, attempts=2).wait

    def test_an_account_that_is_blocked_stands_still_and_its_posts_wait(self):
        then = after_publishing(Verdict.PAUSE, attempts=1)
        assert (then.state, then.pause) == (State.QUEUED, True)


class TestForecast:
    def test_all_at_the_rate_of_the_platform_and_one_without_room_a_day_later(self):
        assert duration([Room(None)] * 50, per_second=25) == timedelta(seconds=2)
        assert duration([Room(3), Room(0)], per_second=25) == timedelta(days=1)
        assert duration([], per_second=25) == timedelta(0)
