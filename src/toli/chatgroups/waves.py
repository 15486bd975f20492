"""Reads about divisions in waves: how far their people have come, out of the seats themselves; the board; the card.

Counts only. Names are those of staff who are asked for something.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import get_language

from toli.access.domain.scope import Scope
from toli.accounts import selectors as accounts
from toli.assignments import selectors as work
from toli.assignments.models import Assignment
from toli.chatgroups import selectors
from toli.chatgroups.errors import MigrationNotFound
from toli.chatgroups.models import (
    ChatGroup,
    GroupState,
    Migration,
    MigrationGroup,
    MigrationState,
    Seat,
    SeatState,
    Wave,
    WaveState,
)
from toli.core import clock, wall
from toli.territories import selectors as territories
from toli.territories.models import Territory

POST = "announce_division"
MOST_FLOWS = 400

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


# -- the board -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WaveRow:
    """One wave on the board. ``late``: tasks that are overdue, by the name of who was asked."""

    wave: Wave
    open: int
    progress: Progress
    told: int
    to_tell: int
    late: dict[str, int]


@dataclass(frozen=True, slots=True)
class Board:
    """Where a migration stands. ``emptied`` and ``closed``: of the ``olds`` old groups."""

    migration: Migration
    waves: list[WaveRow]
    olds: int
    emptied: int
    closed: int
    successor: Migration | None = None

    @property
    def given(self) -> int:
        """People who have a seat in their new group."""
        return sum(row.progress.given for row in self.waves)

    @property
    def here(self) -> int:
        """People who say that they are in it."""
        return sum(row.progress.here for row in self.waves)


def migrations(scope: Scope, *, territory: Territory | None = None) -> QuerySet[Migration]:
    """Migrations of the scope, of a territory and below it where one is given; the newest first."""
    found = Migration.objects.within(scope).select_related("campaign", "territory__level", "depth", "replaces")
    found = found.select_related("planned_by", "approved_by")
    if territory is not None:
        found = found.filter(territory_id__in=territories.descendant_ids(territory))
    return found.order_by("-pk")


def get_migration(scope: Scope, migration_id: int) -> Migration:
    """The migration. Raises MigrationNotFound, also out of scope."""
    found = migrations(scope).filter(pk=migration_id).first()
    if found is None:
        raise MigrationNotFound
    return found


def board(scope: Scope, migration_id: int) -> Board:
    """Where the migration stands. Raises MigrationNotFound."""
    migration = get_migration(scope, migration_id)
    progress = progress_of(migration) if migration.approved_at else {}
    made = Q(planned__is_new=True, planned__group__isnull=False) & ~Q(planned__group__state=GroupState.ASKED)
    rows = [
        WaveRow(
            wave=wave,
            open=wave.made,
            progress=progress.get(wave.pk, Progress()),
            told=wave.announcements.exclude(posted_at=None).count(),
            to_tell=wave.announcements.count(),
            late=late_by_name(wave),
        )
        for wave in migration.waves.annotate(made=Count("planned", filter=made)).order_by("number")
    ]
    olds = migration.old_groups
    return Board(
        migration,
        rows,
        olds=olds.count(),
        emptied=olds.exclude(emptied_at=None).count(),
        closed=olds.exclude(closed_at=None).count(),
        successor=migration.replaced_by.exclude(state=MigrationState.DROPPED).first(),
    )


def late_work(wave: Wave) -> list[Assignment]:
    """Open work of the wave that was due before now."""
    if wave.state != WaveState.RUNNING:
        return []
    groups = wave.planned.filter(is_new=True).exclude(group=None).values_list("group_id", flat=True)
    posts = wave.announcements.filter(posted_at=None).values_list("pk", flat=True)
    found = [
        *work.open_about("create_group", [f"chatgroup:{pk}" for pk in groups]),
        *work.open_about(POST, [f"announcement:{pk}" for pk in posts]),
    ]
    return [task for task in found if task.due_at < clock.now()]


def late_by_name(wave: Wave) -> dict[str, int]:
    """How many tasks of the wave are overdue, by the name of who was asked."""
    late = Counter(task.assignee_id for task in late_work(wave))
    names = accounts.staff_by_id(late)
    return {names[person].display_name: tasks for person, tasks in late.most_common()}


# -- the plan ------------------------------------------------------------------------------------------


def plan_rows(migration: Migration, limit: int) -> list[MigrationGroup]:
    """Groups of the plan in the order of the tree, with how many people each gets from elsewhere."""
    rows = migration.planned.select_related("territory__level", "wave", "group", "admin")
    return list(rows.annotate(arriving=Sum("arrivals__people")).order_by("position")[:limit])


def flows(migration: Migration) -> list[tuple[str, str, int]]:
    """People who move, by old group and new one; where there are many, by the places of these."""
    language = get_language() or "en"
    rows = migration.moves.select_related("old__territory", "new__territory").order_by("new__position", "old_id")
    found = list(rows[: MOST_FLOWS + 1])
    if len(found) <= MOST_FLOWS:
        return [(old_label(row.old, language), row.new.label, row.people) for row in found]
    places = migration.moves.values_list("old__territory_id", "new__territory_id").annotate(total=Sum("people"))
    named = territories.by_id({place for row in places for place in row[:2]})
    return [(named[old].label(language), named[new].label(language), people) for old, new, people in places]


def old_label(group: ChatGroup, language: str) -> str:
    """A group by its place and number, which is shorter than its name."""
    return f"{group.territory.label(language)} {group.number}"


def asks(migration: Migration, account_id: int | None) -> bool:
    """Whether somebody is to create groups of the wave that has begun."""
    asked = migration.planned.filter(wave__state=WaveState.RUNNING, group__state=GroupState.ASKED)
    return asked.filter(group__admin_id=account_id).exists()


def groups_to_divide(scope: Scope, limit: int) -> list[ChatGroup]:
    """Open groups that are nearly full and not being divided yet, the fullest first."""
    running = Migration.objects.filter(state__in=(MigrationState.RUNNING, MigrationState.PAUSED))
    moving = set(running.values_list("moves__old_id", flat=True))
    found = selectors.groups_to_divide(scope, limit=limit + len(moving))
    return [group for group in found if group.pk not in moving][:limit]


# -- the member's card ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A member's group becomes another one. ``due_at``: when the wave ends in which it happens, if in one."""

    old_name: str
    new_name: str
    due_at: datetime | None


@wall.lifted("the names of the member's own two groups, and the day")
def change_of(seat: Seat | None) -> Change | None:
    """What the member is told while their new seat waits for them; None when nothing has changed, or they are there."""
    if seat is None or seat.state not in (SeatState.RESERVED, SeatState.INVITED):
        return None
    moved = Seat.objects.filter(member_id=seat.member_id, campaign_id=seat.campaign_id, state=SeatState.MOVED)
    before = moved.filter(ended_at=seat.reserved_at).select_related("group").first()
    if before is None:
        return None
    rows = MigrationGroup.objects.filter(group_id=seat.group_id, wave__state=WaveState.RUNNING)
    due_at = rows.values_list("wave__due_at", flat=True).order_by("-wave__due_at").first()
    return Change(before.group.name, seat.group.name, due_at)
