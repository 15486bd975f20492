"""Becoming a member and signing in, in a browser, without JavaScript."""

import re
from datetime import timedelta

import pytest

from tests.factories import make_drive, make_member, make_phone, make_territories
from tests.web.conftest import code_in
from toli.core import clock, events
from toli.members import selectors as members
from toli.members.models import ContactPoint, Member
from toli.sharing.models import Conversion
from toli.sharing.services import share_link

ALL_YES = {"step": "consent", "agree": "adult membership"}


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
    page = visitor.post("/join", {**ALL_YES, "agree": ALL_YES["agree"].replace(missing, "")})
    assert 'role="alert"' in page.content.decode()
    assert not Member.objects.filter(name="Meena Kumari").exists()


def test_a_number_that_cannot_be_is_refused_beside_its_field(visitor, sent):
    page = _give_number(visitor, phone="12").content.decode()
    assert 'id="phone-error"' in page
    assert sent == []


def test_a_known_number_is_signed_in_not_doubled(world, visitor, sent):
    make_member("A1", name="Old Friend", phone=make_phone(777))
    _give_number(visitor)
    _give_code(visitor, sent)
    page = visitor.get("/join").content.decode()
    assert "This number belongs to Old." in page
    assert "Friend" not in page
    assert visitor.post("/join", {"step": "who", "who": "0"}).headers["Location"] == "/me?known=1"
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


# -- a family, and a network that comes and goes ---------------------------------------------------


def _hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())[1]


def _to_consent(visitor, sent, **who):
    _give_number(visitor, **who)
    _give_code(visitor, sent)
    visitor.post("/join", {"step": "who", "who": "another"})
    _give_place(visitor)


def test_another_of_the_family_joins_on_the_same_phone_with_a_code_of_their_own(world, visitor, sent):
    make_member("A1", name="Old Friend", phone=make_phone(777))
    _give_number(visitor)
    assert visitor.post("/join", {"step": "who", "who": "another"}).headers["Location"] == "/join"
    visitor.post("/join", ALL_YES)
    assert len(members.find_all_by_phone(make_phone(777))) == 1  # not without the code
    _give_code(visitor, sent)
    visitor.post("/join", {"step": "who", "who": "another"})
    _give_place(visitor)
    assert visitor.post("/join", ALL_YES).headers["Location"] == "/me?joined=1"
    assert [member.name for member in members.find_all_by_phone(make_phone(777))] == ["Old Friend", "Meena Kumari"]
    assert "Meena Kumari" in visitor.get("/me/card").content.decode()


def test_who_never_joined_is_led_from_the_found_name_to_ending_it(world, visitor, sent):
    make_member("A1", name="Old Friend", phone=make_phone(777))
    _give_number(visitor)
    _give_code(visitor, sent)
    shown = visitor.get("/join").content.decode()
    assert "Is that you?" in shown
    assert 'href="/not-me"' in shown
    assert visitor.get("/not-me").status_code == 200
    visitor.post("/not-me", {"step": "phone", "phone": make_phone(777)})
    visitor.post("/not-me", {"step": "code", "code": code_in(sent)})
    assert members.find_all_by_phone(make_phone(777)) == []


def test_a_phone_has_room_for_a_family_and_no_more(world, visitor, sent, settings):
    settings.TOLI_MEMBERS_PER_PHONE = 2
    make_member("A1", name="Old Friend", phone=make_phone(777))
    _to_consent(visitor, sent)
    visitor.post("/join", ALL_YES)
    _to_consent(visitor, sent, name="Third Person")
    assert "2 members share this telephone" in visitor.post("/join", ALL_YES).content.decode()
    assert len(members.find_all_by_phone(make_phone(777))) == 2


def test_who_is_asked_only_of_those_who_hold_the_phone(world, visitor):
    make_member("A1", name="Old Friend", phone=make_phone(777))
    page = _give_number(visitor)
    assert "Old" not in visitor.get(page.headers["Location"]).content.decode()
    assert visitor.post("/join", {"step": "who", "who": "0"}).headers["Location"] == "/join"


