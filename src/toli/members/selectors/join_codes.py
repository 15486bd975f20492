"""Codes of posters and inviters, and how a drive goes."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.db.models import QuerySet

from toli.access.domain.scope import Scope
from toli.core import clock, wall
from toli.core.domain import base32
from toli.members.errors import DriveNotFound
from toli.members.models import Drive, JoinCode
from toli.members.selectors.drives import drive_area, drives, get_drive
from toli.territories import selectors as territories
from toli.territories.domain.paths import branch_end
from toli.territories.models import Territory


@wall.lifted("whoever holds a code may follow it")
def find_join_code(text: str) -> JoinCode | None:
    """What the code of a poster or an inviter leads to, or None; case and look-alike letters are forgiven."""
    code = base32.normalise(text)
    if not code or not base32.is_valid(code):
        return None
    found = JoinCode.objects.select_related("drive", "territory", "inviter").filter(code=code.lower()).first()
    if found and found.inviter and found.inviter.state != "active":
        return None
    return found


def posters(scope: Scope, *, drive: Drive, territory: Territory, language: str, level: str = "") -> list[JoinCode]:
    """The codes of posters that were made: of the territory, or of those of one level below it."""
    found = JoinCode.objects.filter(inviter__isnull=True, drive=drive, language=language)
    if level:
        found = found.filter(territory_id__in=territories.descendant_ids(territory, level=level))
    else:
        found = found.filter(territory=territory)
    rows = found.select_related("territory__level", "drive").order_by("territory__code")
    return [row for row in rows if any(scope.covers(path) for path in territories.paths_of(row.territory_id))]


def drives_within(scope: Scope) -> list[Drive]:
    """The drives in which people of the scope can join, newest first."""
    return [drive for drive in drives() if _meets(scope, drive)]


def get_drive_within(scope: Scope, code: str) -> Drive:
    """The drive. Raises DriveNotFound, also when it has nothing to do with the scope."""
    drive = get_drive(code)
    if not _meets(scope, drive):
        raise DriveNotFound(drive=code)
    return drive


def get_drive_to_change(scope: Scope, code: str) -> Drive:
    """The drive, for those whose area holds all of it. Raises DriveNotFound."""
    drive = get_drive(code)
    if not any(scope.covers(path) for path in territories.paths_of(drive.territory_id)):
        raise DriveNotFound(drive=code)
    return drive


def _meets(scope: Scope, drive: Drive) -> bool:
    """Whether the drive's area and the scope have places in common."""
    own = territories.paths_of(drive.territory_id)
    if scope.everywhere or any(scope.covers(path) for path in own):
        return True
    area = drive_area(drive)
    return any(area.covers(path) for path in scope.paths)


@dataclass
class Progress:
    """People in the branch of one place: of each step in all, and of those who joined when and how they came."""

    territory: Territory | None = None
    steps: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sources: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    today: int = 0
    week: int = 0

    @property
    def joined(self) -> int:
        return self.steps["joined"]


def progress(scope: Scope, drive: Drive, territory: Territory) -> tuple[Progress, list[Progress]]:
    """The drive in the territory, and in each child of it where anybody was counted.

    Raises:
        TerritoryNotFound: out of scope.
    """
    path = territories.path_of(territories.get_by_id(scope, territory.pk).pk)
    depth = path.count("/") + 1
    today = clock.today()
    total, rows = Progress(territory), dict[str, Progress]()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT split_part(n.path, '/', %s), c.step, c.source, sum(c.count),
                 coalesce(sum(c.count) FILTER (WHERE c.day = %s), 0),
                 coalesce(sum(c.count) FILTER (WHERE c.day > %s), 0)
               FROM members_drivecount c JOIN territories_node n ON n.territory_id = c.territory_id
               WHERE c.drive_id = %s AND n.valid_to IS NULL AND n.path >= %s AND n.path < %s GROUP BY 1, 2, 3""",
            [depth, today, today - timedelta(days=7), drive.pk, path, branch_end(path)],
        )
        for child, step, source, count, on_day, in_week in cursor.fetchall():
            for item in (total, rows.setdefault(child, Progress())):
                item.steps[step] += int(count)
                if step == "joined":
                    item.sources[source] += int(count)
                    item.today += int(on_day)
                    item.week += int(in_week)
    for place in territories.children(scope, territory):
        if place.code in rows:
            rows[place.code].territory = place
    return total, sorted(rows.values(), key=lambda row: -row.joined)


def invited_by(member_id: int) -> int:
    """How many joined by the member's own link."""
    found: QuerySet[JoinCode] = JoinCode.objects.filter(inviter_id=member_id)
    return sum(found.values_list("joined", flat=True))
