"""Joining that is held, "this is not me", and the fraud inbox, over HTTP."""

import pytest

from tests.enrolment.conftest import join
from tests.factories import make_account, make_headquarters, make_phone
from tests.web.conftest import code_in
from toli.accounts.domain.actor import SYSTEM
from toli.cards.selectors import card_of, card_path
from toli.cards.services import issue_cards, welcome_path
from toli.core import events
from toli.enrolment.domain.velocity import RULES
from toli.enrolment.models import Case
from toli.members import selectors as members
from toli.members.models import ErasedNumber, Member, MemberState
from toli.members.services.erasing import erased_among
from toli.web.device import COOKIE

MOST = next(rule.times for rule in RULES if rule.name == "device.hour")
STEPS = ({"step": "place", "territory": "A1"}, {"step": "consent", "agree": "adult membership"})


def _join(client, sent, phone, name="Meena Kumari"):
    client.post("/join", {"step": "number", "name": name, "phone": phone})
    client.post("/join", {"step": "code", "code": code_in(sent)})
    for step in STEPS:
        done = client.post("/join", step)
    return done


@pytest.fixture
def full_phone(world, browser):
    """A browser on which as many have joined as pass without a check."""
    client = browser()
    client.cookies[COOKIE] = "a" * 22
    for serial in range(1, MOST + 1):
        join(serial, device="a" * 22)
    return client


def test_whoever_joins_on_a_phone_that_was_used_too_often_is_told_to_wait(full_phone, sent):
    done = _join(full_phone, sent, make_phone(777))
    assert done.status_code == 200
    page = done.content.decode()
    assert "is being checked" in page
    assert "device" not in page.split("<main")[1]  # nothing that helps to play with the figures
    assert Member.objects.get(name="Meena Kumari").state == MemberState.HELD
    assert full_phone.get("/me").status_code == 303


def test_the_phone_is_known_again_after_signing_out(world, browser, sent):
    client = browser()
    _join(client, sent, make_phone(777))
    mark = client.cookies[COOKIE]
    assert mark["httponly"] and mark["samesite"] == "Lax"
    client.post("/sign-out")
    _join(client, sent, make_phone(9778), name="Asha Rao")
    assert client.cookies[COOKIE].value == mark.value


def test_who_waits_and_signs_in_reads_that_they_wait(full_phone, browser, sent):
    _join(full_phone, sent, make_phone(777))
    other = browser()
    other.post("/sign-in", {"step": "phone", "phone": make_phone(777)})
    assert "is being checked" in other.post("/sign-in", {"step": "code", "code": code_in(sent)}).content.decode()


