"""Becoming a member and signing in, in a browser, without JavaScript."""

import pytest

from tests.factories import make_drive, make_member, make_phone
from tests.web.conftest import code_in
from toli.core import events
from toli.members.models import ContactPoint, Member
from toli.sharing.models import Conversion
from toli.sharing.services import share_link

ALL_YES = {"step": "consent", "adult": "on", "membership": "on"}


@pytest.fixture
def visitor(world, browser):
    return browser()


def _give_number(client, phone=None, name="Meena Kumari"):
    return client.post("/join", {"step": "number", "name": name, "phone": phone or make_phone(777)})


def _give_code(client, sent):
    return client.post("/join", {"step": "code", "code": code_in(sent)})


def _give_place(client, code="A1"):
    return client.post("/join", {"step": "place", "territory": code})


def test_from_the_first_page_to_the_card(world, visitor, sent):
    assert "Your name and number" in visitor.get("/join?t=A1").content.decode()
    assert _give_number(visitor).headers["Location"] == "/join"
    assert "one-time-code" in visitor.get("/join").content.decode()
    _give_code(visitor, sent)
    assert 'name="territory" value="A1"' in visitor.get("/join").content.decode()
    _give_place(visitor)
    assert "What happens to your data" in visitor.get("/join").content.decode()
    done = visitor.post("/join", ALL_YES)
    assert (done.status_code, done.headers["Location"]) == (303, "/me?joined=1")
    assert "Done!" in visitor.get("/me?joined=1").content.decode()
    member = Member.objects.get(name="Meena Kumari")
    assert (member.territory.code, member.language) == ("A1", "en")
    assert "Meena Kumari" in visitor.get("/me/card").content.decode()


def test_nothing_is_kept_about_anybody_before_they_agree(visitor, sent):
    before = Member.objects.count(), ContactPoint.objects.count()
    _give_number(visitor)
    _give_code(visitor, sent)
    _give_place(visitor)
    assert (Member.objects.count(), ContactPoint.objects.count()) == before


def test_a_wrong_code_leads_no_further_and_says_how_many_tries_are_left(visitor, sent):
    _give_number(visitor)
    wrong = "000000" if code_in(sent) != "000000" else "111111"
    page = visitor.post("/join", {"step": "code", "code": wrong}).content.decode()
    assert 'role="alert"' in page
    assert 'aria-invalid="true"' in page
    assert "4" in page
    assert _give_place(visitor).headers["Location"] == "/join"
    visitor.post("/join", ALL_YES)
    assert not Member.objects.filter(name="Meena Kumari").exists()


def test_steps_cannot_be_skipped(visitor, sent):
    for step in ("code", "place", "consent"):
        assert visitor.post("/join", {"step": step}).headers["Location"] == "/join"
    _give_number(visitor)
    visitor.post("/join", ALL_YES)
    assert not Member.objects.filter(name="Meena Kumari").exists()


def test_another_number_after_the_code_must_be_proved_again(visitor, sent):
    _give_number(visitor)
    _give_code(visitor, sent)
    _give_place(visitor)
    _give_number(visitor, phone=make_phone(778))
    visitor.post("/join", ALL_YES)
    assert not Member.objects.filter(name="Meena Kumari").exists()


@pytest.mark.parametrize("missing", ["adult", "membership"])
def test_without_consent_nobody_becomes_a_member(visitor, sent, missing):
    _give_number(visitor)
    _give_code(visitor, sent)
    _give_place(visitor)
    page = visitor.post("/join", {key: value for key, value in ALL_YES.items() if key != missing})
    assert 'role="alert"' in page.content.decode()
    assert not Member.objects.filter(name="Meena Kumari").exists()


def test_a_number_that_cannot_be_is_refused_beside_its_field(visitor, sent):
    page = _give_number(visitor, phone="12").content.decode()
    assert 'id="phone-error"' in page
    assert sent == []


