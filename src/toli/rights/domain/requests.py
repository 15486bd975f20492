"""What members can ask for, and how long the answer may take.

The Digital Personal Data Protection Rules 2025 (India) let the organisation set and publish its own period of
at most 90 days for an answer; ours is settings.TOLI_RIGHTS_DAYS, 30 unless the organisation says otherwise.
"""

from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    COPY = "copy"
    CORRECTION = "correction"
    ERASURE = "erasure"
    NOMINATION = "nomination"
    COMPLAINT = "complaint"


class State(StrEnum):
    """``CONFIRMED``: an erasure that somebody has decided on and a job is carrying out."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DONE = "done"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


WAITING = (State.OPEN.value, State.CONFIRMED.value)
MOST_DAYS = 90  # the law's own limit
COOLING = timedelta(days=3)  # so long an erasure can be taken back: phones get lost, and people get angry
RESERVE = timedelta(days=7)  # an erasure that nobody has decided on is carried out so long before it is due


def due_at(filed_at: datetime, days: int) -> datetime:
    """When the answer has to be there."""
    return filed_at + timedelta(days=min(days, MOST_DAYS))


def not_before(kind: str, filed_at: datetime) -> datetime:
    """The earliest moment at which it may be carried out."""
    return filed_at + COOLING if kind == Kind.ERASURE else filed_at


def days_left(due: datetime, now: datetime) -> int:
    """Whole days until it is due; negative once it is late."""
    return (due - now) // timedelta(days=1)
