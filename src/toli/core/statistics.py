"""Keeping the database's planner informed after bulk loads."""

from django.db import connection


def refresh(*tables: str) -> None:
    """Let the planner know the present size of tables that rows have just been copied into.

    The server's own housekeeping notices within a minute; until then it plans for an empty table, which
    made the next query over 50,000 members a hundred times slower.
    """
    with connection.cursor() as cursor:
        names = ", ".join(connection.ops.quote_name(table) for table in tables)
        cursor.execute(f"ANALYZE {names}")
