"""Rebuilding the counts from the facts."""

import time

from django.db import connection, transaction

from toli.analytics.models import Refresh
from toli.core import clock

_LOCK = 0x746F6C69_66756E6E

# One pass over each table of facts; then each territory's counts go up to the root of every tree it stands
# in. What came of the organisation's own links belongs to the place that they were made for. Whoever left is not
# counted. A relayed member is one who has joined a group in which somebody confirmed at least one kit.
_REBUILD = """
INSERT INTO analytics_funnelcount
  (node_id, territory_id, imported, carded, seated, joined, relayed, shared, opened, converted)
WITH RECURSIVE reached AS (SELECT DISTINCT group_id FROM distribution_relay WHERE state = 'confirmed'),
seats AS (
  SELECT s.member_id, bool_or(s.state = 'joined') AS joined,
    bool_or(s.state = 'joined' AND r.group_id IS NOT NULL) AS relayed
  FROM chatgroups_seat s LEFT JOIN reached r ON r.group_id = s.group_id
  WHERE s.state IN ('reserved', 'invited', 'joined') GROUP BY s.member_id),
links AS (
  SELECT l.member_id, bool_or(l.shared_at IS NOT NULL) AS shared, sum(l.opens) AS opened, sum(l.joined) AS converted
  FROM sharing_sharelink l GROUP BY l.member_id),
lived AS (
  SELECT m.territory_id, count(*) AS imported, count(c.id) AS carded, count(s.member_id) AS seated,
    count(*) FILTER (WHERE s.joined) AS joined, count(*) FILTER (WHERE s.relayed) AS relayed,
    count(*) FILTER (WHERE k.shared) AS shared,
    coalesce(sum(k.opened), 0) AS opened, coalesce(sum(k.converted), 0) AS converted
  FROM members_member m
  LEFT JOIN cards_card c ON c.member_id = m.id AND c.revoked_at IS NULL
  LEFT JOIN seats s ON s.member_id = m.id
  LEFT JOIN links k ON k.member_id = m.id
  WHERE m.state = 'active'
  GROUP BY m.territory_id),
own AS (
  SELECT territory_id, sum(imported) AS imported, sum(carded) AS carded, sum(seated) AS seated, sum(joined) AS joined,
    sum(relayed) AS relayed, sum(shared) AS shared, sum(opened) AS opened, sum(converted) AS converted
  FROM (
    TABLE lived UNION ALL SELECT territory_id, 0, 0, 0, 0, 0, 0, opens, joined FROM sharing_ownlink
    WHERE opens > 0 OR joined > 0) facts
  GROUP BY territory_id),
above AS (
  SELECT n.id AS node_id, n.parent_id, n.territory_id AS lives_in
  FROM territories_node n JOIN own ON own.territory_id = n.territory_id WHERE n.valid_to IS NULL
  UNION ALL
  SELECT p.id, p.parent_id, above.lives_in FROM above JOIN territories_node p ON p.id = above.parent_id)
SELECT n.id, n.territory_id, sum(imported), sum(carded), sum(seated), sum(joined), sum(relayed), sum(shared),
  sum(opened), sum(converted)
FROM above JOIN own ON own.territory_id = above.lives_in JOIN territories_node n ON n.id = above.node_id
GROUP BY n.id, n.territory_id
"""


@transaction.atomic
def refresh_funnel() -> float:
    """Count everything anew; readers see the old counts until the new ones are complete.

    Returns the seconds it took.
    """
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("DELETE FROM analytics_funnelcount")
        cursor.execute(_REBUILD)
    seconds = time.perf_counter() - started
    Refresh.objects.update_or_create(pk=1, defaults={"at": clock.now(), "seconds": seconds})
    return seconds
