"""Membership drives."""

import re
from datetime import date

from django.db import transaction

from toli.access.domain.permissions import MEMBERS_IMPORT
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.members.errors import DriveCodeWrong, DriveDatesWrong, DriveExists
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
