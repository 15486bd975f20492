"""Codes of posters and inviters, and the counts of what came of them."""

from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from toli.access.domain.permissions import WORK_DO
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock, wall
from toli.core.domain import base32
from toli.members import selectors
from toli.members.errors import DriveElsewhere
from toli.members.models import Drive, JoinCode, Member, Source, Step
from toli.territories import selectors as territories
from toli.territories.models import Territory

__all__ = ["Source", "Step", "count_imported", "count_step", "inviter_code", "make_posters"]

_SPACE = 0x64726976  # of locks: a space of its own
_BODY = 8  # with its checksum a code has ten letters; permanent links of groups have eight


@transaction.atomic
def make_posters(
    *, actor: Actor, drive_code: str, territory_code: str, language: str, level: str = ""
) -> list[JoinCode]:
    """The codes of a territory's poster, or of those of one level below it; made on first use.

    Raises:
        DriveNotFound, DriveElsewhere. TerritoryNotFound: not in the actor's area.
    """
    scope = scope_for(actor, WORK_DO)
    drive = selectors.get_drive(drive_code)
    top = territories.get_territory(scope, territory_code)
    area = selectors.drive_area(drive)
    if not any(area.covers(path) for path in territories.paths_of(top.pk)):
        raise DriveElsewhere(territory=top.code)
    places: Sequence[Territory] = territories.list_level(scope, top, level) if level else [top]
    now = clock.now()
    codes = [
        JoinCode(code=_new(), source=Source.POSTER, drive=drive, territory=item, language=language, made_at=now)
        for item in places
    ]
    JoinCode.objects.bulk_create(codes, ignore_conflicts=True)
    audit.record_act(
        actor,
        action="members.posters",
        target=f"drive:{drive.pk}",
        territory_id=top.pk,
        details={"count": len(codes)},
    )
    return selectors.posters(scope, drive=drive, territory=top, language=language, level=level)


@transaction.atomic
@wall.lifted("a member has a link of their own")
def inviter_code(*, member_id: int) -> JoinCode:
    """The member's own link, always the same one; it follows them to where they live."""
    member = Member.objects.select_related("territory").get(pk=member_id)
    values = {"territory": member.territory, "language": member.language}
    found, _made = JoinCode.objects.get_or_create(
        inviter=member, defaults={**values, "code": _new(), "source": Source.INVITER, "made_at": clock.now()}
    )
    if (found.territory_id, found.language) != (member.territory_id, member.language):
        found.territory, found.language = member.territory, member.language
        found.save(update_fields=["territory", "language"])
    return found


@wall.lifted("who joins is nobody yet, and counts as a number only")
def count_step(*, drive: Drive, territory: Territory, step: Step, source: Source, code: str = "") -> None:
    """One more person took this step today; somebody who joined counts for the code that they came by, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO members_drivecount AS c (drive_id, territory_id, day, step, source, count)
               VALUES (%s, %s, %s, %s, %s, 1)
               ON CONFLICT (drive_id, territory_id, day, step, source) DO UPDATE SET count = c.count + 1""",
            [drive.pk, territory.pk, clock.today(), step, source],
        )
    if code and step == Step.JOINED:
        JoinCode.objects.filter(code=code).update(joined=F("joined") + 1)


@transaction.atomic
@wall.lifted("whom lists brought counts as a number only")
def count_imported(*, drive_id: int) -> None:
    """Count anew whom lists brought into the drive, by where they live and the day on which they were noted. Safe to
    repeat; whom the undoing of a list took out, and who was erased, counts no more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, drive_id])
        cursor.execute(
            "DELETE FROM members_drivecount WHERE drive_id = %s AND source = %s", [drive_id, Source.IMPORT]
        )  # fmt: skip
        cursor.execute(
            """INSERT INTO members_drivecount (drive_id, territory_id, day, step, source, count)
               SELECT drive_id, territory_id, (created_at AT TIME ZONE %s)::date, %s, %s, count(*)
               FROM members_member WHERE drive_id = %s AND source = 'import' AND state <> 'erased'
               GROUP BY 1, 2, 3""",
            [settings.TIME_ZONE, Step.JOINED, Source.IMPORT, drive_id],
        )


def _new() -> str:
    return base32.with_checksum(base32.random_code(_BODY)).lower()
