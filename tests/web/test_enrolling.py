"""Pages of assisted enrolment: who sees what, and what the phone's script is told."""

import json

import pytest
from django.test import Client

from tests import factories as make
from tests.enrolment.conftest import make_helper_case
from tests.enrolment.phones import Phone
from toli.enrolment.models import Application, Device
from toli.enrolment.services.applications import invitation_path
from toli.members.models import Member

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def place():
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1", "IN/UP/Z1/A1/B2", "IN/UP/Z2/A2/C1")
    make.make_drive()


def browser(code=None):
    client = Client()
    client.cookies["lang"] = "en"
    if code:
        client.force_login(make.make_coordinator(code), backend=BACKEND)
    return client


def post(client, path, content):
    return client.post(path, json.dumps(content), content_type="application/json")


def test_a_phone_registers_and_sends_and_each_entry_is_answered():
    client, phone = browser("A1"), Phone()
    assert post(client, "/console/enrol/device", {"key": phone.jwk, "name": "Linux; Android 12"}).json() == {
        "device": phone.id
    }
    answers = post(client, "/console/enrol/records", {"records": [phone.write(), {}]}).json()["answers"]
    assert [answer["result"] for answer in answers] == ["accepted", "refused"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"[" * 100_000])
def test_what_is_no_json_is_refused_in_words(body):
    answer = browser("A1").post("/console/enrol/device", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "key_unfit")


def test_only_booths_of_the_own_area_are_on_the_page():
    page = browser("A1").get("/console/enrol").content.decode()
    assert 'value="B1"' in page
    assert "C1" not in page


def test_the_neighbour_sees_nothing_and_changes_nothing():
    entry = make.make_application("B1", name="Ravi Kumar")
    client = browser("A2")
    assert client.get("/console/t/B1/enrolments").status_code == 404
    assert client.get("/console/enrol?t=B1").status_code == 404
    assert client.post(f"/console/enrol/{entry.pk}/withdraw").status_code == 404
    assert client.post(f"/console/enrol/devices/{entry.device_id}/end").status_code == 404
    assert Application.objects.get().is_open
    assert Device.objects.get().ended_at is None
    assert "Helper" not in client.get("/console/t/A2/enrolments").content.decode()


def test_the_desk_counts_and_ends_a_phone():
    entry = make.make_application("B1", name="Ravi Kumar")
    client = browser("A1")
    page = client.get("/console/t/A1/enrolments").content.decode()
    assert "waits for their answer: 1" in page
    client.post(f"/console/enrol/devices/{entry.device_id}/end")
    assert Device.objects.get().ended_at


def test_the_persons_page_asks_and_a_look_changes_nothing():
    entry = make.make_application("B1", name="Ravi Kumar")
    client = browser()
    page = client.get(invitation_path(entry))
    assert page.status_code == 200
    assert "Ravi Kumar" in page.content.decode()
    assert 'name="adult"' in page.content.decode()
    assert client.get(invitation_path(entry) + "?under=A1").content.decode().count("under=B") == 2
    given = {"choice": entry.pk, "territory": "B2", "name": "Ravi K", "answer": "yes"}
    assert "18" in client.post(invitation_path(entry), given).content.decode()
    assert Member.objects.count() == 0
    assert client.post(invitation_path(entry), {**given, "adult": "on", "membership": "on"}).status_code == 303
    assert Member.objects.get().territory.code == "B2"
    assert client.get(invitation_path(entry)).status_code == 404


def test_who_says_yes_while_their_helper_is_checked_reads_so_and_the_helper_does():
    entry = make.make_application("B1", name="Ravi Kumar")
    make_helper_case(entry.enroller_id, "B1")
    given = {"choice": entry.pk, "territory": "B1", "name": "Ravi", "answer": "yes", "adult": "on", "membership": "on"}
    client = browser()
    assert "is being checked" in client.post(invitation_path(entry), given).content.decode()
    assert client.get("/me").status_code == 303
    assert "said yes, is being checked: 1" in browser("A1").get("/console/t/A1/enrolments").content.decode()
