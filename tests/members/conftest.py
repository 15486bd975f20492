"""A small country, a drive, and lists to import."""

import csv

import pytest

from tests.factories import make_drive, make_phone, make_territories
from toli.accounts.domain.actor import SYSTEM
from toli.members.models import ContactPoint, Member
from toli.members.services import import_members
from toli.territories.models import Territory

HEADER = "name,phone,territory,language"


@pytest.fixture
def country(db) -> dict[str, Territory]:
    """Two neighbours whose codes begin alike (07 and 070), and a drive everywhere."""
    places = make_territories("IN/UP/07/A1", "IN/UP/07/A2", "IN/UP/070/B1")
    make_drive()
    return places


@pytest.fixture
def write_list(tmp_path):
    """``write_list("Sunita,0123456789,A1,hi", ...)``: a file with these rows below the header."""

    def write(*rows: str, header: str = HEADER, name: str = "members.csv", encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
        return path

    return write


@pytest.fixture
def many_rows(tmp_path):
    """A list of so many people, in A1 and B1 by turns."""

    def write(count: int, *, name: str = "many.csv"):
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER.split(","))
            for index in range(count):
                territory = ("A1", "B1")[index % 2]
                writer.writerow([f"Member {index}", make_phone(50_000 + index), territory, ("hi", "en")[index % 3 > 0]])
        return path

    return write


@pytest.fixture
def take(country):
    """``take(path)``: import it as the system."""

    def run(path, **options):
        return import_members(**{"actor": SYSTEM, "drive_code": "drive", "path": path, **options})

    return run


@pytest.fixture
def everybody():
    """All that is known about all members, without ids and times."""

    def look():
        indexes = ContactPoint.objects.values_list("member_id", "value_index")
        keys = {member_id: bytes(index) for member_id, index in indexes}
        fields = ("name", "territory__code", "language", "state", "source", "member_from", "member_until")
        return sorted((keys[pk], *rest) for pk, *rest in Member.objects.values_list("pk", *fields))

    return look
