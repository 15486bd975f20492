"""How long each kind of data is kept, why, and what becomes of it then: one schedule for the whole installation.

Each context declares in its ``retention`` module a term for what it holds about people (its ``personal``
module), or says as long as what it stays. A table about people of which nobody has said either fails a test.
:mod:`toli.rights` carries the schedule out each day and needs to know no context for it.

Two things stop a term: rows about somebody whose request or whose case is open (:func:`hold`), and, for what
is evidence, an open case (:func:`pause_evidence`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import connection

from toli.core import append_only


class After(StrEnum):
    """What becomes of data whose term is over. ``COUNTED``: gone, but a count of it stays."""

    DELETED = "deleted"
    PSEUDONYMISED = "pseudonymised"
    COUNTED = "counted"


class Store(Protocol):
    """Where a kind of data lies."""

    def due(self, before: datetime) -> int:
        """How many things have a term that began before ``before``."""
        ...

    def clear(self, before: datetime, most: int) -> int:
        """Treat at most ``most`` of them, the oldest first. Returns how many; 0: none is left."""
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the schedule.

    ``days``: how long it is kept, unless settings.TOLI_KEEP_DAYS says otherwise, within ``least`` and ``most``
    (``most`` 0: the term cannot be changed). ``since``: from when it counts, in words. ``tables``: which tables
    it speaks for. ``evidence``: nothing of it goes while a case is open. ``batch``: things per transaction.
    """

    key: str
    label: Any  # lazily translated, like since and why
    days: int
    since: Any
    why: Any
    after: After
    store: Store
    tables: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    evidence: bool = False
    batch: int = 1000


@dataclass(frozen=True, slots=True)
class Stay:
    """Tables without a term of their own: kept ``until`` what they belong to ends."""

    what: Any
    tables: tuple[str, ...]
    until: Any
    why: Any


