"""E-mail: the whole way of a message, and of what comes back about it."""

import json
import mailbox
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.factories import make_mailbox, make_member
from tests.messaging.test_other_channels import a_desk_of
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM
from toli.cli.commands.email import app
from toli.core import events
from toli.core.errors import Forbidden
from toli.emulators.faults import Fault, Faults
from toli.emulators.smtp import MailServer, bounce_of, complaint_about
from toli.members import selectors as members
from toli.members.events import MemberLeft, MembersMerged
from toli.members.services import set_consent
from toli.messaging.domain import return_tokens
from toli.messaging.domain.mail_reports import MailReport, Told, read
from toli.messaging.domain.return_tokens import Returned
from toli.messaging.errors import ReturnUnknown
from toli.messaging.models import Batch, MailAddress, Message
from toli.messaging.ports import Content
from toli.messaging.services import mailboxes
from toli.messaging.services.returned import take_report

SETTINGS = {"address": "news@toli.example", "name": "Toli", "bounces": "back@toli.example"}
GONE = {"status": "5.1.1", "said": "550 5.1.1 no such user"}


@pytest.fixture
def desk(union):
    with a_desk_of("email_smtp", MailServer(), SETTINGS, ("server", ""), scheme="smtp") as desk:
        yield desk


@pytest.fixture
def member(union):
    member = make_member(territory="07")
    make_mailbox(member)
    say(member, given=True)
    return member


def say(member, *, given):
    set_consent(member_id=member.pk, purpose="content", given=given, language="hi", evidence={"page": "email"},
                channels=("email",))  # fmt: skip


def write(desk, *who, purpose="content", **more):
    batch = desk.batch(purpose=purpose, content=Content(text="Water\n\nClean water for all."), **more)
    desk.queue(batch, [one.pk for one in who])
    return desk.dispatch()


def come_back(raw, **more):
    told = take_report(actor=SYSTEM, report=read(raw, **more))
    events.deliver()
    return told


class TestTheOutbox:
    def test_only_a_confirmed_mailbox_of_who_agreed_is_written_to(self, desk, member):
        waiting, silent = make_member(territory="07"), make_member(territory="07")
        make_mailbox(waiting, token="x")
        say(waiting, given=True)
        make_mailbox(silent)
        assert write(desk, member, waiting, silent, make_member(territory="07")) == 1
        (taken,) = desk.emulator.messages
        assert taken.to == ("asha@mail.example",)
        message = Message.objects.get(state="sent")
        assert taken.mail["Message-ID"] == f"<{message.correlation}@toli.example>" == message.ref
        assert f"/c/{taken.raw.decode().partition('/c/')[2][:10]}" in taken.mail["List-Unsubscribe"]

    def test_a_no_in_the_mail_program_holds_for_what_is_queued(self, desk, member):
        say(member, given=False)
        assert write(desk, member) == 0

    def test_a_mailbox_that_is_gone_is_given_up_and_the_other_way_is_tried(self, desk, member):
        MailAddress.objects.all().delete()
        make_mailbox(member, "gone@mail.example")
        other = desk.batch(purpose="content")
        assert write(desk, member, otherwise=other) == 0
        events.deliver()
        assert MailAddress.objects.get().failed_at is not None
        assert write(desk, member) == 0
        assert len(desk.emulator.messages) == 0

    def test_an_answer_that_is_lost_is_unknown_and_not_sent_again(self, desk, member):
        desk.emulator.faults = Faults(Fault.LOST, times=1)
        assert write(desk, member) == 0
        assert desk.states() == {"unknown": 1}
        assert desk.dispatch() == 0
        assert sum(desk.emulator.taken.values()) == 1

    def test_a_password_that_is_refused_stops_the_sender_and_loses_nothing(self, desk, member):
        desk.emulator.faults = Faults(Fault.DENIED, times=1)
        assert write(desk, member) == 0
        desk.sender.refresh_from_db()
        assert (desk.sender.state, desk.sender.reason) == ("paused", "smtp_530_5.7.0")
        assert desk.states() == {"queued": 1}

    def test_who_leaves_or_is_joined_with_another_entry(self, union, member):
        other = make_member(territory="07")
        mailboxes.hand_over(MembersMerged(survivor_id=other.pk, merged_id=member.pk))
        assert MailAddress.objects.get().member_id == other.pk
        mailboxes.forget_mailbox(MemberLeft(member_id=other.pk))
        assert not MailAddress.objects.exists()


