"""Calls by lot at the desk: drawn by an officer, made by whom they were given to, noted, counted."""

import pytest

from tests.enrolment.conftest import join
from tests.factories import make_actor, make_headquarters
from toli.accounts.models import Account
from toli.enrolment.models import CallLine, CallSample, Case
from toli.members.models import Member, MemberState, Reveal


@pytest.fixture
def desk(world, browser):
    return browser(make_headquarters("07"))


@pytest.fixture
def drawn(desk):
    """Somebody who joined on a phone of their own, and Sunita, are drawn; the list is for whoever draws."""
    join(5, device="own", name="Meena Kumari")
    own = Account.objects.get(pk=desk.session["_auth_user_id"])
    done = desk.post("/console/t/A1/calls/new", {"size": "2", "caller": str(own.pk)})
    assert done.status_code == 303
    return CallSample.objects.get()


def test_the_list_shows_whom_to_call_with_masked_numbers(desk, drawn):
    page = desk.get(f"/console/calls/{drawn.pk}").content.decode()
    assert "Meena Kumari" in page and "Sunita Devi" in page
    assert "Did you ask for that yourself?" in page
    assert page.count("•••") >= 2 and "tel:" not in page
    assert f"/console/calls/{drawn.pk}" in desk.get("/console/calls").content.decode()


def test_a_number_is_shown_by_itself_and_the_member_is_told_why(desk, drawn):
    page = desk.post(f"/console/calls/{drawn.pk}/1/number").content.decode()
    assert page.count("tel:+91") == 1
    assert Reveal.objects.get().reason == "sample"


def test_what_was_said_is_noted_and_counted_for_the_place(desk, drawn):
    for place, outcome in ((1, "confirmed"), (2, "not_reached")):
        assert desk.post(f"/console/calls/{drawn.pk}/{place}/outcome", {"outcome": outcome}).status_code == 303
    page = desk.get("/console/t/07/calls").content.decode()
    assert "100\u202f%" in page and "Finished" in page
    assert desk.post(f"/console/calls/{drawn.pk}/1/outcome", {"outcome": "confirmed"}).status_code == 409


def test_who_did_not_ask_is_held_and_stands_in_the_inbox(desk, drawn):
    line = CallLine.objects.get(member__name="Meena Kumari")
    desk.post(f"/console/calls/{drawn.pk}/{line.place}/outcome", {"outcome": "not_asked"})
    assert Member.objects.get(name="Meena Kumari").state == MemberState.HELD
    assert "Called, and did not ask to join" in desk.get("/console/checks").content.decode()
    assert "Meena Kumari" in desk.get(f"/console/checks/{Case.objects.get().pk}").content.decode()


def test_a_second_list_is_refused_while_the_first_is_open(desk, drawn):
    done = desk.post("/console/t/A1/calls/new", {"size": "2", "caller": str(drawn.caller_id)})
    assert done.status_code == 400
    assert "is not finished" in done.content.decode()


def test_only_whom_it_was_given_to_may_call(desk, drawn, browser):
    other = browser(make_headquarters("07"))
    assert "Show the number" not in other.get(f"/console/calls/{drawn.pk}").content.decode()
    assert other.post(f"/console/calls/{drawn.pk}/1/number").status_code == 409


def test_the_neighbour_finds_neither_list_nor_place(drawn, browser):
    neighbour = browser(make_headquarters("070"))
    assert neighbour.get(f"/console/calls/{drawn.pk}").status_code == 404
    assert neighbour.get("/console/t/A1/calls").status_code == 404
    assert neighbour.post(f"/console/calls/{drawn.pk}/1/outcome", {"outcome": "confirmed"}).status_code == 404


def test_the_desk_can_give_the_list_to_somebody_else(desk, drawn):
    other = make_actor({"members.reveal": "07"})
    desk.post(f"/console/calls/{drawn.pk}/hand", {"caller": str(other.id)})
    assert CallSample.objects.get().caller_id == other.id