def test_a_number_sent_twice_sends_one_code_and_the_wish_for_another_sends_another(visitor, sent):
    form = {"step": "number", "name": "Meena Kumari", "phone": make_phone(777)}
    once = _hidden(visitor.get("/join"), "once")
    for _time in range(2):
        assert visitor.post("/join", {**form, "once": once}).headers["Location"] == "/join"
    assert len(sent) == 1
    visitor.post("/join", {**form, "once": _hidden(visitor.get("/join?step=number"), "once")})
    assert len(sent) == 2


def test_a_code_sent_twice_is_right_twice(visitor, sent):
    _give_number(visitor)
    assert [_give_code(visitor, sent).headers["Location"] for _time in range(2)] == ["/join", "/join"]
    assert "Where do you live?" in visitor.get("/join").content.decode()


def test_the_last_step_sent_twice_makes_one_member_and_leads_to_the_same_page(visitor, browser, sent):
    _give_number(visitor)
    _give_code(visitor, sent)
    _give_place(visitor)
    form = {**ALL_YES, "again": _hidden(visitor.get("/join"), "again")}
    before = visitor.cookies.output(header="")
    first = visitor.post("/join", form)
    phone_that_never_saw_the_answer = browser()
    phone_that_never_saw_the_answer.cookies.load(before)
    second = phone_that_never_saw_the_answer.post("/join", form)
    assert first.headers["Location"] == second.headers["Location"] == "/me?joined=1"
    assert "Done!" in phone_that_never_saw_the_answer.get("/me?joined=1").content.decode()
    assert Member.objects.filter(name="Meena Kumari").count() == 1


def test_the_last_step_lets_nobody_in_who_has_not_joined_by_it(visitor, browser, sent, monkeypatch):
    _give_number(visitor)
    _give_code(visitor, sent)
    _give_place(visitor)
    form = {**ALL_YES, "again": _hidden(visitor.get("/join"), "again")}
    assert browser().post("/join", form).headers["Location"] == "/join"
    assert browser().post("/join", {**form, "again": "made-up"}).headers["Location"] == "/join"
    visitor.post("/join", form)
    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr("toli.web.public.join_again.clock.now", lambda: later)
    assert browser().post("/join", form).headers["Location"] == "/join"


# -- places -----------------------------------------------------------------------------------------


def test_who_does_not_know_their_booth_joins_in_the_constituency(visitor, sent):
    make_territories("IN/UP/07/A1/B7")
    _give_number(visitor)
    _give_code(visitor, sent)
    assert "I do not know more than Place A1" in visitor.get("/join?under=A1").content.decode()
    assert "I do not know" not in visitor.get("/join?under=07").content.decode()
    unsure = {"step": "place", "unsure": "yes"}
    assert visitor.post("/join", {**unsure, "territory": "07"}).headers["Location"] == "/join?under=07"
    visitor.post("/join", {**unsure, "territory": "A1"})
    visitor.post("/join", ALL_YES)
    assert Member.objects.get(name="Meena Kumari").territory.code == "A1"


def test_a_screen_never_shows_more_than_twenty_places(visitor, sent):
    make_territories(*[f"IN/UP/07/A1/N{number}" for number in range(1, 26)])
    _give_number(visitor)
    _give_code(visitor, sent)
    page = visitor.get("/join?under=A1").content.decode()
    assert page.count("/join?under=N") == 20
    rest = visitor.get("/join?under=A1&from=20").content.decode()
    assert rest.count("/join?under=N") == 5
    assert visitor.get("/join?under=A1&q=Place+N").content.decode().count("/join?under=N") == 20


def test_a_place_is_found_by_its_name_in_either_script_and_only_below(world, visitor, sent):
    _give_number(visitor)
    _give_code(visitor, sent)
    assert "/join?under=B1" in visitor.get("/join", {"q": "स्थान B1"}).content.decode()
    assert "/join?under=B1" not in visitor.get("/join", {"q": "place b1", "under": "07"}).content.decode()
