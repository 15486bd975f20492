"""Filters of the list of members: they compose, with the search as well, and stand in the address only."""

import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.cards.services import issue_cards
from toli.members.domain.sieve import Sieve
from toli.members.models import MemberState


@pytest.fixture
def people(world):
    """Sunita has a card; the others differ in one thing each."""
    other = make.make_drive("other", territory="IN")
    made = {
        "lapsed": make.make_member("A1", name="Lata Lapsed", state=MemberState.LAPSED),
        "held": make.make_member("A1", name="Hari Held", state=MemberState.HELD),
        "grade": make.make_member("A1", name="Gita Grade", grade="active"),
        "drive": make.make_member("A1", name="Dinesh Drive", drive=other),
        "old": make.make_member("A1", name="Omkar Old", member_from="2020-01-01"),
        "seated": make.make_member("A1", name="Seema Seated"),
        "elsewhere": make.make_member("B1", name="Esha Elsewhere"),
    }
    make.make_seat(made["seated"], world.group)
    issue_cards(actor=SYSTEM, member_ids=[made["seated"].pk])
    return made


def names(answer):
    page = answer.content.decode()
    every = ("Sunita", "Lata", "Hari", "Gita", "Dinesh", "Omkar", "Seema", "Esha")
    return {name for name in every if f"<b>{name} " in page}


ACTIVE = {"Sunita", "Gita", "Dinesh", "Omkar", "Seema"}


@pytest.mark.parametrize(
    "query, shown",
    [
        ("", ACTIVE),
        ("state=lapsed", {"Lata"}),
        ("state=held", {"Hari"}),
        ("grade=active", {"Gita"}),
        ("drive=other", {"Dinesh"}),
        ("since=2021-01-01", ACTIVE - {"Omkar"}),
        ("card=1", {"Gita", "Dinesh", "Omkar"}),
        ("seat=1", ACTIVE - {"Seema"}),
        ("card=1&grade=primary&since=2021-01-01", {"Dinesh"}),
        ("state=nonsense&grade=%00&since=tomorrow&card=2", ACTIVE),
    ],
)
def test_each_filter_shows_its_own_and_they_compose(people, coordinator, query, shown):
    answer = coordinator.get(f"/console/t/07/members?{query}")
    assert names(answer) == shown
    assert f"<b>{len(shown)} member{'s' if len(shown) != 1 else ''}</b>" in answer.content.decode()


def test_the_search_looks_only_among_those_whom_the_filter_shows(people, coordinator):
    assert names(coordinator.post("/console/t/07/members?state=lapsed", {"number": "Lata"})) == {"Lata"}
    assert names(coordinator.post("/console/t/07/members?state=lapsed", {"number": "Gita"})) == set()
    assert names(coordinator.post("/console/t/07/members", {"number": "Lata"})) == set()


def test_a_card_number_is_found_only_if_its_holder_passes_the_filter(people, coordinator):
    number = people["seated"].cards.get().number
    assert names(coordinator.post("/console/t/07/members?grade=primary", {"number": number})) == {"Seema"}
    assert names(coordinator.post("/console/t/07/members?grade=active", {"number": number})) == set()


def test_the_filter_stays_in_the_address_and_in_no_cookie(people, coordinator):
    page = coordinator.get("/console/t/07/members?grade=active").content.decode()
    assert 'action="/console/t/07/members?grade=active"' in page
    assert "grade" not in coordinator.cookies.output()
    assert names(coordinator.get("/console/t/07/members")) == ACTIVE


def test_whose_term_is_over_or_who_is_checked_can_be_looked_at_and_not_called(people, browser):
    chief = browser(make.make_headquarters("07"))
    for who, words in (("lapsed", "Term is over"), ("held", "Is being checked")):
        page = chief.get(f"/console/members/{people[who].pk}").content.decode()
        assert words in page and "Show the full number" not in page
        assert chief.get(f"/console/members/{people[who].pk}/reveal").status_code == 404


def test_what_an_address_says_is_read_and_written_alike():
    query = {"state": "held", "grade": "active", "drive": "x", "since": "2026-01-02", "card": "1", "seat": "1"}
    assert Sieve.read(query).query == query
    assert not Sieve.read({"state": "erased"}).narrows
