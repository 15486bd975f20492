"""How far the people of a wave have come, out of the seats themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from toli.chatgroups.models import Migration

# A move ends one seat and begins another at the same instant: that is how the two are known to belong together.
PAIRS = """chatgroups_migrationgroup p
JOIN chatgroups_migration w ON w.id = p.migration_id
JOIN chatgroups_seat new ON new.group_id = p.group_id AND new.reserved_at >= w.approved_at
JOIN chatgroups_seat old ON old.member_id = new.member_id AND old.campaign_id = new.campaign_id
  AND old.state = 'moved' AND old.ended_at = new.reserved_at AND old.group_id <> new.group_id"""


@dataclass(frozen=True, slots=True)
class Progress:
    """``given``: people who got a seat in a group of the wave; ``here``: of them, those who say that they are there.

    ``awaited``: those who have not come yet. Whoever left or went back is in none of the two.
    """

    given: int = 0
    here: int = 0
    awaited: int = 0


def progress_of(migration: Migration) -> dict[int, Progress]:
    """The progress of each wave, by its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.wave_id, count(*) FILTER (WHERE new.state IN ('reserved', 'invited', 'joined', 'left')),
                  count(*) FILTER (WHERE new.state = 'joined'),
                  count(*) FILTER (WHERE new.state IN ('reserved', 'invited'))
                FROM {PAIRS} WHERE p.migration_id = %s GROUP BY p.wave_id""",  # noqa: S608 our own words
            [migration.pk],
        )
        return {wave: Progress(given, here, awaited) for wave, given, here, awaited in cursor.fetchall()}


def awaited_by_old_group(migration: Migration, wave_ids: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """Wave, old group, people who got a seat in the wave, and those of them who have not come yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.wave_id, old.group_id, count(*),
                  count(*) FILTER (WHERE new.state IN ('reserved', 'invited'))
                FROM {PAIRS} WHERE p.wave_id = ANY(%s) GROUP BY p.wave_id, old.group_id
                ORDER BY p.wave_id, old.group_id""",  # noqa: S608 our own words
            [list(wave_ids)],
        )
        return list(cursor.fetchall())


def unconfirmed(migration: Migration, limit: int) -> list[tuple[int, int, int, int, int, datetime | None]]:
    """Seat, member, new and old group, room there, and since when they were in it: of people who can go back."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT new.id, new.member_id, new.group_id, old.group_id, g.capacity - g.taken - g.outsiders,
                  old.joined_at
                FROM {PAIRS} JOIN chatgroups_chatgroup g ON g.id = old.group_id
                WHERE p.migration_id = %s AND new.state IN ('reserved', 'invited') AND g.state = 'open'
                  AND g.taken + g.outsiders < g.capacity
                ORDER BY new.id LIMIT %s""",  # noqa: S608 our own words
            [migration.pk, limit],
        )
        return list(cursor.fetchall())


def returned(migration: Migration) -> int:
    """How many people have gone back."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FROM {PAIRS} JOIN chatgroups_seat back ON back.member_id = new.member_id
                  AND back.campaign_id = new.campaign_id AND back.reserved_at = new.ended_at
                  AND back.group_id = old.group_id
                WHERE p.migration_id = %s AND new.state = 'moved'""",  # noqa: S608 our own words
            [migration.pk],
        )
        return int(cursor.fetchone()[0])
