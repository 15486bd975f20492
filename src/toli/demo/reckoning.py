"""Whether messages to members and posts in own channels kept their promises: what the stand-ins took, against the
database.

Their ledgers know nothing of us, and the rules are asked here once more in other words than where messages are boarded.
So a mistake there shows.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from toli.core.ledger import read_ledger
from toli.demo.plan import TEXTS

_TAKEN = """
WITH taken AS (SELECT * FROM unnest(%(keys)s::uuid[], %(moments)s::timestamptz[]) AS t (correlation, at)),
own AS (SELECT m.*, m.state IN ('sent', 'delivered', 'read') AS out
        FROM messaging_message m JOIN messaging_sender s ON s.id = m.sender_id WHERE s.code = %(sender)s),
said AS (SELECT own.*, taken.at FROM taken JOIN own USING (correlation))
"""
# Each counts what breaks one promise.
PROMISES = {
    "taken_but_not_known": "SELECT count(*) FROM taken WHERE correlation NOT IN (SELECT correlation FROM own)",
    "taken_twice": "SELECT count(*) - count(DISTINCT correlation) FROM taken",
    "taken_but_not_called_sent": "SELECT count(*) FROM said WHERE NOT out",
    "called_sent_but_not_taken": """
        SELECT count(*) FROM own WHERE out AND correlation NOT IN (SELECT correlation FROM taken)""",
    "without_consent": """
        SELECT count(*) FROM said WHERE NOT coalesce((
          SELECT given FROM members_consentrecord c
          WHERE c.member_id = said.member_id AND c.purpose = 'content' AND c.channel = 'sms' AND c.at <= said.at
          ORDER BY c.at DESC, c.id DESC LIMIT 1), false)""",
    "in_silence": """
        SELECT count(*) FROM said JOIN members_member m ON m.id = said.member_id WHERE EXISTS (
          SELECT 1 FROM compliance_pollingarea p JOIN compliance_election e ON e.id = p.election_id
          JOIN territories_node area ON area.territory_id = p.territory_id AND area.valid_to IS NULL
          JOIN territories_node home ON home.territory_id = m.territory_id AND home.valid_to IS NULL
          WHERE starts_with(home.path, area.path)
          AND said.at >= p.closes_at - make_interval(hours => e.silence_hours) AND said.at < p.closes_at)""",
    "still_waiting": "SELECT count(*) FROM own WHERE state IN ('queued', 'sending')",
}
_NUMBERS = """
SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM own),
  count(*) FILTER (WHERE out), count(*) FILTER (WHERE state = 'delivered'),
  count(*) FILTER (WHERE reason = 'silence_window'), count(*) FILTER (WHERE reason = 'recalled'),
  count(*) FILTER (WHERE state = 'unknown')
FROM own"""
NAMES = ("taken", "queued", "sent", "delivered", "held_by_silence", "recalled", "unknown")


def reckon(ledger: Path) -> tuple[dict[str, int], dict[str, int]]:
    """The numbers of messages, and the promises that were broken with how often."""
    taken = read_ledger(ledger)
    asked = {
        "sender": TEXTS,
        "keys": [_key(item) for item in taken],
        "moments": [datetime.fromtimestamp(item["at"], UTC) for item in taken],
    }
    numbers = dict(zip(NAMES, _row(_NUMBERS, asked), strict=True))
    broken = {name: _row(sql, asked)[0] for name, sql in PROMISES.items()}
    return numbers, {name: count for name, count in broken.items() if count}


# Posts in own channels: what stands on the platform, against what stands in the database.
_STANDING = """
WITH standing AS (SELECT * FROM unnest(%(chats)s::text[], %(numbers)s::text[]) AS t (chat, number)),
own AS (
  SELECT post.state, place.config->>'chat_id' AS chat, split_part(post.ref, '/', 2) AS number,
    kit.state = 'withdrawn' AS withdrawn
  FROM posting_post post JOIN posting_place place ON place.id = post.place_id
  JOIN content_kit kit ON kit.id = post.kit_id)
"""
POST_PROMISES = {
    "posts_called_standing_that_do_not": """
        SELECT count(*) FROM own
        WHERE state = 'posted' AND (chat, number) NOT IN (SELECT chat, number FROM standing)""",
    "posts_standing_that_nobody_knows": """
        SELECT count(*) FROM standing
        WHERE (chat, number) NOT IN (SELECT chat, number FROM own WHERE state = 'posted')""",
    "posts_standing_of_a_kit_that_was_taken_back": """
        SELECT count(*) FROM own JOIN standing USING (chat, number) WHERE withdrawn""",
    "posts_still_waiting": "SELECT count(*) FROM own WHERE state IN ('queued', 'sending', 'unknown')",
}
_POST_NUMBERS = """
SELECT (SELECT count(*) FROM standing), count(*) FILTER (WHERE state = 'deleted'),
  count(*) FILTER (WHERE state = 'refused')
FROM own"""
POST_NAMES = ("standing", "deleted_by_the_recall", "held_by_silence")


def reckon_posts(ledger: Path) -> tuple[dict[str, int], dict[str, int]]:
    """The numbers of posts, and the promises that were broken with how often."""
    standing: set[tuple[str, str]] = set()
    for line in read_ledger(ledger):
        post = (f"@{line['chat']}", str(line["number"]))
        (standing.discard if line.get("deleted") else standing.add)(post)
    asked = {"chats": [chat for chat, _number in standing], "numbers": [number for _chat, number in standing]}
    numbers = dict(zip(POST_NAMES, _row(_POST_NUMBERS, asked, _STANDING), strict=True))
    broken = {name: _row(sql, asked, _STANDING)[0] for name, sql in POST_PROMISES.items()}
    return numbers, {name: count for name, count in broken.items() if count}


def _key(message: dict[str, Any]) -> UUID:
    return UUID(message["fields"]["reference"].partition(".")[0])


def _row(sql: str, asked: dict[str, Any], known: str = _TAKEN) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(known + sql, asked)
        return list(cursor.fetchone())
