"""A citizen hears from the organisation without becoming a member: number, code, notice, and out again in two taps."""

import re

import pytest

from tests.factories import make_member, make_organisation, make_phone
from tests.web.conftest import code_in
from toli.access.domain.scope import EVERYWHERE
from toli.compliance.models import Organisation, OrganisationKind
from toli.members import selectors, services
from toli.members.domain.citizens import NOTICE_VERSION
from toli.members.models import Citizen, ConsentRecord, Member
from toli.sharing.services import share_link
from toli.web.templatetags.toli import day

NUMBER = make_phone(777)


@pytest.fixture
def visitor(world, browser):
    return browser()


def _prove(client, sent, number=NUMBER):
    client.post("/hear", {"step": "phone", "phone": number})
    return client.post("/hear", {"step": "code", "code": code_in(sent)})


def _agree(client, sent, number=NUMBER, code="A1", **ways):
    _prove(client, sent, number)
    client.post("/hear", {"step": "place", "territory": code})
    return client.post("/hear", {"step": "consent", **(ways or {"sms": "on"})})


def _words():
    return list(ConsentRecord.objects.filter(citizen__isnull=False).order_by("pk").values_list("channel", "given"))


def test_from_a_shared_link_to_the_ledger(world, visitor, sent, coordinator, neighbour):
    link = share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp")
    (path,) = re.findall(r'href="(/hear[^"]+)"', visitor.get(f"/s/{link.code}").content.decode())
    assert 'name="phone"' in visitor.get(path).content.decode()
    assert _prove(visitor, sent).headers["Location"] == "/hear"
    assert 'name="territory" value="A1"' in visitor.get("/hear").content.decode(), "where the sharer lives"
    visitor.post("/hear", {"step": "place", "territory": "A1"})
    notice = visitor.get("/hear").content.decode()
    for said in (Organisation.objects.get().name_en, "News and material", "Place A1", "at the longest", "one button"):
        assert said in notice
    assert not Citizen.objects.exists(), "nothing is kept before they agree"
    members = Member.objects.count()
    answer = visitor.post("/hear", {"step": "consent", "sms": "on"}, follow=True)
    assert "Thank you. You will hear from us." in answer.content.decode()
    word = ConsentRecord.objects.get(citizen__isnull=False)
    assert (word.purpose, word.channel, word.given) == ("content", "sms", True)
    assert (word.notice_version, word.language) == (NOTICE_VERSION, "en")
    assert word.evidence == {"page": "hear", "code": "verified"}
    assert (word.citizen.territory.code, Member.objects.count()) == ("A1", members)
    assert [selectors.count_citizens(EVERYWHERE, world.places[code]) for code in ("07", "A1", "070")] == [1, 1, 0]
    assert re.search(r"Citizens who agreed</p><b[^>]*>1<", coordinator.get("/console/t/07").content.decode())
    assert re.search(r"Citizens who agreed</p><b[^>]*>0<", neighbour.get("/console/t/070").content.decode())


def test_two_taps_stop_it_and_the_number_is_gone(visitor, sent, browser):
    path = _agree(visitor, sent).headers["Location"].partition("?")[0]
    someone = browser()
    page = someone.get(path).content.decode()
    assert "ends in 77" in page
    assert [said in page for said in (">SMS<", "WhatsApp", day(services.holds_until()))] == [True, False, True]
    assert NUMBER[3:] not in page
    answer = someone.post(path, {"what": "all"}, follow=True).content.decode()
    assert "Nothing more comes to you this way." in answer
    citizen = Citizen.objects.get()
    assert (bytes(citizen.number_sealed), citizen.ended_at is None) == (b"", False)
    assert _words() == [("sms", True), ("sms", False)], "what was agreed to can still be shown"
    someone.post(path, {"what": "all"})
    assert len(_words()) == 2


def test_the_same_number_again_is_no_error_and_makes_no_second(visitor, sent, browser):
    _agree(visitor, sent, sms="on", whatsapp="on")
    assert "agreed=1" in _agree(browser(), sent, code="B1").headers["Location"]
    assert Citizen.objects.get().territory.code == "B1"
    assert _words() == [("sms", True), ("whatsapp", True), ("sms", True), ("whatsapp", False)]


def test_who_lost_the_link_finds_the_way_out_by_their_number(visitor, sent, browser):
    path = _agree(visitor, sent).headers["Location"].partition("?")[0]
    again = browser()
    assert _prove(again, sent).headers["Location"] == f"{path}?known=1"
    page = again.get(f"{path}?known=1").content.decode()
    assert 'value="all"' in page
    assert 'href="/hear"' in page
    assert 'name="territory"' in again.get("/hear?under=A1").content.decode(), "or they change what they agreed to"


