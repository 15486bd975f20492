"""Counting tries, for all processes together: one row in the database for each limit and key.

A hit is one statement, so that tries made at the same moment are all counted; and a transaction of its
own, so that it stays counted when the request that made it is rolled back. Keys are stored as keyed hashes:
the table holds no address and no number. When counting fails, nothing is allowed.

The figures are in :mod:`toli.core.domain.limits`.
"""

import threading
from datetime import timedelta
from math import ceil
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from toli.core import clock
from toli.core.crypto import index_for
from toli.core.domain.limits import LIMITS, Limit
from toli.core.errors import TooManyRequests, Unavailable

_HIT = """
INSERT INTO core_limitcounter AS kept (key, name, hits, ends_at) VALUES (%(key)s, %(name)s, 1, %(ends_at)s)
ON CONFLICT (key) DO UPDATE SET
  hits = CASE WHEN kept.ends_at <= %(now)s THEN 1 ELSE LEAST(kept.hits, 2000000000) + 1 END,
  ends_at = CASE WHEN kept.ends_at <= %(now)s THEN excluded.ends_at ELSE kept.ends_at END
RETURNING hits, ends_at
"""
_CHECK = "SELECT hits, ends_at FROM core_limitcounter WHERE key = %(key)s AND ends_at > %(now)s"
_FORGIVE = "UPDATE core_limitcounter SET hits = hits - 1 WHERE key = %(key)s AND hits > 0 AND ends_at > %(now)s"
_CLEAR = "DELETE FROM core_limitcounter WHERE ends_at <= %(now)s"

_own = threading.local()


def hit(name: str, key: str, *, limit: int | None = None, per: timedelta | None = None) -> int:
    """Count one try of ``key``. Returns how many are left in the window.

    ``limit`` and ``per`` replace the declared figures, where a setting gives them.

    Raises:
        TooManyRequests: this one is too many; tells when the window ends.
        Unavailable: the try could not be counted, so it is not allowed.
        KeyError: the limit is not declared and figures are missing.
    """
    rule = _rule(name, limit, per)
    found = _ask(_HIT, name, key, ends_at=clock.now() + rule.per)
    hits, ends_at = found[0]
    if hits > rule.times:
        raise _refusal(ends_at)
    return int(rule.times - hits)


def check(name: str, key: str, *, limit: int | None = None, per: timedelta | None = None) -> None:
    """Refuse like :func:`hit` when all tries are used up, without counting one."""
    rule = _rule(name, limit, per)
    found = _ask(_CHECK, name, key)
    if found and found[0][0] >= rule.times:
        raise _refusal(found[0][1])


def forgive(name: str, key: str) -> None:
    """Take one hit back: what was tried did not happen, through no fault of whoever tried."""
    _ask(_FORGIVE, name, key)


def clear() -> int:
    """Remove counters whose window has ended. Returns how many."""
    with _apart().cursor() as cursor:
        cursor.execute(_CLEAR, {"now": clock.now()})
        return int(cursor.rowcount)


def _rule(name: str, limit: int | None, per: timedelta | None) -> Limit:
    if limit is not None and per is not None:
        return Limit(name, limit, per, "", "")
    declared = LIMITS[name]
    return Limit(name, limit or declared.times, per or declared.per, declared.keyed_by, declared.why)


def _refusal(ends_at: Any) -> TooManyRequests:
    return TooManyRequests(retry_after=max(1, ceil((ends_at - clock.now()).total_seconds())))


def _ask(statement: str, name: str, key: str, **values: Any) -> list[tuple[Any, ...]]:
    values |= {"key": index_for("limits").of(f"{name}:{key}"), "name": name, "now": clock.now()}
    try:
        with _apart().cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []
    except DatabaseError as error:
        raise Unavailable from error


def _apart() -> BaseDatabaseWrapper:
    """A connection on which each statement commits by itself: the usual one, or inside a transaction a second."""
    usual = connections[DEFAULT_DB_ALIAS]
    if not usual.in_atomic_block:
        return usual
    second: BaseDatabaseWrapper | None = getattr(_own, "connection", None)
    if second is None:
        second = _own.connection = usual.copy()
    second.close_if_unusable_or_obsolete()
    return second


def hang_up() -> None:
    """Close this thread's second connection, if it has one."""
    second = getattr(_own, "connection", None)
    if second is not None:
        second.close()