def test_a_known_number_is_signed_in_not_doubled(world, visitor, sent):
    make_member("A1", name="Old Friend", phone=make_phone(777))
    _give_number(visitor)
    answer = _give_code(visitor, sent)
    assert answer.headers["Location"] == "/me?known=1"
    assert "Old Friend" in visitor.get("/me?known=1").content.decode()
    assert not Member.objects.filter(name="Meena Kumari").exists()


def test_changing_the_language_keeps_the_step_and_the_address(visitor, sent):
    _give_number(visitor)
    assert 'lang="hi"' in visitor.get("/join?lang=hi").content.decode()
    assert "one-time-code" in visitor.get("/join?lang=hi").content.decode()
    _give_code(visitor, sent)
    assert "?under=UP&amp;lang=en" in visitor.get("/join?under=UP").content.decode()


def test_going_back_leads_to_the_number(visitor, sent):
    _give_number(visitor)
    page = visitor.get("/join?step=number").content.decode()
    assert "Your name and number" in page
    assert "Meena Kumari" in page


def test_looking_for_ones_place_down_the_tree_and_by_name(visitor, sent):
    _give_number(visitor)
    _give_code(visitor, sent)
    assert "/join?under=UP" in visitor.get("/join").content.decode()
    assert "/join?under=B1" in visitor.get("/join?q=Place B1").content.decode()
    assert _give_place(visitor, "07").headers["Location"] == "/join?under=07"


def test_who_joins_through_a_shared_link_counts_for_the_sharer(world, visitor, sent):
    link = share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp")
    visitor.get(f"/join?s={link.code}")
    _give_number(visitor)
    _give_code(visitor, sent)
    assert 'value="A1"' in visitor.get("/join").content.decode()
    _give_place(visitor)
    visitor.post("/join", ALL_YES)
    events.deliver()
    assert Conversion.objects.get().link_id == link.pk


def test_without_a_drive_nobody_can_join(world, visitor):
    drive = make_drive()
    drive.closes_on = drive.opens_on
    drive.save()
    assert visitor.get("/join").status_code == 403


def test_the_join_link_of_a_place_leads_a_newcomer_to_join_and_then_to_the_group(world, visitor, sent):
    page = visitor.get(f"/j/{world.link.code}").content.decode()
    assert "/join?t=07" in page
    visitor.get("/join?t=07")
    _give_number(visitor)
    _give_code(visitor, sent)
    _give_place(visitor)
    assert visitor.post("/join", ALL_YES).headers["Location"] == f"/j/{world.link.code}"
    assert visitor.post(f"/j/{world.link.code}").headers["Location"] == world.group.join_address


def test_signing_in_with_a_code(world, visitor, sent):
    make_member("A1", name="Old Friend", phone=make_phone(777))
    visitor.get("/sign-in?next=/me/card")
    visitor.post("/sign-in", {"step": "phone", "phone": make_phone(777)})
    assert "one-time-code" in visitor.get("/sign-in").content.decode()
    answer = visitor.post("/sign-in", {"step": "code", "code": code_in(sent)})
    assert answer.headers["Location"] == "/me/card"
    assert visitor.get("/me/card").status_code == 200


def test_an_unknown_number_learns_nothing_before_its_code(visitor, sent):
    known, unknown = make_phone(777), make_phone(778)
    make_member("A1", phone=known)
    answers = [visitor.post("/sign-in", {"step": "phone", "phone": phone}) for phone in (known, unknown)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert [message.kind for message in sent] == ["code", "code"]
    page = visitor.post("/sign-in", {"step": "code", "code": code_in(sent)}).content.decode()
    assert "is not a member" in page


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/ok\nhttps://x"])
def test_signing_in_never_leads_off_the_site(visitor, sent, target):
    make_member("A1", phone=make_phone(777))
    visitor.get("/sign-in", {"next": target})
    visitor.post("/sign-in", {"step": "phone", "phone": make_phone(777)})
    assert visitor.post("/sign-in", {"step": "code", "code": code_in(sent)}).headers["Location"] == "/me"
