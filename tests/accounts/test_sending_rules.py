"""What became of a text, who may try next, and when a sender is left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.accounts.domain.sending import (
    AILING,
    FAILURES,
    SKIPPED_FOR,
    SURELY_NOT_SENT,
    Health,
    Outcome,
    next_may_try,
    outcome_of_reply,
    pause_before_retry,
    taken_together,
)

OUTCOMES = st.sampled_from(list(Outcome))
KINDS = st.sampled_from(["code", "welcome", "receipt"])
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reached", "status", "outcome"),
    [
        (False, None, "down"),
        (True, None, "unknown"),
        (True, 200, "accepted"),
        (True, 202, "accepted"),
        (True, 302, "off"),
        (True, 400, "refused"),
        (True, 401, "off"),
        (True, 403, "off"),
        (True, 404, "refused"),
        (True, 408, "unknown"),
        (True, 422, "refused"),
        (True, 429, "busy"),
        (True, 500, "unknown"),
        (True, 503, "unknown"),
    ],
)
def test_only_a_clear_answer_proves_that_nothing_was_sent(reached, status, outcome):
    assert outcome_of_reply(reached=reached, status=status) == outcome


@given(KINDS, OUTCOMES)
def test_what_was_accepted_is_never_given_to_the_next_sender(kind, outcome):
    assert next_may_try(kind, Outcome.ACCEPTED) is False
    if next_may_try(kind, outcome):
        assert outcome in SURELY_NOT_SENT or kind == "code"


def test_only_a_code_may_arrive_twice():
    assert next_may_try("code", Outcome.UNKNOWN)
    assert not next_may_try("welcome", Outcome.UNKNOWN)


@given(st.lists(OUTCOMES, min_size=1))
def test_several_senders_together_know_the_best_that_one_of_them_said(outcomes):
    together = taken_together(outcomes)
    assert together in outcomes
    assert (together is Outcome.ACCEPTED) == (Outcome.ACCEPTED in outcomes)
    assert (together in SURELY_NOT_SENT) == (set(outcomes) <= SURELY_NOT_SENT)


@given(KINDS, OUTCOMES, st.integers(1, 10), st.one_of(st.none(), st.floats(0, 1000)))
def test_a_sender_tries_again_only_what_was_surely_not_sent_and_not_for_long(kind, outcome, tries, retry_after):
    pause = pause_before_retry(kind, outcome, tries=tries, retry_after=retry_after)
    if pause is not None:
        assert outcome in {Outcome.BUSY, Outcome.DOWN}
        assert tries <= 3
        assert pause <= (1.0 if kind == "code" else 10.0)


def test_whoever_waits_for_a_code_does_not_wait_for_a_provider_that_was_not_reached():
    assert pause_before_retry("code", Outcome.DOWN, tries=1, retry_after=None) is None
    assert pause_before_retry("welcome", Outcome.DOWN, tries=1, retry_after=None) == pytest.approx(0.3)
    assert pause_before_retry("code", Outcome.BUSY, tries=1, retry_after=1.0) == 1.0
    assert pause_before_retry("code", Outcome.BUSY, tries=2, retry_after=1.0) is None


def test_three_failures_in_a_row_skip_a_sender_for_thirty_seconds():
    health = Health().after([Outcome.DOWN, Outcome.UNKNOWN], NOW)
    assert not health.is_skipped(NOW)
    health = health.after([Outcome.OFF], NOW)
    assert health.is_skipped(NOW)
    assert health.is_skipped(NOW + timedelta(seconds=29))
    assert not health.is_skipped(NOW + timedelta(seconds=30))


def test_after_the_pause_one_failure_is_enough_and_one_success_ends_the_count():
    health = Health().after([Outcome.DOWN] * 3, NOW)
    later = NOW + SKIPPED_FOR
    assert health.after([Outcome.DOWN], later).is_skipped(later)
    healed = health.after([Outcome.ACCEPTED], later)
    assert healed == Health()
    assert not healed.after([Outcome.DOWN] * 2, later).is_skipped(later)


@given(st.lists(OUTCOMES))
def test_a_sender_is_skipped_exactly_after_failures_that_no_success_interrupts(outcomes):
    since_success = outcomes[::-1]
    if Outcome.ACCEPTED in since_success:
        since_success = since_success[: since_success.index(Outcome.ACCEPTED)]
    failed = sum(outcome in AILING for outcome in since_success)
    assert Health().after(outcomes, NOW).is_skipped(NOW) == (failed >= FAILURES)