def test_who_stopped_can_agree_again(visitor, sent, browser):
    path = _agree(visitor, sent).headers["Location"].partition("?")[0]
    visitor.post(path, {"what": "all"})
    _agree(browser(), sent)
    assert Citizen.objects.agreed().count() == 1


def test_a_form_sent_twice_leads_to_the_same_page(visitor, sent):
    first = _agree(visitor, sent).headers["Location"].partition("?")[0]
    assert visitor.post("/hear", {"step": "consent", "sms": "on"}).headers["Location"] == first
    assert len(_words()) == 1


def test_a_stranger_learns_nothing_about_a_number(world, browser, sent):
    """Up to the code, a member's number, a citizen's and an unknown one look alike."""
    make_member("A1", phone=make_phone(901))
    services.agree(phone=make_phone(902), territory_code="A1", channels=["sms"], language="en")
    told = set()
    for serial in (901, 902, 903):
        client = browser()
        posted = client.post("/hear", {"step": "phone", "phone": make_phone(serial)})
        page = client.get("/hear").content.decode().replace(str(serial), "")
        told.add((posted.status_code, posted["Location"], re.sub(r'token" value="\w+"', "", page)))
    assert len(told) == 1
    assert len(sent) == 3


def test_a_member_is_recognised_after_the_code_only(world, visitor, sent):
    make_member("A1", phone=NUMBER)
    page = _prove(visitor, sent).content.decode()
    assert "You are a member already" in page
    assert "/sign-in?next=/me/data" in page
    visitor.post("/hear", {"step": "place", "territory": "A1"})
    visitor.post("/hear", {"step": "consent", "sms": "on"})
    assert not Citizen.objects.exists()


def test_a_citizen_who_joins_is_counted_as_a_member_alone(visitor, sent):
    """What may come to them is what they say at joining, where the box for news is not ticked."""
    _agree(visitor, sent)
    joined = services.enrol_member(
        drive_code="drive", name="Meena Kumari", phone=NUMBER, territory_code="A1", language="en",
        consents={"adult": True, "membership": True, "content": False}, evidence={},
    )  # fmt: skip
    assert not Citizen.objects.agreed().exists()
    assert selectors.words(joined.pk)["content", "sms"] is False
    assert _words()[-1] == ("sms", False)


def test_a_wrong_code_leads_no_further(visitor, sent):
    visitor.post("/hear", {"step": "phone", "phone": NUMBER})
    wrong = "000000" if code_in(sent) != "000000" else "000001"
    page = visitor.post("/hear", {"step": "code", "code": wrong})
    assert 'role="alert"' in page.content.decode()
    assert visitor.post("/hear", {"step": "consent", "sms": "on"}).headers["Location"] == "/hear"
    assert not Citizen.objects.exists()


def test_somebody_who_chooses_no_way_is_asked_again(visitor, sent):
    _prove(visitor, sent)
    visitor.post("/hear", {"step": "place", "territory": "A1"})
    page = visitor.post("/hear", {"step": "consent"}).content.decode()
    assert "choose at least one way" in page
    assert not Citizen.objects.exists()


def test_a_political_organisation_asks_for_no_way_that_is_barred_to_it(visitor, sent):
    """One way is left; the button alone agrees to it, and a box that was not there changes nothing."""
    Organisation.objects.update(kind=OrganisationKind.POLITICAL)
    _prove(visitor, sent)
    visitor.post("/hear", {"step": "place", "territory": "A1"})
    assert 'type="checkbox"' not in visitor.get("/hear").content.decode()
    visitor.post("/hear", {"step": "consent", "whatsapp": "on"})
    assert _words() == [("sms", True)]


def test_a_token_of_a_citizen_is_not_one_of_the_member_with_the_same_number(world, visitor, sent):
    services.set_consent(member_id=world.member.pk, purpose="content", given=True, language="en", evidence={})
    citizen = services.agree(phone=NUMBER, territory_code="A1", channels=["sms"], language="en")
    Citizen.objects.filter(pk=citizen.pk).update(number_sealed=b"", ended_at=citizen.agreed_at)
    path = services.stop_path(citizen_id=world.member.pk, channel="sms")
    visitor.post(path, {"what": "all"})
    assert selectors.words(world.member.pk)["content", "sms"] is True


def test_landing_leads_there_once_there_is_an_organisation(world, visitor):
    make_organisation()
    assert 'href="/hear"' in visitor.get("/").content.decode()
