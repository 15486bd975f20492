"""One test run at a time in one database: two would empty each other's tables."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

SECOND = (
    "Another test run (server process {pid}, since {since:%H:%M:%S} UTC) works in this database. Wait for its end, "
    "or give this run a folder of its own: make test TEST_VAR=var/test-2"
)


class AnotherRun(Exception):
    """Somebody tests in this database already; the message says since when and what to do."""


@contextmanager
def alone_in(database: str, **connection: str) -> Iterator[None]:
    """Be the only test run of this database's name on its server. The server drops the lock when this process dies.

    ``connection``: where the server is, as psycopg takes it. Raises AnotherRun.
    """
    key = int.from_bytes(hashlib.sha256(f"toli tests in {database}".encode()).digest()[:8], "big", signed=True)
    with psycopg.connect(dbname="postgres", autocommit=True, **connection) as server:
        if not server.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()[0]:
            raise AnotherRun(_who(server, key))
        yield


def _who(server: psycopg.Connection, key: int) -> str:
    found = server.execute(
        """SELECT a.pid, a.backend_start AT TIME ZONE 'UTC' FROM pg_locks l JOIN pg_stat_activity a USING (pid)
           WHERE l.locktype = 'advisory' AND l.granted
             AND (l.classid::bigint << 32) + l.objid::bigint = %s""",
        [key],
    ).fetchone()
    pid, since = found or (0, server.execute("SELECT now() AT TIME ZONE 'UTC'").fetchone()[0])
    return SECOND.format(pid=pid, since=since)
