"""The life of a group, from the plan to the archive: what may happen to it when.

Stored is a :class:`State`, which changes by acts. How full an open group is follows from its counts at every moment,
so that no stored mark can be out of date: :func:`stage` gives the word for it. Rules L1 to L5:
docs/algorithms/group-lifecycle.md.
"""

from enum import StrEnum


class State(StrEnum):
    """What is stored. The values are those of ``chatgroups.models.GroupState``."""

    PLANNED = "planned"
    ASKED = "asked"
    OPEN = "open"
    DIVIDING = "dividing"
    DIVIDED = "divided"
    NEWS = "news"
    ARCHIVED = "archived"


class Stage(StrEnum):
    """What people see: the state, and for an open group how full it is."""

    PLANNED = "planned"
    ASKED = "asked"
    OPEN = "open"
    NEARLY_FULL = "nearly_full"
    FULL = "full"
    DIVIDING = "dividing"
    DIVIDED = "divided"
    NEWS = "news"
    ARCHIVED = "archived"


class Act(StrEnum):
    """What happens to a group."""

    ASK = "ask"  # a named person, or the platform, is asked to create it
    OPEN = "open"  # its address is known
    DIVIDE = "divide"  # successors were asked for
    KEEP = "keep"  # the division was called off
    EMPTY = "empty"  # everybody has moved
    ANNOUNCE = "announce"  # it is kept for news, its people have their places elsewhere
    ARCHIVE = "archive"


class NotPossible(ValueError):
    """The act cannot happen to a group in this state."""


_NEXT: dict[tuple[State, Act], State] = {
    (State.PLANNED, Act.ASK): State.ASKED,
    (State.PLANNED, Act.ARCHIVE): State.ARCHIVED,
    (State.ASKED, Act.OPEN): State.OPEN,
    (State.ASKED, Act.ARCHIVE): State.ARCHIVED,
    (State.OPEN, Act.DIVIDE): State.DIVIDING,
    (State.OPEN, Act.ARCHIVE): State.ARCHIVED,
    (State.DIVIDING, Act.KEEP): State.OPEN,
    (State.DIVIDING, Act.EMPTY): State.DIVIDED,
    (State.DIVIDED, Act.ANNOUNCE): State.NEWS,
    (State.DIVIDED, Act.ARCHIVE): State.ARCHIVED,
    (State.NEWS, Act.ARCHIVE): State.ARCHIVED,
}
_ENDS = (Act.EMPTY, Act.ANNOUNCE, Act.ARCHIVE)
IN_USE = (State.OPEN, State.DIVIDING)


def after(state: str, act: Act, *, taken: int) -> State:
    """The state that follows.

    L1: only what the table has can happen. L2: a group with people in it does not end: nobody is left behind.

    Raises:
        NotPossible.
    """
    found = _NEXT.get((State(state), act))
    if found is None or (act in _ENDS and taken):
        raise NotPossible(f"{state}: {act}")
    return found


def acts(state: str, *, taken: int) -> frozenset[Act]:
    """All that can happen to the group now."""
    return frozenset(act for (before, act) in _NEXT if before == state and not (act in _ENDS and taken))


def nearly_full_from(capacity: int, percent: int) -> int:
    """The number of people from which on a group is nearly full (L4): never as late as the last place."""
    return min(-(-capacity * percent // 100), capacity - 1)


def stage(state: str, *, people: int, capacity: int, percent: int) -> Stage:
    """The state and how full it is. L3: every open group is in exactly one of the three stages of filling."""
    if state != State.OPEN or not capacity:
        return Stage(state)
    if people >= capacity:
        return Stage.FULL
    return Stage.NEARLY_FULL if people >= nearly_full_from(capacity, percent) else Stage.OPEN
