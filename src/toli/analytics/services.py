"""Rebuilding the counts from the facts."""

import time

from django.db import connection, transaction

from toli.analytics.models import Refresh
from toli.core import clock

_LOCK = 0x746F6C69_66756E6E

# One pass over each table of facts. Whoever left is not counted. A relayed member is one who has joined
# a group in which somebody confirmed at least one kit.
_REBUILD = """
INSERT INTO analytics_funnelcount
  (territory_id, imported, carded, seated, joined, relayed, shared, opened, converted)
WITH reached AS (SELECT DISTINCT group_id FROM distribution_relay WHERE state = 'confirmed'),
seats AS (
  SELECT s.member_id, bool_or(s.state = 'joined') AS joined,
    bool_or(s.state = 'joined' AND r.group_id IS NOT NULL) AS relayed
  FROM chatgroups_seat s LEFT JOIN reached r ON r.group_id = s.group_id
  WHERE s.state IN ('reserved', 'invited', 'joined') GROUP BY s.member_id),
links AS (
  SELECT l.member_id, bool_or(l.shared_at IS NOT NULL) AS shared, sum(l.opens) AS opened
  FROM sharing_sharelink l GROUP BY l.member_id),
conversions AS (
  SELECT l.member_id, count(*) AS converted
  FROM sharing_conversion c JOIN sharing_sharelink l ON l.id = c.link_id GROUP BY l.member_id)
SELECT m.territory_id, count(*), count(c.id), count(s.member_id), count(*) FILTER (WHERE s.joined),
  count(*) FILTER (WHERE s.relayed), count(*) FILTER (WHERE k.shared),
  coalesce(sum(k.opened), 0), coalesce(sum(v.converted), 0)
FROM members_member m
LEFT JOIN cards_card c ON c.member_id = m.id AND c.revoked_at IS NULL
LEFT JOIN seats s ON s.member_id = m.id
LEFT JOIN links k ON k.member_id = m.id
LEFT JOIN conversions v ON v.member_id = m.id
WHERE m.state = 'active'
GROUP BY m.territory_id
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
