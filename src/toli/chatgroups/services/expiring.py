"""Seats that were kept for people who did not come are given to others."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction

from toli.chatgroups.models import Seat, SeatState
from toli.chatgroups.services.leaving import lock_for_leaving
from toli.chatgroups.services.seats import end_seats
from toli.chatgroups.services.waiting import serve_freed
from toli.core import clock, jobs

BATCH = 500
# A reserved seat: its member never went to the group. An invited one: somebody looked into the whole group later and
# they were not in it; without such a look nobody knows, and the seat stays. Where a division moved somebody, the
# waves have their own deadline, and nobody is to be without a group in between.
_LATE = """
SELECT s.id FROM chatgroups_seat s
WHERE s.campaign_id = %s AND s.id > %s AND s.reserved_at < %s AND (
  (s.state = 'reserved' AND NOT EXISTS (
    SELECT FROM chatgroups_seat old WHERE old.member_id = s.member_id AND old.campaign_id = s.campaign_id
      AND old.state = 'moved' AND old.ended_at = s.reserved_at))
  OR (s.state = 'invited' AND s.invited_at < %s AND EXISTS (
    SELECT FROM chatgroups_roster r WHERE r.group_id = s.group_id AND r.kind = 'list' AND r.at > s.invited_at)))
ORDER BY s.id LIMIT %s"""


def expire_seats(*, campaign_id: int) -> int:
    """End the seats of people who did not come within settings.TOLI_SEAT_DAYS. Returns how many. Safe to repeat.

    They can take another one at any time; theirs go to those who wait. In batches, each a transaction of its own.
    """
    until, after, expired = clock.now() - timedelta(days=settings.TOLI_SEAT_DAYS), 0, 0
    while True:
        with transaction.atomic():
            alone = lock_for_leaving(campaign_id)
            with connection.cursor() as cursor:
                cursor.execute(_LATE, [campaign_id, after, until, until, BATCH])
                late = [row[0] for row in cursor.fetchall()]
            if not late:
                break
            after = late[-1]
            waiting = Seat.objects.filter(pk__in=late, state__in=(SeatState.RESERVED, SeatState.INVITED))
            groups = sorted(set(waiting.values_list("group_id", flat=True)))
            expired += end_seats(waiting, SeatState.EXPIRED)
            if alone:
                serve_freed(campaign_id=campaign_id, group_ids=groups)
    if expired:
        jobs.enqueue_once("chatgroups.watch_supply")
    return expired
