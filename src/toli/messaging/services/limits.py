"""Limits that all processes share: places in time of a sender, a portfolio's messages a day, a person's peace.

Each is one statement of its own: whoever holds the row lets go of it within a millisecond.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from toli.messaging.domain.pacing import Places, spacing

_TURN = """
INSERT INTO messaging_turn AS turn (key, ready_at) VALUES (%(key)s, clock_timestamp()) ON CONFLICT (key) DO NOTHING
"""
# The next free place moves behind what is taken. ``start`` is worked out again after waiting for the row.
_TAKE = """
WITH before AS (
  SELECT key, GREATEST(ready_at, clock_timestamp()) AS start, clock_timestamp() AS now
  FROM messaging_turn WHERE key = %(key)s FOR NO KEY UPDATE),
taken AS (
  SELECT key, start, EXTRACT(EPOCH FROM start - now)::float8 AS start_in,
         GREATEST(LEAST(%(wanted)s, floor((%(horizon)s - EXTRACT(EPOCH FROM start - now)) / %(gap)s)), 0)::int AS count
  FROM before)
UPDATE messaging_turn turn SET ready_at = taken.start + make_interval(secs => taken.count * %(gap)s::float8)
FROM taken WHERE turn.key = taken.key RETURNING taken.count, taken.start_in
"""
_PUT_OFF = """
UPDATE messaging_turn SET ready_at = GREATEST(ready_at, clock_timestamp() + make_interval(secs => %(wait)s))
WHERE key = %(key)s
"""
_SPENT = """
SELECT COALESCE(sum(used), 0) FROM messaging_spent
WHERE portfolio_id = %(portfolio)s AND hour > clock_timestamp() - interval '25 hours'
"""
_SPEND = """
INSERT INTO messaging_spent AS spent (portfolio_id, hour, used)
VALUES (%(portfolio)s, date_trunc('hour', clock_timestamp()), %(count)s)
ON CONFLICT (portfolio_id, hour) DO UPDATE SET used = spent.used + excluded.used
"""
MEMBERS, CITIZENS = "member_id", "citizen_id"  # the columns of a respite, whose one is filled
_RESPITE = """
INSERT INTO messaging_respite AS known (sender_id, {whose}, until)
SELECT %(sender)s, id, clock_timestamp() + make_interval(secs => %(gap)s) FROM unnest(%(members)s::bigint[]) id
ORDER BY id
ON CONFLICT (sender_id, {whose}) DO UPDATE SET until = excluded.until WHERE known.until <= clock_timestamp()
RETURNING {whose}
"""
_LEFT_ALONE = """
SELECT {whose} FROM messaging_respite
WHERE sender_id = %(sender)s AND {whose} = ANY(%(members)s) AND until > clock_timestamp()
"""
_LEAVE_ALONE = """
INSERT INTO messaging_respite AS known (sender_id, {whose}, until)
SELECT %(sender)s, id, clock_timestamp() + make_interval(secs => wait)
FROM unnest(%(members)s::bigint[], %(waits)s::float8[]) AS given (id, wait) ORDER BY id
ON CONFLICT (sender_id, {whose}) DO UPDATE SET until = GREATEST(known.until, excluded.until)
"""


def take_places(key: str, *, wanted: int, per_second: float, horizon: float) -> Places:
    """At most ``wanted`` places that begin within ``horizon`` seconds (L1). With none: ask again in ``start_in``."""
    asked: dict[str, Any] = {"key": key, "wanted": wanted, "gap": spacing(per_second), "horizon": horizon}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, asked)
        if (found := cursor.fetchone()) is None:
            cursor.execute(_TURN, asked)
            cursor.execute(_TAKE, asked)
            found = cursor.fetchone()
    count, start_in = found
    return Places(count, start_in if count else max(start_in - horizon / 2, 0.001), asked["gap"])


def put_off(key: str, *, seconds: float) -> None:
    """Hand out no place for so long: the provider asked for it."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN, {"key": key})
        cursor.execute(_PUT_OFF, {"key": key, "wait": seconds})


@transaction.atomic
def spend(portfolio_id: int, *, wanted: int, per_day: int) -> int:
    """How many of ``wanted`` messages the portfolio may still send; they count as used (L2).

    Counted by whole hours, the one that began 24 hours ago included: never more than ``per_day`` in any 24 hours.
    """
    asked = {"portfolio": portfolio_id}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM messaging_portfolio WHERE id = %(portfolio)s FOR NO KEY UPDATE", asked)
        cursor.execute(_SPENT, asked)
        granted = max(min(wanted, per_day - int(cursor.fetchone()[0])), 0)
        if granted:
            cursor.execute(_SPEND, {**asked, "count": granted})
    return granted


def give_back(portfolio_id: int, count: int) -> None:
    """What was granted and not used. In another hour than it was taken from it stays used."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_spent SET used = used - %(count)s WHERE portfolio_id = %(portfolio)s"
            " AND hour = date_trunc('hour', clock_timestamp()) AND used >= %(count)s",
            {"portfolio": portfolio_id, "count": count},
        )


def disturb(sender_id: int, people: Sequence[int], *, gap: float, whose: str = MEMBERS) -> set[int]:
    """Which of the members may be written to now; the next message may follow after ``gap`` seconds (L3). ``whose``:
    of citizens, the column of theirs."""
    if not people:
        return set()
    asked: dict[str, Any] = {"sender": sender_id, "members": list(people), "gap": gap}
    with connection.cursor() as cursor:
        if gap:
            cursor.execute(_RESPITE.format(whose=whose), asked)
            return {row[0] for row in cursor.fetchall()}
        cursor.execute(_LEFT_ALONE.format(whose=whose), asked)
        return set(people) - {row[0] for row in cursor.fetchall()}


def leave_alone(sender_id: int, waits: dict[int, float], *, whose: str = MEMBERS) -> None:
    """Write to none of these members, or citizens, for so many seconds."""
    if not waits:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _LEAVE_ALONE.format(whose=whose),
            {"sender": sender_id, "members": list(waits), "waits": [float(w) for w in waits.values()]},
        )
