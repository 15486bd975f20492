"""`toli migration`: a division in waves from the command line, each step in somebody's name."""

import pytest

from tests import factories as make
from toli.chatgroups.models import Migration

pytestmark = pytest.mark.django_db


@pytest.fixture
def login():
    """A state with one full group for two constituencies; whoever divides it."""
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1", "IN/UP/Z1/A2")
    make.make_drive()
    campaign = make.make_campaign(code="connect", capacity=8, target_size=4)
    group = make.make_group(campaign, "UP")
    for number in range(6):
        make.make_seat(make.make_member(f"A{number % 2 + 1}", carded=True), group, "joined")
    return make.make_headquarters("UP").login


def test_a_division_is_planned_approved_watched_paused_and_rolled_back(toli, login):
    plan = ("migration", "plan", "connect", "UP", "--depth", "ac", "--as", login, "--json")
    preview = toli(*plan, "--dry-run").json
    assert (preview["migration"], [wave["people"] for wave in preview["waves"]]) == (None, [6])
    assert not Migration.objects.exists()
    planned = toli(*plan).json
    number = planned["migration"]
    assert toli("migration", "approve", number, "--as", login, "--plan", planned["plan_hash"]).code == 0
    status = toli("migration", "status", number, "--json").json
    assert (status["state"], status["waves"][0]["groups"], status["waves"][0]["open"]) == ("running", 2, 0)
    assert toli("migration", "pause", number, "--as", login).code == 0
    assert toli("migration", "status", "--json").json[0]["state"] == "paused"
    assert toli("migration", "resume", number, "--as", login).code == 0
    assert toli("migration", "rollback", number, "--as", login, "--json").json == {
        "returned": 0, "stayed": 0, "done": False,
    }  # fmt: skip
    assert toli("migration", "rollback", number, "--as", login, "--yes", "--json").json["done"]
    assert toli("migration", "status", number, "--json").json["state"] == "rolled_back"


def test_somebody_of_another_state_cannot_plan_it(toli, login):
    make.make_territories("IN/KL/K1")
    other = make.make_headquarters("KL").login
    answer = toli("migration", "plan", "connect", "UP", "--depth", "ac", "--as", other)
    assert answer.error is not None and answer.error.code == "territory_not_found"
    assert not Migration.objects.exists()
