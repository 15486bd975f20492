"""The studio and the election calendar on the desk."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.compliance import services as compliance
from toli.compliance.models import Election
from toli.content.models import KitFile, KitReview

pytestmark = pytest.mark.django_db
WORDS = {
    "title_hi": "शीर्षक", "text_hi": "संदेश", "act_label_hi": "देखें", "title_en": "Title", "text_en": "Text\n\nOther",
    "act_label_en": "Look", "act_url": "https://example.org/act", "topic": "Water",
}  # fmt: skip


@pytest.fixture
def draft(world):
    return make.make_kit("IN", state="draft", code="studio")


@pytest.fixture
def waiting(world):
    return make.make_kit("IN", state="in_review", code="waiting")


def test_a_draft_is_changed_on_its_page(headquarters, draft):
    page = headquarters.get(f"/console/kits/{draft.pk}/edit").content.decode()
    assert "Check your name on the list" in page
    assert "data-platforms" in page
    answer = headquarters.post(f"/console/kits/{draft.pk}/edit", {**WORDS, "title_en": ""})
    assert answer.status_code == 400
    headquarters.post(f"/console/kits/{draft.pk}/edit", WORDS)
    draft.refresh_from_db()
    assert draft.topic == "Water"
    shown = headquarters.get(f"/console/kits/{draft.pk}").content.decode()
    assert "Other" in shown
    assert "SMS 1/3" in shown  # counted without JavaScript as well


def test_approved_in_the_queue_or_with_changes_or_sent_back(headquarters, waiting):
    page = headquarters.get("/console/approvals").content.decode()
    assert "1 kit to approve" in page
    assert "data-approve" in page
    second = make.make_kit("IN", state="in_review")
    answer = headquarters.post(f"/console/kits/{second.pk}/approve", {"next": "approvals"})
    assert answer.headers["Location"] == "/console/approvals"
    third = make.make_kit("IN", state="in_review")
    assert headquarters.post(f"/console/kits/{third.pk}/reject", {"note": ""}).status_code == 409
    headquarters.post(f"/console/kits/{third.pk}/reject", {"note": "No source", "next": "approvals"})
    assert "No source" in headquarters.get(f"/console/kits/{third.pk}").content.decode()
    answer = headquarters.post(f"/console/kits/{waiting.pk}/review", {**WORDS, "note": "shorter"})
    assert answer.headers["Location"] == "/console/approvals"
    assert set(KitReview.objects.values_list("verdict", flat=True)) == {"approved", "rejected", "edited"}
    assert "Nothing waits" in headquarters.get("/console/approvals").content.decode()


def test_ones_own_kit_waits_for_somebody_else(world, browser):
    account = make.make_headquarters()
    kit = make.make_kit("IN", state="in_review", created_by=account)
    page = browser(account).get("/console/approvals").content.decode()
    assert "somebody else approves it" in page
    assert "data-approve" not in page
    assert browser(account).post(f"/console/kits/{kit.pk}/approve").status_code == 409


def test_words_for_a_platform_that_do_not_fit_come_back_with_what_was_typed(headquarters, draft):
    address = f"/console/kits/{draft.pk}/platforms"
    assert "On each platform" in headquarters.get(address).content.decode()
    answer = headquarters.post(address, {"x_en": "y" * 300})
    assert answer.status_code == 400
    assert "y" * 300 in answer.content.decode()
    assert headquarters.post(address, {"x_en": "short"}).status_code == 303
    assert "short" in headquarters.get(address).content.decode()


def test_an_email_is_shown_as_mail_programs_do_and_has_words_of_its_own(headquarters, draft):
    address = f"/console/kits/{draft.pk}/platforms"
    page = headquarters.get(address).content.decode()
    assert "<span>Check your name on the list</span> <small>Checking your name takes one minute.</small>" in page
    assert headquarters.post(address, {"email_subject_en": "x" * 121}).status_code == 400
    assert headquarters.post(address, {"email_en": "y" * 8001}).status_code == 400
    words = {"email_subject_en": "One minute", "email_en": "First\r\nline <b>.\r\n\r\n\r\nSecond."}
    assert headquarters.post(address, words).status_code == 303
    own = draft.platform_texts.get()
    assert (own.platform, own.texts, own.subject) == ("email", ["First\nline <b>.\n\nSecond."], "One minute")
    page = headquarters.get(address).content.decode()
    assert "<span>One minute</span> <small>First line &lt;b&gt;. Second.</small>" in page
    assert '<p class="said">First\nline &lt;b&gt;.</p><p class="said">Second.</p>' in page
    assert "Published by" in page
    assert "To stop such messages" in page
    headquarters.post(address, {"email_en": ""})
    assert not draft.platform_texts.exists()


def test_coordinators_look_and_do_not_write(coordinator, neighbour, world):
    kit = make.make_kit("07", state="draft")
    assert coordinator.get(f"/console/kits/{kit.pk}/platforms").status_code == 200
    assert coordinator.post(f"/console/kits/{kit.pk}/platforms", {"x_en": "short"}).status_code == 400
    sent = {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7\n%%EOF")}
    assert coordinator.post(f"/console/kits/{kit.pk}/files/certificate", sent).status_code == 409
    for page in ("platforms", "media/x.jpg", "files/certificate"):
        assert neighbour.get(f"/console/kits/{kit.pk}/{page}").status_code == 404
    assert coordinator.get("/console/approvals").status_code == 403


def test_a_certificate_is_put_there_and_fetched(headquarters, draft):
    address = f"/console/kits/{draft.pk}/files/certificate"
    assert headquarters.post(address, {}).status_code == 400
    headquarters.post(address, {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7\n%%EOF")})
    answer = headquarters.get(address)
    assert (answer.headers["Content-Type"], answer.content) == ("application/pdf", b"%PDF-1.7\n%%EOF")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert KitFile.objects.get().kind == "certificate"
    assert headquarters.get(f"/console/kits/{draft.pk}/files/other").status_code == 404


class TestElections:
    @pytest.fixture
    def election(self, world):
        fields = {"name_en": "General election", "name_hi": "आम चुनाव", "announced_at": timezone.now()}
        return compliance.add_election(actor=SYSTEM, code="ls", **fields)

    def test_an_election_is_entered_with_its_places(self, headquarters, world):
        fields = {"code": "ls", "name_hi": "आम चुनाव", "name_en": "General election", "silence_hours": "48"}
        assert headquarters.post("/console/elections/new", fields).status_code == 400
        answer = headquarters.post("/console/elections/new", {**fields, "announced_at": "2029-03-16T10:00"})
        assert answer.headers["Location"] == "/console/elections/ls"
        poll = {"act": "add", "phase": "2", "closes_at": "2029-04-19T18:00", "areas": "07, 070"}
        headquarters.post("/console/elections/ls/change", poll)
        page = headquarters.get("/console/elections/ls").content.decode()
        assert "Place 070" in page
        assert headquarters.post("/console/elections/ls/change", poll).status_code == 409
        wrong = headquarters.post("/console/elections/ls/change", {**poll, "areas": "XX"})
        assert wrong.status_code == 404
        assert "XX" in wrong.content.decode()
        assert "General election" in headquarters.get("/console/elections").content.decode()
        number = Election.objects.get().polls.first().pk
        headquarters.post("/console/elections/ls/change", {"act": "remove-poll", "poll": number})
        headquarters.post("/console/elections/ls/change", {"act": "remove"})
        assert not Election.objects.exists()

    def test_silence_is_said_while_it_lasts(self, headquarters, election):
        Election.objects.update(announced_at=timezone.now() - timedelta(days=30))
        poll = compliance.PollDraft(1, timezone.now() + timedelta(hours=3), ["07"])
        compliance.add_polls(actor=SYSTEM, code="ls", poll=poll)
        assert "silence now" in headquarters.get("/console/elections/ls").content.decode()

    def test_everybody_reads_it_and_its_keepers_write(self, coordinator, election):
        page = coordinator.get("/console/elections/ls").content.decode()
        assert "Add places" not in page
        assert coordinator.get("/console/elections/new").status_code == 403
        assert coordinator.post("/console/elections/ls/change", {"act": "remove"}).status_code == 403
