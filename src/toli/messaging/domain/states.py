"""In which states a message can be, and which news may change it.

A message goes forward only: whatever arrives twice, late or in the wrong order leads to the same end. See
docs/algorithms/delivery.md for the rules D1 to D6.
"""

from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    """``SENDING``: the intent is on disk, the call may have been made. ``UNKNOWN``: the call may have been taken, and
    nobody has told us yet."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Tidings(StrEnum):
    """What a provider reports about a message that it has."""

    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"


# How far a message has come. News of a lower rank than what is known changes nothing (D3).
RANKS = {
    State.QUEUED: 0,
    State.SENDING: 1,
    State.UNKNOWN: 2,
    State.SENT: 3,
    State.FAILED: 4,  # below delivered: a provider that has delivered was wrong to say that it failed
    State.DELIVERED: 5,
    State.READ: 6,
}
UNSENT = frozenset({State.QUEUED})
OPEN = frozenset({State.QUEUED, State.SENDING, State.UNKNOWN})
REACHED = frozenset({State.SENT, State.DELIVERED, State.READ})


def after(state: State, tidings: Tidings) -> State:
    """The state once the provider's word is known. What was called off and went out all the same is shown as sent."""
    reported = State(tidings)
    return reported if RANKS[reported] > RANKS.get(state, 0) else state


def after_all(state: State, news: Iterable[Tidings]) -> State:
    """The state after several words, in whatever order they came."""
    for tidings in news:
        state = after(state, tidings)
    return state
