"""What accepted challenges change in a certified roll: numbered supplements. The roll itself never changes.

Each supplement has a hash of its own, which covers the hash of the roll and that of the supplement before: none can be
changed, left out or put in without all that follow. See docs/algorithms/roll.md.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import attrgetter

from toli.rolls.domain.roll import Line

SUPPLEMENT_FORM = "toli-roll-supplement-1"
DAYS, MOST_DAYS = 14, 90  # in which a certified roll can be challenged, unless its officer says otherwise


class Act(StrEnum):
    """What an entry does to the roll."""

    ADDED = "+"
    REMOVED = "-"
    CHANGED = "="


class DoesNotFit(ValueError):
    """An entry adds somebody who is there already, or takes or changes somebody who is not."""


@dataclass(frozen=True, slots=True)
class SupplementHead:
    """Which supplement of which roll. ``roll``: its hash; ``previous``: the hash of the one before, or of the roll."""

    territory: str
    day: date
    number: int
    roll: str
    previous: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. Of somebody who was removed only the mark is said."""

    act: Act
    ref: str
    grade: str = ""
    place: str = ""
    commitment: str = ""

    def text(self) -> str:
        return f"{self.act}{self.ref}|{self.grade}|{self.place}|{self.commitment}"


def supplement_hash(head: SupplementHead, entries: Iterable[Entry]) -> str:
    """SHA-256 over the canonical form, in hexadecimal. The entries come in any order."""
    ordered = sorted(entries, key=attrgetter("ref"))
    text = [
        SUPPLEMENT_FORM,
        f"territory={head.territory}",
        f"day={head.day.isoformat()}",
        f"number={head.number}",
        f"roll={head.roll}",
        f"previous={head.previous}",
        f"lines={len(ordered)}",
        *(entry.text() for entry in ordered),
    ]
    return hashlib.sha256("".join(f"{row}\n" for row in text).encode()).hexdigest()


def applied(lines: Mapping[str, Line], entries: Iterable[Entry]) -> dict[str, Line]:
    """The lines, by mark, as they stand after a supplement. Raises DoesNotFit."""
    standing = dict(lines)
    for entry in entries:
        if (entry.ref in standing) == (entry.act is Act.ADDED):
            raise DoesNotFit(entry.ref)
        if entry.act is Act.REMOVED:
            del standing[entry.ref]
        else:
            standing[entry.ref] = Line(entry.place, entry.ref, entry.grade, entry.commitment)
    return standing
