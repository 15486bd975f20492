"""Membership drives."""

import re
from datetime import date, timedelta

from django.db import transaction

from toli.access.domain.permissions import MEMBERS_IMPORT
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.members import selectors
from toli.members.errors import DriveCodeWrong, DriveDatesWrong, DriveExists, DriveNotFound
from toli.members.models import Drive
from toli.territories import selectors as territories

CODE = re.compile(r"[a-zA-Z0-9_-]{1,40}")


@transaction.atomic
def create_drive(
    *,
    actor: Actor,
    code: str,
    name_en: str,
    name_hi: str,
    territory_code: str,
    opens_on: date,
    closes_on: date,
    notice_version: str = "1",
    term_months: int = 36,
    target: int = 0,
) -> Drive:
    """Announce a drive on a territory: from ``opens_on`` to ``closes_on``, both included.

    Raises:
        TerritoryNotFound, DriveExists, DriveCodeWrong, DriveDatesWrong.
    """
    if not CODE.fullmatch(code):
        raise DriveCodeWrong(drive=code)
    if closes_on < opens_on or term_months < 1:
        raise DriveDatesWrong
    territory = territories.get_territory(scope_for(actor, MEMBERS_IMPORT), territory_code)
    drive, created = Drive.objects.get_or_create(
        code=code,
        defaults={
            "name_en": name_en,
            "name_hi": name_hi,
            "territory": territory,
            "opens_on": opens_on,
            "closes_on": closes_on,
            "notice_version": notice_version,
            "term_months": term_months,
            "target": target,
        },
    )
    if not created:
        raise DriveExists(drive=code)
    audit.record_act(
        actor,
        action="members.drive",
        target=f"drive:{drive.pk}",
        territory_id=territory.pk,
    )
    return drive


@transaction.atomic
def change_drive(
    *, actor: Actor, code: str, name_en: str, name_hi: str, opens_on: date, closes_on: date, target: int
) -> Drive:
    """Call a drive otherwise, move its days, name another target. To close it early is to move its last day.

    Raises:
        DriveNotFound: also where the actor may not change it. DriveDatesWrong.
    """
    drive = _own(actor, code)
    if closes_on < opens_on:
        raise DriveDatesWrong
    drive.name_en, drive.name_hi, drive.target = name_en, name_hi, target
    drive.opens_on, drive.closes_on = opens_on, closes_on
    drive.save()
    audit.record_act(
        actor,
        action="members.drive_change",
        target=f"drive:{drive.pk}",
        territory_id=drive.territory_id,
    )
    return drive


def close_drive(*, actor: Actor, code: str) -> Drive:
    """Let the drive end: yesterday was its last day. One that is over stays as it is.

    Raises:
        DriveNotFound: also where the actor may not change it. DriveDatesWrong: it begins today or later.
    """
    drive = _own(actor, code)
    return change_drive(
        actor=actor,
        code=code,
        name_en=drive.name_en,
        name_hi=drive.name_hi,
        opens_on=drive.opens_on,
        closes_on=min(drive.closes_on, clock.today() - timedelta(days=1)),
        target=drive.target,
    )


def _own(actor: Actor, code: str) -> Drive:
    """The drive, if its whole territory lies in the area where the actor may run drives."""
    drive = selectors.get_drive(code)
    scope = scope_for(actor, MEMBERS_IMPORT)
    if not any(scope.covers(path) for path in territories.paths_of(drive.territory_id)):
        raise DriveNotFound(drive=code)
    return drive
