"""What several benchmarks need before they can begin: an organisation, its land, a drive, members."""

import csv
import os
import tempfile
from datetime import timedelta
from pathlib import Path

from toli.accounts.domain.actor import SYSTEM
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


def phone(number: int) -> str:
    """A number that cannot ring."""
    return f"+910{number:09d}"


def load_territories() -> territories.ImportReport:
    """The real files where they are at hand, else the shipped geography with all booths."""
    folder = Path(os.environ.get("TOLI_TEST_SHARED_DATA", "../shared/data")) / "territory"
    if folder.is_dir():
        return territories.import_directory(actor=SYSTEM, directory=folder)
    return territories.seed(actor=SYSTEM, booths_per_constituency=BOOTHS)
