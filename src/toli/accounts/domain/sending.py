"""What became of a text, whether another sender may try it, and when a sender is left alone.

A text that may have been sent is never sent again, but for one kind: a one-time code may arrive twice without harm,
as both copies say the same, while somebody who gets none cannot sign in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CODE, LINK, LINK_AFTER_RESET = "code", "link", "link_after_reset"  # kinds of texts; others add their own
REPEATABLE = frozenset({CODE})
FAILURES = 3  # in a row
SKIPPED_FOR = timedelta(seconds=30)


class Outcome(StrEnum):
    """What is known of one text after one sender, or all of them, have had it."""

    ACCEPTED = "accepted"  # the provider answered that it has it
    UNKNOWN = "unknown"  # it may have been sent: the answer was lost, or told of a fault inside
    BUSY = "busy"  # surely not sent: come back later
    DOWN = "down"  # surely not sent: the provider was not reached
    OFF = "off"  # surely not sent: the provider does not serve us (key, balance, address)
    REFUSED = "refused"  # surely not sent: not this text, or not to this number


SURELY_NOT_SENT = frozenset({Outcome.BUSY, Outcome.DOWN, Outcome.OFF, Outcome.REFUSED})
AILING = frozenset({Outcome.DOWN, Outcome.OFF, Outcome.UNKNOWN})


def outcome_of_reply(*, reached: bool, status: int | None) -> Outcome:
    """What the status of an HTTP answer says. ``status`` None: there was no answer.

    A fault of the provider (5xx, 408) is not proof that nothing was sent. 429 is.
    """
    if not reached:
        return Outcome.DOWN
    if status is None or status >= 500 or status == 408:
        return Outcome.UNKNOWN
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    if status == 429:
        return Outcome.BUSY
    return Outcome.OFF if status in {401, 402, 403} or status < 400 else Outcome.REFUSED


def next_may_try(kind: str, outcome: Outcome) -> bool:
    """Whether another sender may have this text after one ended with ``outcome``."""
    return outcome in SURELY_NOT_SENT or (outcome is Outcome.UNKNOWN and kind in REPEATABLE)


def taken_together(outcomes: Iterable[Outcome]) -> Outcome:
    """What is known after several senders: the best that any of them said."""
    order = list(Outcome)
    return min(outcomes, key=order.index)


def pause_before_retry(kind: str, outcome: Outcome, *, tries: int, retry_after: float | None) -> float | None:
    """Seconds to wait before the same sender tries again; None: it does not.

    Only what was surely not sent, and may be accepted later. Somebody waits for a code, so a code waits a second at
    most, once, and only when the provider asks for it; then the next sender has it. Other texts wait up to ten
    seconds, three times.
    """
    if outcome not in {Outcome.BUSY, Outcome.DOWN} or (kind == CODE and outcome is Outcome.DOWN):
        return None
    allowed, longest = (1, 1.0) if kind == CODE else (3, 10.0)
    pause = 0.3 * 4 ** (tries - 1) if retry_after is None else retry_after
    return pause if tries <= allowed and pause <= longest else None


@dataclass(frozen=True, slots=True)
class Health:
    """How a sender has fared lately. After three failures in a row it is skipped for 30 seconds; then one more
    failure is enough to skip it again, and one success ends the count."""

    failures: int = 0
    skipped_until: datetime | None = None

    def is_skipped(self, now: datetime) -> bool:
        return self.skipped_until is not None and now < self.skipped_until

    def after(self, outcomes: Iterable[Outcome], now: datetime) -> "Health":
        """Health after these outcomes, in their order. A refusal says nothing about the sender."""
        failures, until = self.failures, self.skipped_until
        for outcome in outcomes:
            if outcome in AILING:
                failures += 1
                until = now + SKIPPED_FOR if failures >= FAILURES else until
            elif outcome is Outcome.ACCEPTED:
                failures, until = 0, None
        return Health(failures, until)
