"""Membership drives."""

from datetime import date

from django.db.models import QuerySet

from toli.access.domain.scope import Scope, scope_of
from toli.core import clock
from toli.members.errors import DriveNotFound
from toli.members.models import (
    Drive,
)
from toli.territories import selectors as territories
from toli.territories.models import Territory


def get_drive(code: str) -> Drive:
    """The drive with this code. Raises DriveNotFound."""
    drive = Drive.objects.select_related("territory").filter(code=code).first()
    if drive is None:
        raise DriveNotFound(drive=code)
    return drive


def is_open(drive: Drive, on: date | None = None) -> bool:
    """Whether people can join by the drive on the day (today)."""
    return drive.opens_on <= (on or clock.today()) <= drive.closes_on


def is_open_drive(code: str) -> bool:
    """Whether there is a drive with this code by which people can join today."""
    today = clock.today()
    return Drive.objects.filter(code=code, opens_on__lte=today, closes_on__gte=today).exists()


def current_drive(on: date | None = None) -> Drive | None:
    """The drive that is open on the day (today), the one that closes last if there are several."""
    day = on or clock.today()
    return Drive.objects.filter(opens_on__lte=day, closes_on__gte=day).order_by("-closes_on", "pk").first()


def open_drive_for(territory: Territory) -> Drive | None:
    """The drive that is open today and covers the territory; of several, the one that closes last."""
    today = clock.today()
    paths = territories.paths_of(territory.pk)
    for drive in Drive.objects.filter(opens_on__lte=today, closes_on__gte=today).order_by("-closes_on", "pk"):
        if any(drive_area(drive).covers(path) for path in paths):
            return drive
    return None


def drive_area(drive: Drive) -> Scope:
    """The branches in which people can join by the drive, one for each tree that its territory stands in."""
    return scope_of(list(territories.paths_of(drive.territory_id)))


def drives() -> QuerySet[Drive]:
    """All drives, newest first."""
    return Drive.objects.select_related("territory").order_by("-opens_on", "code")
