"""A membership as a chain of versions: where, of which class and until when somebody was a member, day by day.

The present version has no end. Whatever changes closes it and begins the next, on the day from which the change
holds; a change on the day on which a version began leaves that version without a day. Versions are never written
over, so that two questions can be told apart: what held on a day, and what was known about it at a moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

DAY = timedelta(days=1)
ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Version:
    """What held of one member from ``from_on`` to ``to_on`` (both included). The present one has no ``to_on``.

    ``recorded_at``: when the version was closed. ``begins`` and ``ends``: the term of the membership.
    """

    territory_id: int
    grade: str
    state: str
    begins: date
    ends: date
    from_on: date
    to_on: date | None = None
    recorded_at: datetime | None = None
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """It held on no day: it was changed again, or found to be wrong, on the day on which it began."""
        return self.to_on is not None and self.to_on < self.from_on

    def is_membership(self, day: date) -> bool:
        """Whether somebody with this version is a member on the day."""
        return self.state == ACTIVE and self.begins <= day <= self.ends


def turn(since: date, on: date) -> tuple[date, date]:
    """Last day of the version that began on ``since``, and first day of the one that follows from ``on`` on.

    A change cannot reach back behind the version that it ends: what held before is settled.
    """
    first = max(since, on)
    return first - DAY, first


def version_on(chain: Sequence[Version], day: date, known_at: datetime | None = None) -> Version | None:
    """The version that held on the day, as it was known at a moment (now): the chain is in order of time.

    A version that was closed only after the moment was thought to go on; those that follow it were not there yet.
    """
    known = list(chain)
    if known_at is not None:
        later = [place for place, item in enumerate(chain) if item.recorded_at and item.recorded_at > known_at]
        known = list(chain[: later[0] + 1]) if later else known
    for version in reversed(known):
        if version is known[-1]:
            if version.from_on <= day:
                return version
        elif version.to_on is not None and version.from_on <= day <= version.to_on:
            return version
    return None


def is_sound(chain: Sequence[Version]) -> bool:
    """Each version follows the one before without a gap and without a day in common; only the last has no end."""
    closed = all(version.to_on is not None for version in chain[:-1])
    return closed and all(
        earlier.to_on is not None and later.from_on == earlier.to_on + DAY for earlier, later in pairwise(chain)
    )


def stretches(chain: Sequence[Version]) -> list[Version]:
    """The chain as people read it: without versions that held on no day, and what is alike in one piece."""
    shown: list[Version] = []
    for version in chain:
        if version.is_empty:
            continue
        if shown and _alike(shown[-1], version):
            before = shown.pop()
            version = Version(
                version.territory_id,
                version.grade,
                version.state,
                version.begins,
                version.ends,
                before.from_on,
                version.to_on,
                version.recorded_at,
                version.reason,
            )
        shown.append(version)
    return shown


def _alike(one: Version, other: Version) -> bool:
    return (one.territory_id, one.grade, one.state, one.begins, one.ends) == (
        other.territory_id,
        other.grade,
        other.state,
        other.begins,
        other.ends,
    )
