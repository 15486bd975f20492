"""The life of a post, and what an answer of the platform means for it. Pure.

Rules P1 to P7: docs/algorithms/posting.md.

queued -> sending -> posted -> deleted
           |   ^  begun: something that nobody sees; the next call goes on from there
           +---+
                  |         -> stays     cannot be deleted by a program: a named person is asked
                  -> unknown             nobody knows whether it stands there: the platform is asked, or a person looks
                  -> failed
queued -> refused (a rule of the law) | expired | cancelled (recalled before it went out)
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """Stored: never renamed, never reused."""

    QUEUED = "queued"
    SENDING = "sending"
    POSTED = "posted"
    UNKNOWN = "unknown"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    STAYS = "stays"


class Verdict(StrEnum):
    """What became of one call, to publish or to delete."""

    DONE = "done"  # it stands there; or it is gone, also if it was gone before
    UNKNOWN = "unknown"  # it may have been taken: the answer was lost, late, or told of a fault inside
    BEGUN = "begun"  # surely nothing to be seen yet; the next call goes on from what was begun
    LATER = "later"  # surely not taken, to be tried again: busy, a quota, no network
    PAUSE = "pause"  # surely not taken, and nothing of this account will be: token, rights, blocked
    REFUSED = "refused"  # surely not taken, and never will be


@dataclass(frozen=True, slots=True)
class Next:
    """What follows for a post. ``wait``: how long it is left alone. ``pause``: its account stands still."""

    state: State
    wait: timedelta = timedelta(0)
    pause: bool = False


MOST_ATTEMPTS = 8
FIRST_WAIT = 5.0  # seconds; doubled with each attempt
LONGEST_WAIT = 3600.0
PAUSED_WAIT = 600.0  # until a deletion is tried again whose account stands still


def after_publishing(verdict: Verdict, *, attempts: int, retry_after: float | None = None) -> Next:
    """What follows from the answer to the ``attempts``-th call to publish. What may stand there is not sent again (P3).

    A wait that the platform names is obeyed and is no reason to give up (P5).
    """
    match verdict:
        case Verdict.DONE:
            return Next(State.POSTED)
        case Verdict.UNKNOWN:
            return Next(State.UNKNOWN)
        case Verdict.REFUSED:
            return Next(State.FAILED)
        case Verdict.BEGUN:
            return Next(State.QUEUED, timedelta(seconds=max(0.0, retry_after or 0.0)))
        case Verdict.PAUSE:
            return Next(State.QUEUED, pause=True)
    return _again(State.QUEUED, State.FAILED, attempts, retry_after)


def after_asking(verdict: Verdict, *, attempts: int, retry_after: float | None = None) -> Next:
    """What follows when the platform was asked, for the ``attempts``-th time, what became of a call (P8).

    Only what surely does not stand there is queued again. As long as nobody knows, it is asked less and less often.
    """
    match verdict:
        case Verdict.DONE:
            return Next(State.POSTED)
        case Verdict.BEGUN | Verdict.LATER:
            return Next(State.QUEUED, timedelta(seconds=max(0.0, retry_after or 0.0)))
        case Verdict.REFUSED:
            return Next(State.FAILED)
    return Next(State.UNKNOWN, _wait(attempts), pause=verdict is Verdict.PAUSE)


def after_deleting(verdict: Verdict, *, attempts: int, retry_after: float | None = None) -> Next:
    """What follows from the answer to the ``attempts``-th call to delete.

    Deleting twice does no harm, so that it is repeated where nobody knows (P7).
    """
    match verdict:
        case Verdict.DONE:
            return Next(State.DELETED)
        case Verdict.REFUSED:
            return Next(State.STAYS)
        case Verdict.PAUSE if attempts < MOST_ATTEMPTS:
            return Next(State.POSTED, timedelta(seconds=PAUSED_WAIT), pause=True)
    return _again(State.POSTED, State.STAYS, attempts, retry_after)


def _again(waiting: State, given_up: State, attempts: int, retry_after: float | None) -> Next:
    if retry_after is not None:
        return Next(waiting, timedelta(seconds=max(0.0, retry_after)))
    if attempts >= MOST_ATTEMPTS:
        return Next(given_up)
    return Next(waiting, _wait(attempts))


def _wait(attempts: int) -> timedelta:
    return timedelta(seconds=min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 20)))
