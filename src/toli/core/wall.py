"""The second wall: PostgreSQL itself shows an actor no row outside their area (row-level security).

The first wall is the scope that every selector takes. Should a filter be forgotten there, this one makes
the query return nothing rather than everything. Each context declares in its ``walls`` module who may see
the rows of its tables; :func:`build` turns that into policies after every migration. The policies bind the
role ``toli_app``, which owns no table: pages work under it, with the actor's area set for the transaction
(:func:`behind`). Commands of the operator and background jobs work as the owner, whom policies do not bind.

What it does not do: SQL that an attacker injects could set the area as well. It guards against our own
omissions; parameters in every query guard against injection. See docs/decisions/0012.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from django.apps import AppConfig
from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

ROLE = "toli_app"
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a transaction may see: branches (paths, separated by blanks, or ``*``) and what is one account's own."""

    scope: str = ""
    account: str = ""


NOTHING = Outlook()


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may see (``using``) and who may write (``check``, the same unless told otherwise) a table's rows.

    SQL conditions. ``verbs``: what the application may do to the table at all.
    """

    using: str
    check: str = ""
    verbs: str = "SELECT, INSERT, UPDATE, DELETE"


_rules: dict[str, Rule] = {}
_open: dict[str, str] = {}


def protect(table: str, rule: Rule) -> None:
    """Let ``rule`` hold for ``table``. Without a condition only the table's verbs are limited."""
    _rules[table] = rule


def leave_open(**tables: str) -> None:
    """Declare tables whose rows every signed-in actor's pages may read, each with the reason."""
    _open.update(tables)


def declared() -> frozenset[str]:
    """Tables that have a rule or a reason for having none."""
    return frozenset(_rules) | frozenset(_open)


def rules() -> dict[str, Rule]:
    """The rule of each protected table."""
    return dict(_rules)


# -- conditions, for the contexts' declarations. ``column`` is ``table.column``: a bare name would be
# -- taken for a column of the table that the condition looks into, and hold for every row. -------------

_SCOPE = "(SELECT current_setting('toli.scope', true))"
ALL = f"{_SCOPE} = '{EVERYWHERE}'"


def territory(column: str) -> str:
    """The row's territory stands in a branch of the actor's area."""
    return (
        f"{ALL} OR EXISTS (SELECT 1 FROM territories_node seen WHERE seen.territory_id = {_full(column)}"
        f" AND seen.valid_to IS NULL AND seen.path ^@ ANY (string_to_array({_SCOPE}, ' ')))"
    )


def country() -> str:
    """The actor's area is the whole main tree: no root of it lies outside."""
    return (
        f"{ALL} OR {_SCOPE} <> '' AND NOT EXISTS ("
        "SELECT 1 FROM territories_node root JOIN territories_tree tree ON tree.id = root.tree_id"
        " WHERE tree.is_main AND root.parent_id IS NULL AND root.valid_to IS NULL"
        f" AND NOT COALESCE(root.path ^@ ANY (string_to_array({_SCOPE}, ' ')), false))"
    )


def own_account(column: str) -> str:
    """The row belongs to the account that acts."""
    return f"{_full(column)} = NULLIF((SELECT current_setting('toli.account', true)), '')::bigint"


def parent(table: str, column: str) -> str:
    """The row hangs from a row of ``table`` that can itself be seen."""
    return f"{ALL} OR EXISTS (SELECT 1 FROM {table} seen WHERE seen.id = {_full(column)})"


def either(*conditions: str) -> str:
    """At least one of the conditions holds."""
    return " OR ".join(f"({condition})" for condition in conditions)


def _full(column: str) -> str:
    if "." not in column:
        raise ValueError(f"{column} must be written as table.column")
    return column


# -- building ------------------------------------------------------------------------------------------

_MAKE_ROLE = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}') THEN
    BEGIN
      CREATE ROLE {ROLE} NOLOGIN;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this server was quicker
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'Toli needs the role {ROLE}. Ask the server''s administrator to run: '
          'CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO %;', current_user;
    END;
  END IF;
  IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN
    EXECUTE format('GRANT {ROLE} TO %I', current_user);
  END IF;
