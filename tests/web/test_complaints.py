"""A complaint without an account: a number and a page at once, a list with clocks at the desk, an answer by its day."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from tests.factories import make_account, make_complaint, make_phone
from toli.access.domain.permissions import STANDARD_ROLES
from toli.access.models import Role, RoleAssignment
from toli.audit.selectors import entries
from toli.core import clock, limits
from toli.core.domain.limits import LIMITS
from toli.rights import selectors
from toli.rights.models import Complaint
from toli.sharing.services import share_link
from toli.territories.models import Territory
from toli.web.templatetags.toli import day, short_day

WORDS = "A man rang three times at night"


@pytest.fixture
def citizen(world, browser):
    return browser()


@pytest.fixture
def officer(world, browser):
    """The grievance officer of a place, in the role that Toli ships with."""

    def make(code):
        account = make_account(name="Officer")
        english, hindi, permissions = STANDARD_ROLES["grievance"]
        fields = {"name_en": english, "name_hi": hindi, "permissions": list(permissions)}
        role, _new = Role.objects.get_or_create(code="grievance", defaults=fields)
        place = Territory.objects.get(code=code)
        RoleAssignment.objects.create(account=account, role=role, territory=place, valid_from="2020-01-01")
        return browser(account)

    return make


def page(answer):
    return answer.content.decode()


def _complain(client, **fields):
    form = client.get("/complain", {"s": fields["s"]} if "s" in fields else {})
    (token,) = re.findall(r'name="token" value="([^"]+)"', page(form))
    return client.post("/complain", {"token": token, "about": "behaviour", "words": WORDS, **fields})


def test_from_a_shared_message_to_the_answer(world, citizen, officer, browser):
    link = share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp")
    assert f'href="/complain?s={link.code}"' in page(citizen.get(f"/s/{link.code}"))
    address = _complain(citizen, about="message", s=link.code, phone=make_phone(5)).headers["Location"]
    found = Complaint.objects.get()
    assert f"Complaint {found.pk}" in page(citizen.get(address))
    assert "It is received." in page(citizen.get(address))
    assert (found.territory.code, found.kit, found.about) == ("A1", world.kit, "message")
    assert (found.take_up_by - found.filed_at, found.due_at - found.filed_at) == (timedelta(1), timedelta(15))
    for secret in (WORDS.encode(), b"0000000005"):
        assert secret not in bytes(found.words_sealed) + bytes(found.phone_sealed)

    desk = officer("07")
    assert f'href="/console/complaints/{found.pk}"' in page(desk.get("/console/complaints"))
    read = page(desk.get(f"/console/complaints/{found.pk}"))
    assert WORDS in read
    assert make_phone(5) in read
    assert world.kit.code in read
    desk.post(f"/console/complaints/{found.pk}/take")
    assert "Somebody works on it." in page(browser().get(address))
    desk.post(f"/console/complaints/{found.pk}/answer", {"answer": "He will not ring again."})
    told = page(browser().get(address))
    assert "He will not ring again." in told
    assert WORDS not in told
    assert make_phone(5) not in told
    assert "No complaints wait" not in page(desk.get("/console/complaints"))
    assert f"/console/complaints/{found.pk}" not in page(desk.get("/console/complaints"))
    assert f"/console/complaints/{found.pk}" in page(desk.get("/console/complaints?answered=1"))
    acts = {entry.action for entry in entries() if entry.target == f"complaint:{found.pk}"}
    assert acts == {f"rights.complaint.{act}" for act in ("file", "look", "take_up", "answer")}


def test_without_a_message_it_lands_with_the_whole_organisation_alone(citizen, officer):
    _complain(citizen)
    found = Complaint.objects.get()
    assert found.territory.code == "IN"
    assert officer("07").get(f"/console/complaints/{found.pk}").status_code == 404
    assert officer("IN").get(f"/console/complaints/{found.pk}").status_code == 200


def test_the_neighbour_sees_nothing_of_it(world, officer, coordinator):
    found = make_complaint("A1")
    neighbour = officer("070")
    assert str(found.pk) not in re.findall(r"/console/complaints/(\d+)", page(neighbour.get("/console/complaints")))
    for path in ("", "/take", "/answer"):
        assert neighbour.post(f"/console/complaints/{found.pk}{path}", {"answer": "Not mine"}).status_code == 404
    assert coordinator.get("/console/complaints").status_code == 403
    assert Complaint.objects.get().state == "received"


def test_a_form_sent_twice_makes_one(citizen):
    first = _complain(citizen).headers["Location"]
    token = first.split("/")[2].partition("?")[0]
    again = citizen.post("/complain", {"token": token, "about": "behaviour", "words": WORDS})
    assert (again.headers["Location"], Complaint.objects.count()) == (first, 1)


def test_a_token_of_somebody_elses_making_is_not_taken(citizen):
    answer = citizen.post("/complain", {"token": "short", "about": "data", "words": WORDS})
    assert re.fullmatch(r"/complain/[\w-]{22}\?new=1", answer.headers["Location"])


@pytest.mark.parametrize(("fields", "said"), [
    ({"about": ""}, "choose what it is about"),
    ({"about": "religion"}, "choose what it is about"),
    ({"words": ""}, "in a few words what happened"),
    ({"words": "x"}, "in a few words what happened"),
    ({"phone": "12"}, "This is not a mobile number"),
])  # fmt: skip
def test_what_is_missing_is_said_beside_its_field(citizen, fields, said):
    answer = _complain(citizen, **fields)
    assert answer.status_code == 400
    assert said in page(answer)
    assert not Complaint.objects.exists()


def test_addresses_that_do_not_exist_tell_nothing(citizen):
    assert citizen.get("/complain/" + "x" * 22).status_code == 404


def test_clocks_of_the_law(world, officer, settings):
    """Not taken up within a day is late, and so is no answer past its day. The organisation may promise less."""
    desk, day = officer("07"), timedelta(days=1)
    found = make_complaint("A1")
    assert "14 days left" in page(desk.get("/console/complaints"))
    Complaint.objects.update(take_up_by=clock.now() - day)
    assert "Not taken up in time" in page(desk.get("/console/complaints"))
    assert selectors.overdue().complaints == 1
    desk.post(f"/console/complaints/{found.pk}/take")
    assert "Not taken up in time" not in page(desk.get("/console/complaints"))
    assert selectors.overdue().complaints == 0
    Complaint.objects.update(due_at=clock.now() - day / 2)
    assert "1 day late" in page(desk.get("/console/complaints"))
    assert selectors.overdue().complaints == 1
    settings.TOLI_COMPLAINT_DAYS = 7
    soon = make_complaint("A1")
    assert soon.due_at - soon.filed_at == timedelta(days=7)


def test_an_answer_needs_words_and_comes_once(world, officer):
    desk, found = officer("07"), make_complaint("A1")
    assert desk.post(f"/console/complaints/{found.pk}/answer", {"answer": " "}).status_code == 400
    desk.post(f"/console/complaints/{found.pk}/answer", {"answer": "First"})
    assert desk.post(f"/console/complaints/{found.pk}/answer", {"answer": "Second"}).status_code == 409
    assert selectors.complaint_answer(Complaint.objects.get()) == "First"


def test_a_flood_is_stopped_and_others_still_complain(citizen, browser):
    for _ in range(LIMITS["complaints.address"].times):
        limits.hit("complaints.address", "192.0.2.7")
    form = {"token": "", "about": "other", "words": WORDS}
    assert browser(REMOTE_ADDR="192.0.2.7").post("/complain", form).status_code == 429
    assert citizen.post("/complain", form).status_code == 303


def test_the_day_of_an_answer_is_that_of_the_place(settings):
    """Half past ten in the evening of London is the next morning in India."""
    assert settings.TIME_ZONE == "Asia/Kolkata"
    with translation.override("en"):
        assert day(datetime(2026, 12, 15, 22, 30, tzinfo=UTC)) == "16 December 2026"
        assert day(date(2026, 12, 15)) == "15 December 2026"
        assert short_day(datetime(2026, 12, 15, 12, tzinfo=UTC)) == "15 December"
