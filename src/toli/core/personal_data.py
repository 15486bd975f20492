"""What is kept about people, where, and how it is shown to them and erased: one list for the whole installation.

Each context says in its ``personal`` module what it holds. A table that nobody has spoken of fails a test, so
that no copy of a number can hide in a new table. Shown and erased is in one pass over the list
(:mod:`toli.rights`), which therefore needs to know no context.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from toli.core.domain.phone import spellings_pattern

Row = Mapping[str, Any]
ERASED = "…"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is about. ``account_id``: 0 for none. ``phones``: E.164, all that are kept; empty once erased."""

    member_id: int
    account_id: int
    name: str
    phones: tuple[str, ...]


def nothing(_person: Person) -> list[Row]:
    """For what says nothing to the person that other holdings do not say already."""
    return []


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of thing kept about a person.

    ``count``: how many of them there are, and exactly as many as ``erase`` removes or makes nameless.
    ``export``: them as rows for the person's own copy, with the keys of ``fields`` (key -> heading).
    ``kept_because``: why they stay, without name and number; empty when they are removed.
    """

    key: str
    label: Any  # lazily translated
    tables: tuple[str, ...]
    count: Callable[[Person], int]
    erase: Callable[[Person], int]
    export: Callable[[Person], Sequence[Row]] = nothing
    fields: Mapping[str, Any] = field(default_factory=dict)
    kept_because: Any = ""


_holdings: dict[str, Holding] = {}
_free: dict[str, str] = {}
_texts: dict[tuple[str, str], None] = {}


def register(holding: Holding) -> None:
    """Add what a context holds. Contexts speak from the lowest to the highest; erasing goes the other way."""
    if holding.key in _holdings:
        raise ValueError(f"{holding.key} is registered twice")
    _holdings[holding.key] = holding


def free(**tables: str) -> None:
    """Declare tables that hold nothing about members, each with the reason."""
    _free.update(tables)


def free_text(*columns: str) -> None:
    """Declare columns (``table.column``) in which people write what they like, and so perhaps a name or number."""
    for text in columns:
        table, column = text.split(".")
        _texts[table, column] = None


def holdings() -> list[Holding]:
    """Everything, from the lowest context to the highest."""
    return list(_holdings.values())


def declared_tables() -> frozenset[str]:
    """Tables that somebody has spoken of."""
    return frozenset(_free) | {table for holding in _holdings.values() for table in holding.tables}


def personal_tables() -> frozenset[str]:
    """Tables that hold something about people, free text included: each needs a term (core.keeping)."""
    return frozenset(
        {table for holding in _holdings.values() for table in holding.tables} | {table for table, _ in _texts}
    )


# -- what people wrote -----------------------------------------------------------------------------


def mentions(person: Person) -> int:
    """In how many fields of free text the person's number, or full name of several words, stands."""
    return sum(_run((person,), "SELECT count(*) FROM {table} WHERE {column}::text ~* %s", fetch=True))


def blot_out(*people: Person) -> int:
    """Replace their numbers and full names by ``…`` there, in one pass for all. Returns in how many fields."""
    return sum(
        _run(
            people,
            "UPDATE {table} SET {column} = regexp_replace({column}::text, %s, %s, 'gi')::{kind}"
            " WHERE {column}::text ~* %s",
            fetch=False,
        )
    )


def _run(people: Sequence[Person], statement: str, *, fetch: bool) -> Iterator[int]:
    pattern = "|".join(filter(None, (_pattern(person) for person in people)))
    if not pattern:
        return
    with connection.cursor() as cursor:
        for table, column in _texts:
            kind = _kind(cursor, table, column)
            sql = statement.format(table=f'"{table}"', column=f'"{column}"', kind=kind)
            cursor.execute(sql, [pattern] if fetch else [pattern, ERASED, pattern])
            yield int(cursor.fetchone()[0]) if fetch else int(cursor.rowcount)


def _pattern(person: Person) -> str:
    """A POSIX expression; empty when there is nothing to look for. One word is no full name: it would blot out
    what is written about namesakes."""
    parts = [spellings_pattern(phone) for phone in person.phones]
    words = person.name.split()
    if len(words) > 1:
        parts.append(r"\s+".join(re.escape(word) for word in words))
    return "|".join(f"({part})" for part in parts)


def _kind(cursor: Any, table: str, column: str) -> str:
    cursor.execute(
        "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
        [table, column],
    )
    return str(cursor.fetchone()[0])
