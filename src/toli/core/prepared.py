"""Statements that a connection plans once. For the few that are long and run for every single person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Prepared:
    """``sql`` names its values $1, $2 ... of these ``types``. ``name`` must be used once in the whole of Toli."""

    name: str
    types: tuple[str, ...]
    sql: str

    def run(self, *values: Any, before: str = "", before_values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows. ``before``: a statement that is sent along and comes first.

        Both travel together, and outside of a transaction they are one: but what ``before`` waited for, the statement
        sees, which a single statement would not.
        """
        self._plan()
        call = f"EXECUTE {self.name} ({', '.join(['%s'] * len(values))})"
        with connection.cursor() as cursor:
            cursor.execute(f"{before}; {call}" if before else call, [*before_values, *values])
            if before:
                cursor.nextset()
            return list(cursor.fetchall())

    def _plan(self) -> None:
        connection.ensure_connection()
        owner: Any
        names: set[str]
        owner, names = getattr(connection, "toli_prepared", (None, set()))
        if owner is not connection.connection:
            names = set()
            connection.toli_prepared = (connection.connection, names)  # type: ignore[attr-defined]
            with connection.cursor() as cursor:  # else the first five times are planned one by one, which costs more
                cursor.execute("SET plan_cache_mode = force_generic_plan")  # than to do them
        if self.name not in names:
            with connection.cursor() as cursor:
                cursor.execute(f"PREPARE {self.name} ({', '.join(self.types)}) AS {self.sql}")
            names.add(self.name)
