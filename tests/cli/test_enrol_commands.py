"""`toli enrol`: what coordinators wrote down, by outcome, and their phones."""

from datetime import timedelta

import pytest

from tests import factories as make
from toli.core import clock
from toli.enrolment.models import Application

pytestmark = pytest.mark.django_db


@pytest.fixture
def written_down():
    make.make_organisation()
    make.make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    make.make_drive()
    return [make.make_application(code, name=name) for code, name in (("A1", "Sunita"), ("B1", "Ravi"))]


def test_the_list_counts_by_coordinator_below_a_place_and_names_nobody_else(toli, written_down):
    answer = toli("enrol", "list", "--under", "07", "--json")
    assert [row["waiting"] for row in answer.json] == [1]
    assert "Sunita" not in answer.out and "Ravi" not in answer.out
    assert toli("enrol", "list").code == 0


def test_phones_are_listed_by_place(toli, written_down):
    assert {row["device"] for row in toli("enrol", "devices", "--json").json} == {
        application.device_id for application in written_down
    }


def test_expiring_is_counted_first_and_done_on_yes(toli, written_down):
    Application.objects.filter(pk=written_down[0].pk).update(expires_at=clock.now() - timedelta(minutes=1))
    assert toli("enrol", "expire", "--json").json == {"expired": 1, "done": False}
    assert Application.objects.filter(state="waiting").count() == 2
    assert toli("enrol", "expire", "--yes", "--json").json == {"expired": 1, "done": True}
    assert Application.objects.get(pk=written_down[0].pk).name == ""