END $$
"""


def build(sender: AppConfig | None = None, **_options: Any) -> None:
    """Bring role, grants and policies up to date. Runs after every migration; safe to repeat."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MAKE_ROLE)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
        present = set(connection.introspection.table_names(cursor))
        for table, rule in _rules.items():
            if table in present:
                _raise_wall(cursor, table, rule)


def _raise_wall(cursor: Any, table: str, rule: Rule) -> None:
    cursor.execute(f"REVOKE ALL ON {table} FROM {ROLE}; GRANT {rule.verbs} ON {table} TO {ROLE}")
    if not rule.using:
        return
    cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    cursor.execute(f"DROP POLICY IF EXISTS seen ON {table}; DROP POLICY IF EXISTS written ON {table}")
    if not rule.check:
        cursor.execute(f"CREATE POLICY seen ON {table} TO {ROLE} USING ({rule.using}) WITH CHECK ({rule.using})")
        return
    cursor.execute(f"CREATE POLICY seen ON {table} FOR SELECT TO {ROLE} USING ({rule.using})")
    if "UPDATE" not in rule.verbs and "DELETE" not in rule.verbs:  # added to only: ``check`` shows nothing
        cursor.execute(f"CREATE POLICY written ON {table} FOR INSERT TO {ROLE} WITH CHECK ({rule.check})")
        return
    cursor.execute(f"CREATE POLICY written ON {table} TO {ROLE} USING ({rule.check}) WITH CHECK ({rule.check})")


# -- standing behind it --------------------------------------------------------------------------------


def enclose() -> None:
    """Put every connection of this process behind the wall from its first query on (web processes)."""
    connection_created.connect(_enter, dispatch_uid="toli.core.wall")


def _enter(connection: BaseDatabaseWrapper, **_options: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
    connection.toli_enclosed = True  # type: ignore[attr-defined]


@contextmanager
def behind(*, paths: Sequence[str] = (), account: int | None = None) -> Iterator[None]:
    """A transaction in which only rows of these branches, and the account's own, exist."""
    alone = not connection.in_atomic_block
    with transaction.atomic(), _looking_out(Outlook(" ".join(paths), str(account or "")), alone=alone):
        yield


@contextmanager
def lifted(why: str) -> Iterator[None]:
    """Look at every row for a moment, where a service has to: to find a card by its number, a free seat.

    ``why`` is for readers: each use is a hole that has to be justified. Does nothing where no wall stands.
    """
    if not why:
        raise ValueError("say why the wall is lifted")
    current = _outlook()
    if current is None:
        yield
        return
    alone = not connection.in_atomic_block
    own = transaction.atomic() if alone else nullcontext()
    with own, _looking_out(replace(current, scope=EVERYWHERE), alone=alone):
        yield


def _outlook() -> Outlook | None:
    """What this connection sees now; None for the owner, who sees everything."""
    connection.ensure_connection()  # one that is opened only now has to enter first
    enclosed = NOTHING if getattr(connection, "toli_enclosed", False) else None
    return getattr(connection, "toli_outlook", None) or enclosed


@contextmanager
def _looking_out(outlook: Outlook, *, alone: bool) -> Iterator[None]:
    """The earlier outlook comes back at the end: by itself with a transaction that is ``alone`` ours."""
    before = getattr(connection, "toli_outlook", None)
    _set(outlook)
    try:
        yield
    except DatabaseError:
        connection.toli_outlook = before  # type: ignore[attr-defined]
        raise  # it can only be caught outside a savepoint that is older than our setting
    except BaseException:
        _restore(before, alone=alone)
        raise
    _restore(before, alone=alone)


def _restore(before: Outlook | None, *, alone: bool) -> None:
    if alone or connection.needs_rollback:
        connection.toli_outlook = before  # type: ignore[attr-defined]
    else:
        _set(before)


def _set(outlook: Outlook | None) -> None:
    """Local to the transaction, so that nothing of it can remain on a pooled connection."""
    role = ROLE if outlook or getattr(connection, "toli_enclosed", False) else "none"
    shown = outlook or NOTHING
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('toli.scope', %s, true),"
            " set_config('toli.account', %s, true)",
            [role, shown.scope, shown.account],
        )
    connection.toli_outlook = outlook  # type: ignore[attr-defined]