class TestThisIsNotMe:
    def test_by_the_first_message_the_number_is_kept_away_and_the_source_counted(self, world, browser):
        joined = join(5).member
        issue_cards(actor=SYSTEM, member_ids=[joined.pk])
        page = browser().post(welcome_path(card_of(joined.pk)), {"answer": "not-me"}).content.decode()
        assert "Thank you" in page
        events.deliver()
        assert Member.objects.get(pk=joined.pk).state == MemberState.LEFT
        assert erased_among([make_phone(5000)]) == {make_phone(5000)}
        assert Case.objects.get().kind == "not_me"

    def test_from_the_page_of_a_card_after_proving_the_number(self, world, browser, sent):
        card = card_of(world.member.pk)
        client = browser()
        assert 'href="/not-me"' in client.get(card_path(card)).content.decode()
        phone = members.every_phone(world.member.pk)[0]
        client.post("/not-me", {"step": "phone", "phone": phone})
        assert Member.objects.get(pk=world.member.pk).state == MemberState.ACTIVE
        client.post("/not-me", {"step": "code", "code": "000000" if code_in(sent) != "000000" else "111111"})
        assert Member.objects.get(pk=world.member.pk).state == MemberState.ACTIVE
        assert "Thank you" in client.post("/not-me", {"step": "code", "code": code_in(sent)}).content.decode()
        assert Member.objects.get(pk=world.member.pk).state == MemberState.LEFT

    def test_a_strangers_number_ends_nothing(self, world, browser, sent):
        client = browser()
        client.post("/not-me", {"step": "phone", "phone": make_phone(4321)})
        assert "is not a member" in client.post("/not-me", {"step": "code", "code": code_in(sent)}).content.decode()
        assert Member.objects.get(pk=world.member.pk).state == MemberState.ACTIVE
        assert not ErasedNumber.objects.exists()

    def test_of_a_family_on_one_phone_only_the_one_who_is_named_goes(self, world, browser, sent):
        first = join(5, name="Asha Rao").member
        second = join(5, name="Ravi Rao", another=True).member
        client = browser()
        client.post("/not-me", {"step": "phone", "phone": make_phone(5000)})
        assert "Ravi Rao" in client.post("/not-me", {"step": "code", "code": code_in(sent)}).content.decode()
        stranger = client.post("/not-me", {"step": "who", "who": str(world.member.pk)})
        assert stranger.status_code == 303
        client.post("/not-me", {"step": "phone", "phone": make_phone(5000)})
        client.post("/not-me", {"step": "code", "code": code_in(sent)})
        client.post("/not-me", {"step": "who", "who": str(second.pk)})
        assert set(Member.objects.filter(state=MemberState.LEFT)) == {second}
        assert Member.objects.get(pk=first.pk).state == MemberState.ACTIVE

    def test_from_ones_own_page(self, world, sunita):
        assert "I never joined" in sunita.get("/me/leave").content.decode()
        sunita.post("/me/leave", {"answer": "not-me"})
        assert Member.objects.get(pk=world.member.pk).state == MemberState.LEFT
        assert ErasedNumber.objects.count() == 1

    def test_whoever_joins_by_themselves_later_is_welcome_again(self, world, sunita):
        phone = members.every_phone(world.member.pk)[0]
        sunita.post("/me/leave", {"answer": "not-me"})
        assert not join(9, phone=phone).held
        assert not ErasedNumber.objects.exists()


class TestTheInbox:
    def test_shows_counts_and_takes_a_decision(self, full_phone, browser, sent):
        _join(full_phone, sent, make_phone(777))
        case = Case.objects.get()
        desk = browser(make_headquarters())
        assert "1 person held" in desk.get("/console/checks").content.decode()
        page = desk.get(f"/console/checks/{case.pk}").content.decode()
        assert "Meena Kumari" in page and f">{MOST + 1}<" in page
        assert bytes(case.source_key).hex() not in page
        refused = desk.post(f"/console/checks/{case.pk}/release", {"reason": "ok"})
        assert refused.status_code == 400
        done = desk.post(f"/console/checks/{case.pk}/release", {"reason": "called five of them"})
        assert done.status_code == 303
        assert Member.objects.get(name="Meena Kumari").state == MemberState.ACTIVE
        assert "called five of them" in desk.get(f"/console/checks/{case.pk}").content.decode()
        assert "Released" in desk.get("/console/checks?decided=1").content.decode()

    def test_a_refusal_can_be_taken_back_at_the_desk(self, full_phone, browser, sent):
        _join(full_phone, sent, make_phone(777))
        case = Case.objects.get()
        desk = browser(make_headquarters())
        desk.post(f"/console/checks/{case.pk}/refuse", {"reason": "nobody answers"})
        assert Member.objects.get(name="Meena Kumari").state == MemberState.LEFT
        desk.post(f"/console/checks/{case.pk}/restore", {"reason": "she came to us"})
        assert Member.objects.get(name="Meena Kumari").state == MemberState.ACTIVE

    def test_staff_without_the_permission_are_refused(self, world, browser):
        assert browser(make_account()).get("/console/checks").status_code == 403

    def test_deciding_takes_a_fresh_proof(self, full_phone, browser, sent):
        _join(full_phone, sent, make_phone(777))
        desk = browser(make_headquarters(), proved=False)
        asked = desk.post(f"/console/checks/{Case.objects.get().pk}/release", {"reason": "called five of them"})
        assert asked.headers["Location"].startswith("/sign-in/confirm")
        assert Member.objects.get(name="Meena Kumari").state == MemberState.HELD
