"""`toli rights`: the inbox with its clock, one request, the member's own copy, the schedule."""

import json
from datetime import timedelta

import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.cli.commands import doctor
from toli.core import clock
from toli.rights import services
from toli.rights.models import BreachCase, RetentionRun, RightsRequest

pytestmark = pytest.mark.django_db
PHONE = "+910198237645"


@pytest.fixture
def member(settings, tmp_path):
    settings.RIGHTS_DIR = tmp_path / "rights"
    make.make_organisation()
    make.make_territories("IN/UP/07/A1")
    return make.make_member("A1", name="Asha Kumari", phone=PHONE)


def filed(member, kind="complaint", words="somebody called me"):
    return services.file_request(actor=SYSTEM, member_id=member.pk, kind=kind, words=words)


def test_the_inbox_tells_how_many_days_are_left_and_no_name(toli, member):
    complaint, erasure = filed(member), filed(member, "erasure")
    services.answer_request(actor=SYSTEM, request_id=complaint.pk, answer="We are sorry.")
    rows = toli("rights", "list", "--json").json
    assert [(row["id"], row["kind"], row["days_left"], row["state"]) for row in rows] == [
        (erasure.pk, "erasure", 29, "open")
    ]
    assert [row["id"] for row in toli("rights", "list", "--closed", "--json").json] == [complaint.pk]
    shown = toli("rights", "list").out
    assert "Erasure" in shown
    assert "Asha" not in shown


def test_one_request_with_its_words_and_the_look_is_recorded(toli, member):
    request = filed(member)
    answer = toli("rights", "show", request.pk)
    assert "somebody called me" in answer.out
    assert toli("rights", "show", request.pk, "--json").json["takes"] is None
    assert AuditEntry.objects.filter(action="rights.look", target=f"request:{request.pk}").count() == 2
    assert toli("rights", "show", 999_999).code == 1


def test_of_an_erasure_it_tells_what_it_takes(toli, member):
    takes = toli("rights", "show", filed(member, "erasure").pk, "--json").json["takes"]
    assert {row["key"]: row["count"] for row in takes}["members.numbers"] == 1


def test_the_copy_is_private_whole_and_recorded(toli, member, tmp_path):
    page, data = tmp_path / "copy.html", tmp_path / "copy.json"
    assert toli("rights", "copy", member.pk, page).code == 0
    answer = toli("rights", "copy", member.pk, data, "--json")
    assert answer.json["kinds"]["members.numbers"] == 1
    for path in (page, data):
        assert path.stat().st_mode & 0o777 == 0o600
        assert PHONE in path.read_text()
    assert "सदस्य" in page.read_text(), "in the member's language"
    assert json.loads(data.read_text())["members.numbers"] == [{"number": PHONE}]
    assert AuditEntry.objects.filter(action="rights.copy", target=f"member:{member.pk}").count() == 2
    assert PHONE not in answer.out + answer.err


def test_no_file_is_written_over_and_nothing_is_recorded_then(toli, member, tmp_path):
    path = tmp_path / "copy.html"
    path.write_text("mine")
    answer = toli("rights", "copy", member.pk, path)
    assert (answer.code, path.read_text()) == (1, "mine")
    assert toli("rights", "copy", member.pk, tmp_path / "copy.pdf").code == 2
    assert not AuditEntry.objects.filter(action="rights.copy").exists()


def test_the_schedule_is_shown_and_carried_out(toli, member):
    lines = toli("rights", "retention", "--json").json
    assert {"key": "audit.entries", "days": 365, "bounds": [365, 3650], "due": 0}.items() <= next(
        line for line in lines if line["key"] == "audit.entries"
    ).items()
    assert "Nothing was changed" in toli("rights", "retention").err
    assert toli("rights", "retention", "--only", "rights.left", "--yes", "--json").json[0]["cleared"] == 0
    assert toli("rights", "retention", "--only", "no.such").code == 1


def test_the_doctor_tells_what_is_late(member):
    assert doctor._rights().ok
    request = filed(member)
    RightsRequest.objects.filter(pk=request.pk).update(due_at=clock.now() - timedelta(days=1))
    long_ago = clock.now() - timedelta(days=4)
    BreachCase.objects.create(
        territory=member.territory, title="Old", aware_at=long_ago, began_at=long_ago, ended_at=long_ago,
        opened_at=long_ago,
    )  # fmt: skip
    RetentionRun.objects.create(key="rights.left", before=long_ago, started_at=long_ago)
    finding = doctor._rights()
    assert not finding.ok
    assert "1 requests of members, 0 complaints, 1 cases for the Board, 1 lines" in finding.seen
