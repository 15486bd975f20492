"""Which state of a kit follows which."""

from collections.abc import Mapping

TRANSITIONS: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"in_review"}),
    "in_review": frozenset({"approved", "draft"}),
    "approved": frozenset({"scheduled", "live", "withdrawn"}),
    "scheduled": frozenset({"approved", "live", "withdrawn"}),
    "live": frozenset({"withdrawn"}),
    "withdrawn": frozenset(),
}


def may_become(state: str, wanted: str) -> bool:
    """Whether a kit in ``state`` may go to ``wanted``."""
    return wanted in TRANSITIONS.get(state, frozenset())


def may_approve(*, approver: int | None, writers: frozenset[int], two_people: bool) -> bool:
    """Whether this person may approve what those wrote. The operator (None) stands outside the rule."""
    return not two_people or approver is None or approver not in writers
