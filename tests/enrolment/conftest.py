"""Two constituencies side by side, people who join, and an officer for each."""

import pytest

from tests.factories import make_actor, make_drive, make_organisation, make_phone, make_territories
from toli.enrolment.models import CaseKind, Holds
from toli.enrolment.services import guarding
from toli.enrolment.services.guarding.sources import case_about, enroller_key
from toli.territories.models import Territory

AGREED = {"adult": True, "membership": True}


def join(serial, *, device="phone-1", place="A1", name="", **more):
    """Somebody joins with a number of a block of its own, unless ``phone`` says otherwise."""
    return guarding.join(
        **{
            "device": device,
            "drive_code": "drive",
            "name": name or f"Person {chr(97 + serial % 26)}{chr(97 + serial // 26 % 26)}{chr(97 + serial // 676)}",
            "phone": make_phone(serial * 1000),
            "territory_code": place,
            "language": "en",
            "consents": AGREED,
            "evidence": {"page": "join", "code": "verified"},
            **more,
        }
    )


@pytest.fixture
def country(db):
    make_organisation()
    places = make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    make_drive()
    return places


@pytest.fixture
def officer(country):
    return make_actor({"enrolment.check": "07"})


@pytest.fixture
def second(country):
    return make_actor({"enrolment.check": "07"})


@pytest.fixture
def neighbour(country):
    return make_actor({"enrolment.check": "070"})


def make_helper_case(account_id, place="A1", count=61):
    """A case that waits about somebody who wrote down too many."""
    case, _new = case_about(
        CaseKind.VELOCITY,
        Holds.ENROLLER,
        enroller_key(account_id),
        Territory.objects.get(code=place),
        rule="enroller.hour",
        evidence={"count": count, "limit": 60},
    )
    return case
