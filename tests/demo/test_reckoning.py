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
from toli.demo.reckoning import reckon, reckon_posts
from toli.members.models import Member
from toli.members.services import set_consent
from toli.messaging.models import Message, Sender
from toli.posting import services as posting
from toli.posting.models import Post


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


@pytest.fixture
def post(db):
    """A post that stands in the organisation's own channel, as number 7 there."""
    make.make_organisation()
    make.make_territories("IN/UP")
    place = posting.add_place(
        actor=SYSTEM, provider="telegram_posts", settings={"chat_id": "@news"}, name="News", territory_code="UP",
        person_login=make.make_account().login,
    )  # fmt: skip
    now = timezone.now()
    kit = make.make_kit("IN", state="live")
    return Post.objects.create(
        place=place, kit=kit, language="hi", state="posted", ref="-100/7", created_at=now, ready_at=now, expires_at=now
    )


def posts_reckoned(tmp_path, *lines) -> dict[str, int]:
    path = tmp_path / "posts"
    path.write_text("".join(json.dumps({"chat": "news", **line}) + "\n" for line in lines) + '{"cut sho')
    return reckon_posts(path)[1]


SAID, GONE = {"number": 7, "text": "words"}, {"number": 7, "deleted": True}


def test_a_post_that_stands_keeps_every_promise(post, tmp_path):
    assert posts_reckoned(tmp_path, SAID) == {}


def test_a_post_called_standing_that_does_not(post, tmp_path):
    assert posts_reckoned(tmp_path) == {"posts_called_standing_that_do_not": 1}
    assert posts_reckoned(tmp_path, SAID, GONE) == {"posts_called_standing_that_do_not": 1}


def test_a_post_that_stands_twice(post, tmp_path):
    assert posts_reckoned(tmp_path, SAID, {"number": 8, "text": "words"}) == {"posts_standing_that_nobody_knows": 1}


def test_a_post_of_a_kit_that_was_taken_back(post, tmp_path):
    type(post.kit).objects.update(state="withdrawn")
    assert posts_reckoned(tmp_path, SAID) == {"posts_standing_of_a_kit_that_was_taken_back": 1}


def test_a_post_that_still_waits(post, tmp_path):
    Post.objects.update(state="queued", ref="")
    assert posts_reckoned(tmp_path) == {"posts_still_waiting": 1}
