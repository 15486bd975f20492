"""What a provider's answer means for the message, its recipient, its batch and its sender.

Providers translate their own codes into verdicts; what follows from a verdict is decided here, for all of them alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from toli.messaging.domain.states import State


class Verdict(StrEnum):
    """What became of one call. Below the first two, the message was surely not taken."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"  # it may have been taken: the answer was lost, late, or told of a fault inside
    NOT_BEGUN = "not_begun"  # our own time was over before the call
    NOT_REACHED = "not_reached"  # no byte of it arrived
    SLOW_SENDER = "slow_sender"  # the number sends too fast
    SLOW_RECIPIENT = "slow_recipient"  # too much to this one person
    NOT_TODAY = "not_today"  # this person has had enough for a day
    OTHER_CHANNEL = "other_channel"  # this person cannot be reached this way
    OPTED_OUT = "opted_out"  # this person has said no to the provider
    BLOCKED = "blocked"  # this person has shut us out, whatever we write about
    STOP_BATCH = "stop_batch"  # the provider calls this batch unwanted
    STOP_TEMPLATE = "stop_template"  # the template is paused, missing, or does not fit
    PAUSE_SENDER = "pause_sender"  # key, payment or account: nobody fares better
    REFUSED = "refused"  # not this message
    POISON = "poison"  # it could not even be written


class Effect(StrEnum):
    """What else has to happen, beside the message itself."""

    NONE = ""
    SLOW_SENDER = "slow_sender"
    SLOW_RECIPIENT = "slow_recipient"
    SLOW_RECIPIENT_FOR_A_DAY = "slow_recipient_for_a_day"
    OTHER_CHANNEL = "other_channel"
    OPT_OUT = "opt_out"
    OPT_OUT_OF_ALL = "opt_out_of_all"
    STOP_BATCH = "stop_batch"
    STOP_TEMPLATE = "stop_template"
    PAUSE_SENDER = "pause_sender"


@dataclass(frozen=True, slots=True)
class Consequence:
    """``state`` of the message now; ``wait``: how long a queued one is left alone."""

    state: State
    effect: Effect = Effect.NONE
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Rule:
    state: State
    effect: Effect = Effect.NONE
    wait: float = 0  # seconds, when the provider names none
    grows: bool = False  # doubles with each attempt


DAY = 24 * 3600.0
LONGEST = 3600.0
MOST_ATTEMPTS = 8
TABLE: Mapping[Verdict, _Rule] = {
    Verdict.ACCEPTED: _Rule(State.SENT),
    Verdict.UNKNOWN: _Rule(State.UNKNOWN),
    Verdict.NOT_BEGUN: _Rule(State.QUEUED),
    Verdict.NOT_REACHED: _Rule(State.QUEUED, wait=2, grows=True),
    Verdict.SLOW_SENDER: _Rule(State.QUEUED, Effect.SLOW_SENDER, wait=2, grows=True),
    Verdict.SLOW_RECIPIENT: _Rule(State.QUEUED, Effect.SLOW_RECIPIENT, wait=6, grows=True),
    Verdict.NOT_TODAY: _Rule(State.QUEUED, Effect.SLOW_RECIPIENT_FOR_A_DAY, wait=DAY),
    Verdict.OTHER_CHANNEL: _Rule(State.FAILED, Effect.OTHER_CHANNEL),
    Verdict.OPTED_OUT: _Rule(State.FAILED, Effect.OPT_OUT),
    Verdict.BLOCKED: _Rule(State.FAILED, Effect.OPT_OUT_OF_ALL),
    Verdict.STOP_BATCH: _Rule(State.QUEUED, Effect.STOP_BATCH),
    Verdict.STOP_TEMPLATE: _Rule(State.QUEUED, Effect.STOP_TEMPLATE),
    Verdict.PAUSE_SENDER: _Rule(State.QUEUED, Effect.PAUSE_SENDER),
    Verdict.REFUSED: _Rule(State.FAILED),
    Verdict.POISON: _Rule(State.FAILED),
}
# Waiting for our own time or for a person costs no attempt.
_FREE = frozenset({Verdict.NOT_BEGUN, Verdict.STOP_BATCH, Verdict.STOP_TEMPLATE, Verdict.PAUSE_SENDER})


def consequence(verdict: Verdict, *, attempts: int, retry_after: float | None = None) -> Consequence:
    """What follows from a verdict on the ``attempts``-th call. After eight the message has failed for good."""
    rule = TABLE[verdict]
    if rule.state is State.QUEUED and verdict not in _FREE and attempts >= MOST_ATTEMPTS:
        return Consequence(State.FAILED, rule.effect)
    wait = rule.wait * 2 ** (attempts - 1) if rule.grows else rule.wait
    if rule.grows:
        wait = min(wait, LONGEST)
    if retry_after is not None and rule.state is State.QUEUED:
        wait = max(retry_after, 0)
    return Consequence(rule.state, rule.effect, timedelta(seconds=wait))


class Resend(StrEnum):
    """What is done with a message of which nothing is known when its window closes."""

    FLAG = "flag"  # it stays as it is, for a person to decide: never twice
    RESEND = "resend"  # it is sent again: at least once


def may_resend(policy: Resend, *, unknown_for: timedelta, window: timedelta) -> bool:
    """Whether a message may be sent again by itself: only where its batch was made so, only after the window."""
    return policy is Resend.RESEND and unknown_for >= window
