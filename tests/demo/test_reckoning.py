"""The reckoning of the demonstration sees each promise that is broken, and counts nothing that was kept."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.compliance import services as compliance
from toli.compliance.services import PollDraft
from toli.demo.plan import TEXTS
from toli.demo.reckoning import reckon
from toli.members.models import Member
from toli.members.services import set_consent
from toli.messaging.models import Message, Sender


@pytest.fixture
def message(db):
    """One message that was sent to somebody who agreed to it."""
    make.make_organisation()
    make.make_territories("IN/UP", "IN/UPX")
    member = make.make_member("UP")
    agree(member, True)
    make.make_batch("IN", members=[member])
    Sender.objects.update(code=TEXTS)
    return Message.objects.get()


def agree(member: Member, given: bool) -> None:
    set_consent(member_id=member.pk, purpose="content", given=given, language="hi", evidence={}, channels=["sms"])


def reckoned(tmp_path, *messages, at=None) -> dict[str, int]:
    at = (at or timezone.now()).timestamp()
    lines = [{"at": at, "to": "+910000000001", "fields": {"reference": f"{item.correlation}.1"}} for item in messages]
    path = tmp_path / "ledger"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"cut sho')
    return reckon(path)[1]


def poll_in(area: str) -> None:
    now = timezone.now()
    poll = PollDraft(1, now + timedelta(hours=47), [area])
    names = {"code": "poll", "name_en": "Poll", "name_hi": "मतदान", "announced_at": now - timedelta(days=9)}
    compliance.add_election(actor=SYSTEM, polls=[poll], **names)


def test_what_was_taken_and_called_sent_keeps_every_promise(message, tmp_path):
    poll_in("UPX")
    assert reckoned(tmp_path, message) == {}
    assert reckon(tmp_path / "ledger")[0]["sent"] == 1


def test_sent_as_the_outbox_says_but_never_taken(message, tmp_path):
    assert reckoned(tmp_path) == {"called_sent_but_not_taken": 1}


def test_taken_although_the_outbox_does_not_say_so(message, tmp_path):
    Message.objects.update(state="cancelled")
    assert reckoned(tmp_path, message) == {"taken_but_not_called_sent": 1}


def test_taken_twice_and_taken_from_nobody(message, tmp_path):
    assert reckoned(tmp_path, message, message) == {"taken_twice": 1}
    assert reckoned(tmp_path, message, Message()) == {"taken_but_not_known": 1}


def test_taken_before_a_yes_or_after_a_no(message, tmp_path):
    before = timezone.now() - timedelta(hours=1)
    assert reckoned(tmp_path, message, at=before) == {"without_consent": 1}
    taken = timezone.now()
    agree(message.member, False)
    assert reckoned(tmp_path, message) == {"without_consent": 1}
    assert reckoned(tmp_path, message, at=taken) == {}


def test_taken_in_the_silence_of_the_place_where_the_member_lives(message, tmp_path):
    poll_in("UP")
    assert reckoned(tmp_path, message) == {"in_silence": 1}


def test_left_waiting(message, tmp_path):
    Message.objects.update(state="queued")
    assert reckoned(tmp_path) == {"still_waiting": 1}
