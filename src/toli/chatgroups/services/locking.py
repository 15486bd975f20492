"""Who waits for whom: taking a seat shares a campaign's lock, dividing and moving hold it alone.

So any number of members take seats at once, and none of them sees a group half divided. The lock is an
advisory one of the transaction: a process that dies gives it back.

Order, for everybody: the campaign, then groups by their number, then seats.
"""

from collections.abc import Iterable

from django.db import connection

_SPACE = 0x746F6C69  # "toli": keeps these locks apart from others
SHARE = "SELECT pg_advisory_xact_lock_shared(%s, %s)"


def share_campaign(campaign_id: int) -> None:
    """Wait while the campaign's groups are being divided; then no division starts before we commit."""
    with connection.cursor() as cursor:
        cursor.execute(SHARE, share_values(campaign_id))


def share_values(campaign_id: int) -> tuple[int, int]:
    """What ``SHARE`` is executed with."""
    return _SPACE, campaign_id


def hold_campaign(campaign_id: int) -> None:
    """Wait until all who are taking seats have committed; nobody takes one before we do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, campaign_id])


def hold_groups(group_ids: Iterable[int]) -> None:
    """Wait until nobody else is changing the counts of these groups."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM chatgroups_chatgroup WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(group_ids)]
        )
