"""Answers to work that were given without a network: told afterwards, taken once, refused with a word."""

import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Account
from toli.distribution import services as distribution
from toli.distribution.models import Relay
from toli.enrolment.models import Wish

QUEUED = {"done": "yes", "queued": "yes"}


@pytest.fixture
def task(world, coordinator):
    """The address of the task to post today's kit in the coordinator's group."""
    type(world.group).objects.filter(pk=world.group.pk).update(
        admin=Account.objects.get(display_name="Imran Khan"), territory=world.places["07"]
    )
    distribution.release_kit(actor=SYSTEM, kit_id=world.kit.pk, campaign_code=world.campaign.code, territory_code="07")
    page = coordinator.get("/console/work").content.decode()
    return page.split('action="/console/work/')[1].split('"')[0]


def test_a_queued_answer_is_taken_once_however_often_it_is_told(coordinator, task):
    told = [coordinator.post(f"/console/work/{task}", QUEUED).status_code for _ in range(2)]
    assert told == [204, 404]
    relay = Relay.objects.get()
    assert (relay.state, relay.confirmed_by.display_name) == ("confirmed", "Imran Khan")


def test_nobody_elses_answer_is_taken(neighbour, task):
    assert neighbour.post(f"/console/work/{task}", QUEUED).status_code == 404
    assert Relay.objects.get().state == "waiting"


def test_an_answer_that_can_no_longer_be_taken_is_refused(coordinator, task):
    Relay.objects.update(state="held")
    assert coordinator.post(f"/console/work/{task}", QUEUED).status_code == 409


def test_without_the_script_an_answer_leads_back_to_the_page(coordinator, task):
    assert coordinator.post(f"/console/work/{task}", {"done": "yes"})["Location"] == "/console/work"


def test_members_who_wait_for_an_answer_stand_on_the_page_of_those_who_give_it(world, coordinator, neighbour):
    Wish.objects.create(
        member=make.make_member("B1"),
        kind="transfer",
        asked_at=make.timezone.now(),
        territory=world.places["A1"],
        left=world.places["B1"],
    )
    assert "1 member waits for your answer" in coordinator.get("/console/work").content.decode()
    assert "waits for your answer" not in neighbour.get("/console/work").content.decode()
