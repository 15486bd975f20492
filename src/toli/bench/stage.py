"""What several benchmarks need before they can begin: an organisation, its land, a drive, members."""

import csv
import os
import tempfile
from datetime import timedelta
from pathlib import Path

from django.db import connection

from toli.access import services as access
from toli.access.domain.scope import EVERYWHERE
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.cards import services as cards
from toli.chatgroups import selectors
from toli.chatgroups import services as chatgroups
from toli.compliance import services as compliance
from toli.core import clock
from toli.members import services as members
from toli.territories import services as territories

DRIVE = "bench"
STATE = "DL"
BOOTHS = 34  # of each constituency, where the real files are not at hand: as many booths as UP has


def set_organisation() -> None:
    """An organisation with one state and an open drive."""
    territories.seed(actor=SYSTEM, states=[STATE], booths_per_constituency=4)
    compliance.set_organisation(
        actor=SYSTEM,
        kind="union",
        name_en="Bench",
        name_hi="Bench",
        imprint_en="Bench",
        imprint_hi="Bench",
        privacy_contact="bench@example.org",
    )
    today = clock.today()
    members.create_drive(
        actor=SYSTEM,
        code=DRIVE,
        name_en="Bench",
        name_hi="Bench",
        territory_code="IN",
        opens_on=today,
        closes_on=today + timedelta(days=1),
    )


def import_members(count: int) -> members.ImportReport:
    """Take ``count`` members into the drive, spread over the booths of the state."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "members.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["name", "phone", "territory"])
            for number in range(count):
                place = f"{STATE}-AC{number % 70 + 1:03d}-B{number % 4 + 1:03d}"
                writer.writerow(["Bench Member", phone(number), place])
        return members.import_members(actor=SYSTEM, drive_code=DRIVE, path=path)


def begin_groups(
    count: int,
    *,
    capacity: int,
    target: int,
    minimum: int | None = None,
    platform: str = "whatsapp",
    provider: str = "assisted",
) -> int:
    """``count`` members with cards, somebody who creates groups, and the groups of the state asked for.

    Returns the campaign's number.
    """
    import_members(count)
    cards.issue_cards(actor=SYSTEM)
    access.ensure_standard_roles()
    admin = accounts.create_account(actor=SYSTEM, login="bench", display_name="Bench", kind="staff")
    access.grant_role(actor=SYSTEM, account_id=admin.pk, role_code="coordinator", territory_code=STATE)
    found = chatgroups.create_campaign(
        actor=SYSTEM, code=DRIVE, name_en="Bench", name_hi="Bench", territory_code="IN",
        capacity=capacity, target_size=target, minimum_size=minimum, platform=platform, provider=provider,
    )  # fmt: skip
    chatgroups.open_state_groups(actor=SYSTEM, campaign_code=DRIVE, territory_code=STATE)
    return int(found.pk)


def open_asked_groups() -> list[int]:
    """Open every group that was asked for, as a person does. Returns their numbers."""
    asked = [group.pk for group in selectors.groups(EVERYWHERE).filter(state="asked").order_by("pk")]
    for group_id in asked:
        chatgroups.confirm_group_open(actor=SYSTEM, group_id=group_id, join_address=address_of(group_id))
    return asked


def address_of(group_id: int) -> str:
    """An invite link of its own for each group."""
    return f"https://chat.whatsapp.com/{group_id:022d}"


def member_ids() -> list[int]:
    """All members."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM members_member ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def phone(number: int) -> str:
    """A number that cannot ring."""
    return f"+910{number:09d}"


def load_territories() -> territories.ImportReport:
    """The real files where they are at hand, else the shipped geography with all booths."""
    folder = Path(os.environ.get("TOLI_TEST_SHARED_DATA", "../shared/data")) / "territory"
    if folder.is_dir():
        return territories.import_directory(actor=SYSTEM, directory=folder)
    return territories.seed(actor=SYSTEM, booths_per_constituency=BOOTHS)