class TestWhatComesBack:
    @pytest.fixture
    def taken(self, desk, member):
        assert write(desk, member) == 1
        return desk.emulator.messages[0]

    def test_a_mailbox_that_is_gone_is_not_written_to_any_more(self, desk, member, taken):
        for _twice in range(2):
            assert come_back(bounce_of(taken, **GONE)) is Told.GONE
        assert desk.states() == {"failed": 1}
        assert MailAddress.objects.get().failed_at is not None
        assert write(desk, member) == 0
        assert members.words(member.pk) == {("content", "email"): True}  # it was the mailbox, not the member

    def test_read_a_second_time_it_changes_nothing(self, desk, member, taken):
        other = desk.batch(purpose="membership")
        Batch.objects.exclude(pk=other.pk).update(otherwise=other)
        for _twice in range(2):
            come_back(bounce_of(taken, **GONE))
        failed = MailAddress.objects.get().failed_at
        come_back(bounce_of(taken, **GONE))
        assert MailAddress.objects.get().failed_at == failed
        assert Message.objects.filter(batch=other).count() == 1

    def test_a_full_mailbox_or_a_policy_is_no_end_of_it(self, desk, member, taken):
        assert come_back(bounce_of(taken, status="5.2.2", said="552 5.2.2 full")) is Told.FAILED
        assert desk.states() == {"failed": 1}
        assert MailAddress.objects.get().failed_at is None

    def test_a_delay_says_nothing_yet(self, desk, taken):
        assert come_back(bounce_of(taken, action="delayed", status="4.4.1", said="451 later")) is Told.NOTHING
        assert desk.states() == {"sent": 1}

    def test_an_unknown_one_is_settled(self, desk, member):
        desk.emulator.faults = Faults(Fault.LOST, times=1)
        write(desk, member)
        come_back(bounce_of(desk.emulator.messages[0], **GONE))
        assert desk.states() == {"failed": 1}

    def test_what_was_said_of_an_earlier_mailbox_is_not_said_of_the_next(self, member, taken):
        MailAddress.objects.all().delete()
        make_mailbox(member, "new@mail.example")
        come_back(bounce_of(taken, **GONE))
        assert MailAddress.objects.get().failed_at is None

    def test_a_complaint_ends_all_e_mail_once(self, desk, member, taken):
        for _twice in range(2):
            assert come_back(complaint_about(taken)) is Told.COMPLAINT
        assert members.words(member.pk) == {("content", "email"): False, ("membership", "email"): False}
        assert member.consents.filter(given=False).count() == 2
        assert write(desk, member, purpose="membership") == 0

    def test_a_complaint_that_is_none_ends_nothing(self, member, taken):
        assert come_back(complaint_about(taken, kind="not-spam")) is Told.NOTHING
        assert members.words(member.pk) == {("content", "email"): True}

    def test_without_a_token_of_ours_nothing_is_believed(self, desk, member, taken):
        token = taken.returns.partition("+")[2].partition("@")[0]
        changed = token[:-1] + ("a" if token[-1] != "a" else "b")
        report = bounce_of(taken, **GONE).replace(token.encode(), changed.encode())
        plain = bounce_of(taken, **GONE).replace(b"+" + token.encode(), b"")
        foreign = return_tokens.encode(Returned(f"{uuid4()}.1", 1), key=return_tokens.key_from("another"))
        for raw in (report, plain, b"", bounce_of(taken).replace(token.encode(), foreign.encode())):
            with pytest.raises(ReturnUnknown):
                come_back(raw)
        assert desk.states() == {"sent": 1}

    def test_the_mail_server_may_say_for_whom_it_took_it(self, desk, taken):
        token = taken.returns.partition("+")[2].partition("@")[0]
        plain = bounce_of(taken, **GONE).replace(b"+" + token.encode(), b"")
        assert come_back(plain, recipient=taken.returns.upper()) is Told.GONE

    def test_only_this_machine_hands_reports_in(self, taken):
        with pytest.raises(Forbidden):
            take_report(actor=ANONYMOUS, report=read(bounce_of(taken)))


class TestTheCommand:
    def test_a_pipe_and_an_mbox_are_read(self, desk, member, tmp_path):
        write(desk, member)
        taken = desk.emulator.messages[0]
        box = mailbox.mbox(tmp_path / "box")
        for raw in (bounce_of(taken, **GONE), bounce_of(taken, **GONE), complaint_about(taken), b"Subject: hello\n\nx"):
            box.add(raw)
        box.flush()
        words = ["bounces", "--json"]
        done = CliRunner().invoke(app, [*words, "--mbox", str(tmp_path / "box")])
        assert (json.loads(done.stdout), done.exit_code) == ({"gone": 2, "complaint": 1, "refused": 1}, 1)
        piped = CliRunner().invoke(app, words, input=bounce_of(taken, **GONE))
        assert (json.loads(piped.stdout), piped.exit_code) == ({"gone": 1}, 0)


@settings(max_examples=60)
@given(
    st.binary(max_size=300), st.sampled_from(["", "To: a+" + "a" * 47 + "@b.c\n", "Content-Type: multipart/report\n\n"])
)
def test_whatever_comes_is_read_without_a_fault(body, head):
    assert isinstance(read(head.encode() + body), MailReport)


@settings(max_examples=60)
@given(st.uuids(), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_a_token_stands_for_what_it_was_made_of_in_any_case(message, call, box):
    key = return_tokens.key_from("secret")
    made = return_tokens.encode(Returned(f"{message}.{call}", box), key=key)
    assert len(made) == return_tokens.LENGTH
    assert made == made.lower()
    assert return_tokens.decode(made.upper(), key=key) == Returned(f"{message}.{call}", box)
    ends = [made[:-1] + sign for sign in "abcdefghijklmnopqrstuvwxyz234567"]  # the last one is not read whole
    for other in (*ends, made[:-2] + "aa", made[1:] + "a", "", made[:-1]):
        if other != made:
            with pytest.raises(ValueError):
                return_tokens.decode(other, key=key)
