"""The database of a test run forgets quickly: nobody has to find its rows after the machine lost its power.

Only for the server that Toli brings along, whose owner may do this; elsewhere all is as Django has it.
Tests about what survives a death start installations of their own, with the settings that operators have.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection, transaction

# Fsync guards against the death of the machine, not of the server: what was committed outlives a kill -9 without it.
NOT_NEEDED = ("fsync", "full_page_writes")
WRITTEN_ANEW = frozenset({"django_content_type", "auth_permission"})  # by each flush, as they were
SEALED = ("audit_auditentry", "audit_auditanchor")  # single rows cannot be removed from these, whoever asks


def hasten(**server: Any) -> None:
    """Let the server, which ``server`` leads to as psycopg takes it, not wait for its disk."""
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as owner:
        for name in NOT_NEEDED:
            owner.execute(f"ALTER SYSTEM SET {name} = off")
        owner.execute("SELECT pg_reload_conf()")


def empty_tables() -> None:
    """All tables as ``flush`` leaves them, by removing what there is: most tests fill a few tables of many.

    Waits, as ``flush`` does, for whoever still writes.
    """
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [table for table in found if table not in WRITTEN_ANEW]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {_listed(tables)} IN SHARE MODE")
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM \"{table}\" LIMIT 1)" for table in tables))
        filled = [row[0] for row in cursor.fetchall()]
        cursor.execute("SET LOCAL session_replication_role = replica")  # in any order, whatever refers to what
        for table in filled:
            if table not in SEALED:
                cursor.execute(f'DELETE FROM "{table}"')
        if not set(SEALED).isdisjoint(filled):
            cursor.execute(f"TRUNCATE {_listed(SEALED)}")


def _listed(tables: Sequence[str]) -> str:
    return ", ".join(f'"{table}"' for table in tables)
