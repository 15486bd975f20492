"""Rolls on pages: counted, drawn up, certified by another person, published, handed out without names."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import make_actor, make_headquarters, make_member
from toli.audit.selectors import Sought, entries
from toli.core import clock
from toli.core.domain.limits import LIMITS
from toli.members.models import Member
from toli.members.services import open_account
from toli.rolls import services
from toli.rolls.models import Challenge, Roll, RollState, Supplement
from toli.web.console import rolls as pages


def page(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def yesterday():
    return clock.today() - timedelta(days=1)


@pytest.fixture
def people(world):
    Member.objects.update(member_from=yesterday())
    make_member("B1", name="Far Away", member_from=yesterday())
    return world


@pytest.fixture
def clerk(people, browser):
    return browser(make_headquarters("07"))


@pytest.fixture
def officer(people, browser):
    return browser(make_headquarters("07"))


@pytest.fixture
def roll(people):
    return services.draw_roll(actor=make_actor({"members.export": "07"}), territory_code="07", day=yesterday()).roll


def test_from_counting_to_the_file_that_names_nobody(clerk, officer):
    assert "No roll yet" in page(clerk.get("/console/t/07/rolls"))
    day = yesterday().isoformat()
    counted = page(clerk.post("/console/t/07/rolls/new", {"day": day, "act": "count"}))
    assert "What would stand in it" in counted
    assert not Roll.objects.exists()
    answer = clerk.post("/console/t/07/rolls/new", {"day": day, "act": "draw"})
    roll = Roll.objects.get()
    home = f"/console/rolls/{roll.pk}"
    assert (answer.status_code, answer.url) == (303, home)
    assert (roll.members, roll.state) == (1, RollState.DRAFT)
    assert "Another person has to certify it" in page(clerk.get(home))
    assert clerk.post(f"{home}/certify").status_code == 403
    assert officer.post(f"{home}/file/json").status_code == 409
    assert officer.post(f"{home}/certify").status_code == 303
    assert "Publish it when it may be handed out" in page(officer.get(home))
    assert officer.post(f"{home}/publish").status_code == 303
    assert officer.post(f"{home}/publish").status_code == 409
    found = officer.post(f"{home}/file/json")
    assert json.loads(found.content)["hash"] == Roll.objects.get().content_hash
    assert b"Sunita" not in found.content
    assert b"# hash" in officer.post(f"{home}/file/csv").content
    assert officer.post(f"{home}/file/xml").status_code == 404
    assert "published" in page(clerk.get("/console/t/07/rolls"))


def test_lines_show_names_and_masked_numbers_only(roll, world, coordinator):
    shown = page(coordinator.get(f"/console/rolls/{roll.pk}"))
    line = roll.lines.get()
    assert "Sunita Devi" in shown
    assert line.masked_number in shown
    assert line.card in shown
    assert "Draw up a roll" not in page(coordinator.get("/console/t/07/rolls"))
    assert coordinator.get("/console/t/07/rolls/new").status_code == 403
    assert coordinator.post(f"/console/rolls/{roll.pk}/certify").status_code == 403


def test_each_look_at_the_lines_is_counted_and_told_to_the_trail(roll, world, coordinator, monkeypatch):
    home = f"/console/rolls/{roll.pk}"
    assert coordinator.get(home).status_code == 200
    entry = entries(Sought(actions=("rolls.look",)))[0]
    assert (entry.target, entry.details["members"]) == (f"roll:{roll.pk}", [world.member.pk])
    monkeypatch.setitem(LIMITS, "members.lists", replace(LIMITS["members.lists"], times=1))
    assert coordinator.get(home).status_code == 429


def test_long_rolls_come_in_pages(people, roll, coordinator, monkeypatch):
    monkeypatch.setattr(pages, "SHOWN", 1)
    make_member("A1", name="Ravi Kumar", member_from=yesterday() - timedelta(days=1))
    Member.objects.filter(pk=people.member.pk).update(member_from=yesterday() - timedelta(days=1))
    clerk, earlier = make_actor({"members.export": "07"}), yesterday() - timedelta(days=1)
    long = services.draw_roll(actor=clerk, territory_code="07", day=earlier).roll
    first, second = (page(coordinator.get(f"/console/rolls/{long.pk}{more}")) for more in ("", "?after=1"))
    assert f"/console/rolls/{long.pk}?after=1" in first
    assert "?after=2" not in second
    assert ("Ravi Kumar" in first) != ("Ravi Kumar" in second)


def test_a_roll_of_the_day_is_produced_again_and_compared(roll, people, clerk):
    make_member("A1", name="Late", member_from=yesterday())
    again = page(clerk.post("/console/t/07/rolls/new", {"day": yesterday().isoformat(), "act": "draw"}))
    assert "it is still the same" in again
    assert "Recorded later" in again
    assert Roll.objects.count() == 1


@pytest.mark.parametrize("day", ["", "x", "today"])
def test_only_a_day_that_is_over(clerk, day):
    day = clock.today().isoformat() if day == "today" else day
    answer = clerk.post("/console/t/07/rolls/new", {"day": day, "act": "draw"})
    assert answer.status_code == 400
    assert "a day that is over" in page(answer)


def test_very_large_rolls_are_not_drawn_up_on_a_page(clerk, monkeypatch):
    monkeypatch.setattr(pages, "MOST", 0)
    answer = clerk.post("/console/t/07/rolls/new", {"day": yesterday().isoformat(), "act": "draw"})
    assert answer.status_code == 400
    assert not Roll.objects.exists()


def test_the_neighbour_finds_no_roll(roll, neighbour, browser):
    home = f"/console/rolls/{roll.pk}"
    there = browser(make_headquarters("070"))
    for asking in (neighbour, there):
        for path in (home, "/console/t/07/rolls"):
            assert asking.get(path).status_code == 404
        assert "No roll yet" in page(asking.get("/console/t/070/rolls"))
    for path in ("certify", "publish", "file/json"):
        assert there.post(f"{home}/{path}").status_code == 404
    assert there.post("/console/t/07/rolls/new", {"day": yesterday().isoformat(), "act": "draw"}).status_code == 404
    assert Roll.objects.get().state == RollState.DRAFT


def test_certifying_asks_who_sits_there(roll, browser):
    unproved = browser(make_headquarters("07"), proved=False)
    answer = unproved.post(f"/console/rolls/{roll.pk}/certify")
    assert (answer.status_code, answer.url.split("?")[0]) == (303, "/sign-in/confirm")
    assert Roll.objects.get().state == RollState.DRAFT


@pytest.fixture
def certified(roll):
    return services.certify_roll(actor=make_actor({"exports.approve": "07"}), roll_id=roll.pk)


def test_from_objecting_to_a_supplement(certified, world, coordinator, officer):
    home = f"/console/rolls/{certified.pk}"
    assert f"{home}/challenge?line=1" in page(coordinator.get(home))
    form = page(coordinator.get(f"{home}/challenge?line=1"))
    assert "Sunita Devi" in form
    assert "Does not stand in it" not in form
    assert coordinator.get(f"{home}/challenge?line=2").status_code == 404
    empty = coordinator.post(f"{home}/challenge?line=1", {"reason": ""})
    assert (empty.status_code, "in your own words" in page(empty)) == (400, True)
    said = {"kind": "other", "reason": "She is an active member", "grade": "active"}
    assert coordinator.post(f"{home}/challenge?line=1", said).status_code == 303
    again = coordinator.post(f"{home}/challenge?line=1", said)
    assert (again.status_code, "objected to this already" in page(again)) == (409, True)
    shown = page(coordinator.get(home))
    assert "She is an active member" in shown
    decision = f"/console/rolls/challenges/{Challenge.objects.get().pk}"
    assert decision not in shown
    assert coordinator.get(decision).status_code == 403
    assert decision in page(officer.get(home))
    assert "Sunita Devi" in page(officer.get(decision))
    assert officer.post(decision, {"act": "accept", "note": ""}).status_code == 400
    assert officer.post(decision, {"act": "accept", "note": "Her card says so"}).status_code == 303
    assert officer.post(decision, {"act": "refuse", "note": "x"}).status_code == 409
    assert "Issue a supplement with 1 change" in page(officer.get(home))
    assert coordinator.post(f"{home}/supplement").status_code == 403
    assert officer.post(f"{home}/supplement").status_code == 303
    made = Supplement.objects.get()
    assert made.content_hash in page(coordinator.get(home))
    content = coordinator.post(f"{home}/supplements/1").content
    assert json.loads(content)["previous"] == certified.content_hash
    assert b"Sunita" not in content
    assert coordinator.post(f"{home}/supplements/2").status_code == 404


def test_somebody_is_missing(certified, world, coordinator):
    late = make_member("A1", name="Late Comer", phone="+910000004321")
    way = f"/console/rolls/{certified.pk}/challenge"
    for who in ("", "0000000000", "+910900000000"):
        answer = coordinator.post(way, {"kind": "missing", "reason": "x", "who": who})
        assert (answer.status_code, "leads to nobody" in page(answer)) == (400, True)
    assert coordinator.post(way, {"kind": "missing", "reason": "x", "who": "00000 04321"}).status_code == 303
    assert Challenge.objects.get().member == late


def test_an_objector_does_not_decide(certified, officer):
    home = f"/console/rolls/{certified.pk}"
    officer.post(f"{home}/challenge?line=1", {"kind": "wrongly", "reason": "Moved away"})
    decision = f"/console/rolls/challenges/{Challenge.objects.get().pk}"
    assert "Another person has to decide" in page(officer.get(decision))
    assert officer.post(decision, {"act": "accept", "note": "x"}).status_code == 403


def test_the_officer_says_for_how_long_it_can_be_objected_to(roll, officer):
    home = f"/console/rolls/{roll.pk}"
    for days in ("x", "1000"):
        assert officer.post(f"{home}/certify", {"days": days}).status_code == 400
    assert officer.post(f"{home}/certify", {"days": "0"}).status_code == 303
    assert Roll.objects.get().challenges_until is None
    assert f"{home}/challenge" not in page(officer.get(home))


def test_the_neighbour_neither_objects_nor_decides(certified, people, browser):
    services.challenge_roll(
        actor=make_actor({"members.view": "07"}), roll_id=certified.pk, kind="wrongly", reason="x", line=1
    )
    there, home = browser(make_headquarters("070")), f"/console/rolls/{certified.pk}"
    for path in (f"{home}/challenge?line=1", f"/console/rolls/challenges/{Challenge.objects.get().pk}"):
        assert there.get(path).status_code == there.post(path, {"note": "x"}).status_code == 404
    for path in ("supplement", "supplements/1"):
        assert there.post(f"{home}/{path}").status_code == 404


def test_members_object_and_read_what_was_decided(certified, people, sunita, browser):
    home, way = "/me/data/rolls", f"/me/data/rolls/{certified.pk}"
    assert way in page(sunita.get(home))
    assert sunita.post(way, {"kind": "missing", "reason": "x"}).status_code == 400
    assert sunita.post(way, {"kind": "wrongly", "reason": "I had left"}).status_code == 303
    assert sunita.post(way, {"kind": "other", "reason": "y"}).status_code == 409
    assert "waits for a decision" in page(sunita.get(home))
    services.decide_challenge(
        actor=make_actor({"exports.approve": "07"}),
        challenge_id=Challenge.objects.get().pk,
        accept=False,
        note="You left a week later",
    )
    assert "You left a week later" in page(sunita.get(home))
    far = Member.objects.get(name="Far Away")
    other = browser(open_account(member_id=far.pk))
    assert other.get(way).status_code == other.post(way, {"kind": "missing", "reason": "x"}).status_code == 404
    assert "You left" not in page(other.get(home))


def test_the_territory_leads_to_its_rolls(people, coordinator):
    assert 'href="/console/t/07/rolls"' in page(coordinator.get("/console/t/07"))


def test_members_see_whether_they_stand_in_certified_rolls_and_may_complain(roll, people, sunita, browser):
    home = "/me/data/rolls"
    assert "No roll of your place was certified yet" in page(sunita.get(home))
    services.certify_roll(actor=make_actor({"exports.approve": "07"}), roll_id=roll.pk)
    mine = page(sunita.get(home))
    assert "You stand in the roll of" in mine
    assert roll.lines.get().card in mine
    assert 'href="/me/data/ask/complaint"' in mine
    assert f'href="{home}"' in page(sunita.get("/me/data"))
    late = make_member("A1", name="Late Comer")
    others = page(browser(open_account(member_id=late.pk)).get(home))
    assert "You do not stand in the roll of" in others
    assert "Sunita" not in others
    far = Member.objects.get(name="Far Away")
    assert "No roll of your place" in page(browser(open_account(member_id=far.pk)).get(home))
