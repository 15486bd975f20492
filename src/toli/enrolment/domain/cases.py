"""In which order cases are looked at, and what one person may decide alone."""

from datetime import timedelta

MOST_ALONE = 20  # memberships that one person may refuse; more need a second
RESTORE_WITHIN = timedelta(days=30)
REASON_LENGTH = (5, 200)
_KINDS = {"not_me": 0, "call_back": 1, "velocity": 2}  # somebody was made a member against their will: nothing is worse


def harm(kind: str, held: int, count: int) -> tuple[int, int, int]:
    """Sort key: people who never joined first, then whoever keeps most people waiting."""
    return _KINDS[kind], -held, -count


def needs_second(people: int) -> bool:
    """Whether refusing so many takes two."""
    return people > MOST_ALONE