class TermsRefused(SystemExit):
    """settings.TOLI_KEEP_DAYS says what the schedule cannot do. Exits with code 2, the message on stderr."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(2)
        self.problems = problems

    def __str__(self) -> str:
        return "Toli cannot start:\n" + "\n".join(f"  - {problem}" for problem in self.problems)


_terms: dict[str, Term] = {}
_stays: list[Stay] = []
_holds: list[str] = []
_pauses: list[Callable[[], bool]] = []


def register(term: Term) -> None:
    """Add a line to the schedule."""
    if term.key in _terms:
        raise ValueError(f"{term.key} is registered twice")
    _terms[term.key] = term


def stays(*tables: str, what: Any, until: Any, why: Any) -> None:
    """Declare tables that are kept as long as what they belong to."""
    _stays.append(Stay(what, tables, until, why))


def hold(member_ids: str) -> None:
    """Keep what is about the members that this SQL selects (one column), whatever its term."""
    _holds.append(member_ids)


def pause_evidence(open_case: Callable[[], bool]) -> None:
    """Keep all evidence while ``open_case`` answers yes."""
    _pauses.append(open_case)


def terms() -> list[Term]:
    """The schedule, from the lowest context to the highest."""
    return list(_terms.values())


def lasting() -> list[Stay]:
    """What has no term of its own."""
    return list(_stays)


def spoken_of() -> frozenset[str]:
    """Tables that have a term, or something that they stay as long as."""
    found = {table for term in _terms.values() for table in term.tables}
    return frozenset(found | {table for stay in _stays for table in stay.tables})


def days_of(term: Term) -> int:
    """How many days it is kept here."""
    chosen: Mapping[str, int] = settings.TOLI_KEEP_DAYS
    return chosen.get(term.key, term.days)


def is_paused(term: Term) -> bool:
    """Whether nothing of it may go today."""
    return term.evidence and any(open_case() for open_case in _pauses)


def before(term: Term, now: datetime) -> datetime:
    """The moment that divides what is kept from what goes: a term that began at it or earlier is over."""
    return now - timedelta(days=days_of(term))


def check() -> None:
    """Refuse terms that are unknown, or shorter or longer than the law and the product allow. Raises TermsRefused."""
    problems = [
        f"TOLI_KEEP_DAYS: {_problem(key, days)}" for key, days in settings.TOLI_KEEP_DAYS.items() if _problem(key, days)
    ]
    if problems:
        raise TermsRefused(problems)


def _problem(key: str, days: int) -> str:
    term = _terms.get(key)
    if term is None:
        return f"{key} is no line of the schedule: `toli rights retention` shows them all."
    if term.most == 0:
        return f"{key} cannot be changed: unset it."
    if not term.least <= days <= term.most:
        return f"{key} is {days}: write a number of days from {term.least} to {term.most}."
    return ""


# -- stores ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table, of which those go (or have ``blank`` set, SQL) that ``only`` (SQL) takes.

    ``moment``: SQL for the moment at which the term begins. ``about``: the column with the member's id, whom a
    hold protects. ``guarded``: why rows of an append-only table may go. All SQL is written by us, none comes
    from outside. Rows that somebody is working with are left for the next time.
    """

    table: str
    moment: str
    only: str = "TRUE"
    blank: str = ""
    about: str = ""
    guarded: str = ""
    key: str = "id"

    def due(self, before: datetime) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {self.table} WHERE {self._over()}", [before])  # noqa: S608 ours
            return int(cursor.fetchone()[0])

    def clear(self, before: datetime, most: int) -> int:
        act = f"UPDATE {self.table} SET {self.blank}" if self.blank else f"DELETE FROM {self.table}"  # noqa: S608 ours
        with self._door(), connection.cursor() as cursor:
            cursor.execute(
                f"WITH chosen AS MATERIALIZED ({self._chosen()}) {act} WHERE {self.key} IN (TABLE chosen)",
                [before, most],
            )
            return int(cursor.rowcount)

    def over(self, before: datetime, most: int) -> list[int]:
        """The keys of the oldest ``most`` rows that are over, locked until the transaction ends."""
        with connection.cursor() as cursor:
            cursor.execute(self._chosen(), [before, most])
            return [row[0] for row in cursor.fetchall()]

    def _chosen(self) -> str:
        return (
            f"SELECT {self.key} FROM {self.table} WHERE {self._over()}"  # noqa: S608 ours
            f" ORDER BY {self.key} LIMIT %s FOR UPDATE SKIP LOCKED"
        )

    def _over(self) -> str:
        held = _not_held(f"{self.table}.{self.about}") if self.about else ""
        return f"({self.only}) AND ({self.moment}) <= %s{held}"

    def _door(self) -> AbstractContextManager[None]:
        return append_only.opened(self.guarded) if self.guarded else nullcontext()


def _not_held(member_id: str) -> str:
    """SQL: the member in this column is not on hold."""
    return "".join(f" AND NOT COALESCE({member_id} IN ({held}), FALSE)" for held in _holds)


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a folder that nobody has written to since."""

    folder: Callable[[], Path]
    pattern: str

    def due(self, before: datetime) -> int:
        return sum(1 for _path in self._over(before))

    def clear(self, before: datetime, most: int) -> int:
        paths = sorted(self._over(before), key=lambda path: path.stat().st_mtime)[:most]
        for path in paths:
            path.unlink(missing_ok=True)
        return len(paths)

    def _over(self, before: datetime) -> Iterator[Path]:
        for path in self.folder().glob(self.pattern):
            if path.is_file() and path.stat().st_mtime <= before.timestamp():
                yield path


@dataclass(frozen=True, slots=True)
class Acts:
    """What only a service can do."""

    count: Callable[[datetime], int]
    act: Callable[[datetime, int], int]

    def due(self, before: datetime) -> int:
        return self.count(before)

    def clear(self, before: datetime, most: int) -> int:
        return self.act(before, most)
