"""What a list of members is narrowed down to. It stands in the address of the page and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

STATES = ("active", "lapsed", "held")
GRADES = ("primary", "active")
YES = "1"


@dataclass(frozen=True, slots=True)
class Sieve:
    """Empty: every active member. ``card`` and ``seat``: only those without one. ``since``: joined on this day or
    later. ``drive``: its code."""

    state: str = ""
    grade: str = ""
    drive: str = ""
    since: date | None = None
    card: bool = False
    seat: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """Out of an address that anybody may have written: what is not known there is passed by."""
        try:
            since = date.fromisoformat(query.get("since", ""))
        except ValueError:
            since = None
        state, grade = query.get("state", ""), query.get("grade", "")
        return cls(
            state=state if state in STATES else "",
            grade=grade if grade in GRADES else "",
            drive=query.get("drive", "")[:40],
            since=since,
            card=query.get("card") == YES,
            seat=query.get("seat") == YES,
        )

    @property
    def query(self) -> dict[str, str]:
        """What stands in the address; nothing of an empty sieve."""
        found = {
            "state": self.state,
            "grade": self.grade,
            "drive": self.drive,
            "since": self.since.isoformat() if self.since else "",
            "card": YES if self.card else "",
            "seat": YES if self.seat else "",
        }
        return {name: value for name, value in found.items() if value}

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.query)


ALL = Sieve()
