"""My membership, and what members ask for at the desk."""

import pytest

from tests.factories import make_coordinator
from toli.accounts.domain.actor import SYSTEM
from toli.dues.domain.offers import Terms
from toli.dues.services import set_offer
from toli.enrolment.models import Wish
from toli.members.models import Member


@pytest.fixture
def asked(sunita, world):
    Member.objects.filter(pk=world.member.pk).update(member_from="2025-01-01")
    assert sunita.post("/me/membership", {"act": "transfer", "territory": "B1"}).status_code == 303
    return Wish.objects.get()


def test_a_member_reads_how_their_membership_was_and_looks_for_a_new_place(sunita):
    page = sunita.get("/me/membership").content.decode()
    assert "Place A1" in page and "Primary member" in page
    assert "Place 07" in sunita.get("/me/membership/move?under=UP").content.decode()
    assert "I live in Place B1 now" in sunita.get("/me/membership/move?under=B1").content.decode()
    assert "now</button>" not in sunita.get("/me/membership/move?under=A1").content.decode()


def test_whoever_coordinates_the_new_place_answers_and_the_member_reads_it(sunita, asked, browser, world):
    there = browser(make_coordinator("070"))
    page = there.get("/console/wishes").content.decode()
    assert "Sunita Devi" in page and "Place B1" in page
    refused = there.post(f"/console/wishes/{asked.pk}/refuse", {"note": ""})
    assert refused.status_code == 400 and "in a few words why" in refused.content.decode()
    there.post(f"/console/wishes/{asked.pk}/accept", {"note": "Welcome to B1"})
    page = sunita.get("/me/membership").content.decode()
    assert "Welcome to B1" in page and "moved" in page
    assert Member.objects.get(pk=world.member.pk).territory.code == "B1"
    assert "Place A1" in there.get(f"/console/members/{world.member.pk}").content.decode()


def test_those_of_the_old_place_find_no_such_request(asked, browser):
    here = browser(make_coordinator("07"))
    assert "Sunita" not in here.get("/console/wishes").content.decode()
    assert here.post(f"/console/wishes/{asked.pk}/accept").status_code == 404


def test_a_member_takes_it_back(sunita, asked):
    sunita.post("/me/membership", {"act": "take_back", "wish": str(asked.pk)})
    assert Wish.objects.get().state == "taken_back"


def test_a_member_asks_for_the_active_class_where_it_is_offered(sunita, world, browser):
    assert "Ask for it" not in sunita.get("/me/membership").content.decode()
    assert sunita.post("/me/membership", {"act": "promote"}).status_code == 409
    set_offer(actor=SYSTEM, drive_code=world.member.drive.code, terms=Terms("active", 12, 0))
    assert "Ask for it" in sunita.get("/me/membership").content.decode()
    sunita.post("/me/membership", {"act": "promote"})
    here = browser(make_coordinator("07"))
    here.post(f"/console/wishes/{Wish.objects.get().pk}/accept", {"note": ""})
    assert Member.objects.get(pk=world.member.pk).grade == "active"


def test_the_desk_transfers_within_its_area_and_asks_elsewhere(world, browser):
    both, here = browser(make_coordinator("UP")), browser(make_coordinator("07"))
    address = f"/console/members/{world.member.pk}/transfer"
    assert "of the new place" in here.get(address).content.decode()
    assert here.post(address, {"territory": "nowhere"}).status_code == 400
    assert here.post(address, {"territory": "b1"}).headers["Location"].endswith("done=asked")
    assert both.post(address, {"territory": "B1"}).headers["Location"].endswith("done=moved")
    assert browser(make_coordinator("070")).get(address).status_code == 200
