"""Membership drives: where, when, under which code."""

from datetime import date, timedelta

import pytest

from tests.factories import make_actor, make_drive, make_territories
from toli.accounts.domain.actor import SYSTEM
from toli.core import clock
from toli.members import selectors
from toli.members.errors import DriveCodeWrong, DriveDatesWrong, DriveExists, DriveNotFound
from toli.members.services import create_drive
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db


def create(code="d-1", *, actor=SYSTEM, territory="IN", opens=date(2026, 1, 1), closes=date(2026, 12, 31), **fields):
    return create_drive(
        actor=actor,
        code=code,
        name_en="Drive",
        name_hi="अभियान",
        territory_code=territory,
        opens_on=opens,
        closes_on=closes,
        **fields,
    )


@pytest.fixture(autouse=True)
def places():
    return make_territories("IN/UP/07/A1", "IN/UP/070/B1")


def test_a_drive_is_found_by_its_code():
    assert selectors.get_drive(create().code).term_months == 36
    with pytest.raises(DriveNotFound):
        selectors.get_drive("none")


def test_a_code_is_given_once():
    create()
    with pytest.raises(DriveExists):
        create()


@pytest.mark.parametrize("code", ["", "a b", "x" * 41, "अभियान", "a/b", "a\n"])
def test_a_code_fits_into_an_address(code):
    with pytest.raises(DriveCodeWrong):
        create(code)


def test_a_drive_opens_before_it_closes_and_may_last_one_day():
    create("one-day", opens=date(2026, 1, 1), closes=date(2026, 1, 1))
    with pytest.raises(DriveDatesWrong):
        create("backwards", opens=date(2026, 1, 2), closes=date(2026, 1, 1))
    with pytest.raises(DriveDatesWrong):
        create("no-term", term_months=0)


def test_a_drive_is_announced_on_ones_own_territory_only():
    actor = make_actor({"members.import": "07"})
    create("own", actor=actor, territory="A1")
    for elsewhere in ("070", "B1", "UP", "IN"):
        with pytest.raises(TerritoryNotFound):
            create("other", actor=actor, territory=elsewhere)


def test_the_current_drive_is_open_today():
    today = clock.today()
    make_drive("past", closes_on=today - timedelta(days=1))
    make_drive("future", opens_on=today + timedelta(days=1))
    assert selectors.current_drive() is None
    make_drive("last-day", closes_on=today)
    assert selectors.current_drive().code == "last-day"
    make_drive("longer", closes_on=today + timedelta(days=9))
    assert selectors.current_drive().code == "longer"


def test_the_drive_for_a_territory_covers_it(places):
    make_drive("seven", territory="07")
    assert selectors.open_drive_for(places["A1"]).code == "seven"
    assert selectors.open_drive_for(places["07"]).code == "seven"
    assert selectors.open_drive_for(places["070"]) is None
    assert selectors.open_drive_for(places["B1"]) is None
