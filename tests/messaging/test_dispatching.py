"""What is queued goes out once, in its order, within the limits, and only to whom it may."""

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import make_member, make_organisation
from tests.messaging.conftest import QUICK, agree, people, whatsapp_settings
from toli.access.domain.scope import EVERYWHERE, Scope
from toli.accounts.domain.actor import SYSTEM
from toli.compliance import services as compliance
from toli.compliance.domain.law import Refusal, Rule
from toli.core import clock, events
from toli.emulators.whatsapp_cloud import Mischief
from toli.integrations.whatsapp_cloud.provider import WhatsAppCloudProvider
from toli.members import selectors as members
from toli.messaging import selectors
from toli.messaging.dispatcher import Dispatcher
from toli.messaging.domain.states import State
from toli.messaging.models import Attempt, Batch, BatchState, Message, Priority, Sender
from toli.messaging.ports import Content
from toli.messaging.services import control, dispatching, outbox, senders, sweeping
from toli.messaging.services.senders import create_sender


def test_everybody_gets_the_message_once(desk):
    batch = desk.batch()
    assert desk.queue(batch, people(30)) == 30
    assert desk.dispatch() == 30
    assert desk.states() == {"sent": 30}
    assert sorted(desk.emulator.taken.values()) == [1] * 30
    assert Message.objects.exclude(ref="").count() == 30
    assert desk.dispatch() == 0


def test_only_senders_with_something_to_send_now_are_woken(desk, django_assert_num_queries):
    for code in ("idle", "later", "off"):
        create_sender(actor=SYSTEM, code=code, name=code, provider="whatsapp_cloud",
                      settings=whatsapp_settings(desk.url))  # fmt: skip
    for code in ("main", "later", "off"):
        desk.queue(desk.batch(sender=code, priority=Priority.BULK), people(1))
    Message.objects.filter(sender__code="later").update(ready_at=clock.now() + timedelta(minutes=1))
    Sender.objects.filter(code="off").update(state="off")
    with django_assert_num_queries(1):
        assert [sender.code for sender in selectors.senders_with_work()] == ["main"]


def test_a_lane_that_finds_nothing_just_as_it_is_told_to_stop_does_not_sleep():
    dispatcher, wake, ended = Dispatcher(QUICK), threading.Event(), threading.Event()

    def lane():
        wake.clear()  # nothing to send, after the dispatcher has woken everybody for the last time
        assert not dispatcher._goes_on(wake)
        ended.set()

    dispatcher.stop()
    wake.set()
    threading.Thread(target=lane, daemon=True).start()
    assert ended.wait(10)


def test_queueing_twice_adds_nobody_twice(desk):
    batch, ids = desk.batch(), people(3)
    assert desk.queue(batch, ids) == 3
    assert desk.queue(batch, ids) == 0


def test_only_members_of_the_scope_are_queued(desk):
    inside, twin = people(1, "07"), people(1, "070")
    scope = Scope(("main/IN/UP/Z/07/",))
    assert outbox.enqueue(scope=scope, batch=desk.batch(), members=inside + twin) == 1
    assert Message.objects.get().member_id == inside[0]


def test_words_of_their_own_reach_each_member(desk):
    one, two = people(2)
    desk.queue(desk.batch(), {one: ["today"], two: ["tomorrow"]})
    desk.dispatch()
    words = {item["body"]["template"]["components"][0]["parameters"][0]["text"] for item in desk.emulator.messages}
    assert words == {"today", "tomorrow"}


def test_the_urgent_go_first(desk):
    desk.queue(desk.batch(priority=Priority.BULK, content=Content(text="bulk")), people(5))
    desk.queue(desk.batch(priority=Priority.URGENT, content=Content(text="urgent")), people(5))
    desk.options = type(QUICK)(lanes=1, batch=5, connections=1, idle=0.02)
    desk.dispatch()
    assert [item["body"]["text"]["body"] for item in desk.emulator.messages] == ["urgent"] * 5 + ["bulk"] * 5


class TestConsent:
    def test_who_said_no_gets_nothing(self, desk):
        one, two = people(2)
        desk.queue(desk.batch(), [one, two])
        agree(one, "membership", given=False)
        desk.dispatch()
        assert Message.objects.get(member_id=one).reason == "no_consent"
        assert Message.objects.get(member_id=two).state == State.SENT

    def test_content_goes_only_to_those_who_said_yes(self, desk):
        one, _two = ids = people(2)
        agree(one, "content")
        desk.queue(desk.batch(purpose="content"), ids)
        assert desk.dispatch() == 1
        assert desk.states() == {"sent": 1, "failed": 1}

    def test_no_number_lies_in_the_outbox(self, desk):
        desk.queue(desk.batch(), people(1))
        desk.dispatch()
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(m::text, '') FROM messaging_message m")
            assert "9100" not in cursor.fetchone()[0].replace("-", "")


class TestIntent:
    def test_it_is_on_disk_before_the_call(self, desk):
        desk.queue(desk.batch(), people(1))
        (held,) = dispatching.claim(desk.sender, most=10, worker="w")
        message = Message.objects.get()
        assert (message.state, message.attempts, message.worker) == ("sending", 1, "w")
        assert message.lease_until > clock.now()
        assert dispatching.correlation_of(held) == f"{message.correlation}.1"

    def test_nobody_else_gets_what_is_held(self, desk):
        desk.queue(desk.batch(), people(3))
        assert len(dispatching.claim(desk.sender, most=2, worker="a")) == 2
        assert len(dispatching.claim(desk.sender, most=9, worker="b")) == 1
        assert dispatching.claim(desk.sender, most=9, worker="c") == []

    def test_who_is_not_heard_of_again_leaves_it_unknown_and_not_queued(self, desk):
        desk.queue(desk.batch(), people(2))
        dispatching.claim(desk.sender, most=10, worker="dies", lease=timedelta(milliseconds=1))
        time.sleep(0.01)
        assert sweeping.sweep()["unknown"] == 2
        assert desk.dispatch() == 0
        assert desk.states() == {"unknown": 2}
        assert [item.reason for item in selectors.unknown()] == ["holder_lost"] * 2

    def test_a_holder_whose_lease_is_over_begins_no_call(self, desk):
        desk.queue(desk.batch(), people(2))
        held = dispatching.claim(desk.sender, most=10, worker="slept")
        dispatcher, provider = Dispatcher(QUICK), senders.provider_of(desk.sender)
        with dispatcher._calls():
            dispatcher._carry(desk.sender, provider, held, ends_at=time.monotonic() - 1)
        assert desk.emulator.requests == 0
        assert desk.states() == {"queued": 2}
        assert set(Message.objects.values_list("attempts", flat=True)) == {0}


class TestUnknown:
    @pytest.mark.parametrize(
        ("mischief", "taken"),
        [(Mischief.LOST, 1), (Mischief.RESET, 0), (Mischief.ERROR, 0), (Mischief.ERROR_AFTER, 1), (Mischief.SILENT, 1)],
    )
    def test_an_answer_that_does_not_come_is_unknown_and_not_sent_again(self, desk, mischief, taken):
        desk.emulator.mischief = {mischief: 1.0}
        desk.emulator.__post_init__()
        if mischief is Mischief.SILENT:
            desk.options = replace(QUICK, call_seconds=0.5)
        desk.queue(desk.batch(), people(1))
        desk.dispatch()
        desk.dispatch()
        assert desk.states() == {"unknown": 1}
        assert sum(desk.emulator.taken.values()) == taken
        assert desk.emulator.requests == 1

    def test_a_person_settles_it(self, desk):
        desk.queue(desk.batch(), people(2))
        Message.objects.update(state="unknown", attempts=1, tried_at=clock.now())
        first = Message.objects.first()
        assert sweeping.settle_by_hand(actor=SYSTEM, message_ids=[first.pk], outcome="failed") == 1
        assert sweeping.settle_by_hand(actor=SYSTEM, message_ids=None, outcome="resend") == 1
        assert desk.dispatch() == 1

    @pytest.mark.parametrize(("policy", "again"), [("flag", 0), ("resend", 1)])
    def test_after_its_window_it_is_sent_again_only_where_the_batch_was_made_so(self, desk, policy, again):
        desk.queue(desk.batch(resend=policy), people(1))
        Message.objects.update(state="unknown", attempts=1, tried_at=clock.now() - timedelta(hours=27))
        assert sweeping.sweep()["again"] == again

    def test_within_its_window_it_never_is(self, desk):
        desk.queue(desk.batch(resend="resend"), people(1))
        Message.objects.update(state="unknown", attempts=1, tried_at=clock.now() - timedelta(hours=25))
        assert sweeping.sweep()["again"] == 0


class TestErrors:
    """Each code of the provider's does what it says, and nothing else."""

    def refuse(self, desk, code, count=2):
        desk.emulator.errors = {"": code}
        batch = desk.batch()
        desk.queue(batch, people(count))
        desk.dispatch()
        return batch

    def test_130429_slows_the_number(self, desk):
        Sender.objects.update(per_second=50)
        self.refuse(desk, 130429)
        assert desk.states() == {"queued": 2}
        with connection.cursor() as cursor:
            cursor.execute("SELECT ready_at FROM messaging_turn WHERE key = %s", [f"sender:{desk.sender.pk}"])
            assert cursor.fetchone()[0] >= Message.objects.first().tried_at + timedelta(seconds=2)

    def test_131056_leaves_that_person_alone_and_no_other(self, desk):
        ids = [make_member(territory="07", phone=f"+91012345678{n}").pk for n in range(2)]
        desk.emulator.errors = {"0123456780": 131056}
        desk.queue(desk.batch(), ids)
        desk.dispatch()
        assert Message.objects.get(member_id=ids[1]).state == State.SENT
        assert Message.objects.get(member_id=ids[0]).state == State.QUEUED

    def test_131049_waits_for_a_day(self, desk):
        self.refuse(desk, 131049, 1)
        message = Message.objects.get()
        assert message.state == State.QUEUED
        assert message.ready_at > clock.now() + timedelta(hours=23)

    def test_131048_stops_the_batch(self, desk):
        batch = self.refuse(desk, 131048)
        batch.refresh_from_db()
        assert (batch.state, batch.reason) == (BatchState.STOPPED, "131048")
        desk.emulator.errors = {}
        assert desk.dispatch() == 0
        outbox.resume_batch(actor=SYSTEM, scope=EVERYWHERE, batch_id=batch.pk)
        assert desk.dispatch() == 2

    def test_132015_stops_every_batch_of_the_template(self, desk):
        other = desk.batch()
        another = desk.batch(content=Content(template="else"))
        self.refuse(desk, 132015, 1)
        states = dict(Batch.objects.values_list("pk", "state"))
        assert states[other.pk] == "stopped"
        assert states[another.pk] == "active"

    @pytest.mark.parametrize("code", [190, 368])
    def test_190_and_368_pause_the_sender(self, desk, code):
        self.refuse(desk, code)
        desk.sender.refresh_from_db()
        assert (desk.sender.state, desk.sender.reason) == ("paused", str(code))
        assert desk.states() == {"queued": 2}

    def test_131050_is_a_no_to_us_as_well(self, desk):
        self.refuse(desk, 131050, 1)
        events.deliver()
        message = Message.objects.get()
        assert message.state == State.FAILED
        assert members.words(message.member_id)["membership", "whatsapp"] is False

    def test_131026_tries_the_other_batch(self, desk):
        desk.emulator.errors = {"": 131026}
        second = create_sender(
            actor=SYSTEM, code="second", name="Second", provider="whatsapp_cloud",
            settings=senders._settings_of(desk.sender),
        )  # fmt: skip
        other = desk.batch(sender=second.code)
        desk.queue(desk.batch(otherwise=other), people(1))
        desk.dispatch()
        events.deliver()
        assert Message.objects.filter(batch=other).count() == 1

    def test_what_cannot_be_written_is_put_aside_and_the_others_go(self, desk, monkeypatch):
        one, two = people(2)
        desk.queue(desk.batch(), {one: ["fine"], two: ["poison"]})
        provider = type(senders.provider_of(desk.sender))
        honest = provider.render
        monkeypatch.setattr(
            provider, "render", lambda self, letter: 1 / 0 if "poison" in letter.params else honest(self, letter)
        )
        desk.dispatch()
        assert Message.objects.get(member_id=one).state == State.SENT
        assert Message.objects.get(member_id=two).reason == "poison"
        assert Attempt.objects.get().verdict == "poison"

    def test_a_provider_that_is_not_there_is_tried_again_later(self, desk):
        senders.change_sender(actor=SYSTEM, code="main", settings={"base_url": "http://127.0.0.1:9"})
        desk.queue(desk.batch(), people(1))
        desk.dispatch()
        message = Message.objects.get()
        assert (message.state, message.reason) == ("queued", "not_reached")


class TestCalledOff:
    def test_a_batch_that_is_called_off_sends_nothing(self, desk):
        batch = desk.batch()
        desk.queue(batch, people(3))
        assert outbox.cancel_batch(actor=SYSTEM, scope=EVERYWHERE, batch_id=batch.pk) == 3
        assert desk.dispatch() == 0
        assert desk.states() == {"cancelled": 3}

    def test_what_is_too_late_expires(self, desk):
        batch = desk.batch(expires_at=clock.now() + timedelta(hours=1))
        desk.queue(batch, people(2))
        Batch.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        assert desk.dispatch() == 0
        assert desk.states() == {"expired": 2}


class TestLaw:
    def test_what_the_law_bars_expires_and_its_rule_is_kept(self, desk, monkeypatch):
        barred, free = people(1, "07"), people(1, "070")
        place = members.get_member(EVERYWHERE, barred[0]).territory_id
        silence = Refusal(Rule.SILENCE, None, final=True)
        monkeypatch.setattr(
            compliance,
            "judge_sendings",
            lambda asked, within: [silence if q.territory_id == place else None for q in asked],
        )
        desk.queue(desk.batch(), barred + free)
        desk.dispatch()
        message = Message.objects.get(member_id=barred[0])
        assert (message.state, message.reason) == ("expired", "silence_window")
        assert Attempt.objects.get().code == "silence_window"
        assert Message.objects.get(member_id=free[0]).state == State.SENT

    def test_nobody_is_disturbed_in_quiet_hours(self, desk):
        now = timezone.localtime()
        begins, ends = (now - timedelta(minutes=1)).time(), (now + timedelta(hours=2)).time()
        compliance.set_rules(actor=SYSTEM, quiet_from=begins, quiet_until=ends)
        desk.queue(desk.batch(), people(1))
        desk.dispatch()
        message = Message.objects.get()
        assert (message.state, message.reason, message.attempts) == ("queued", "quiet_hours", 0)
        assert message.ready_at > clock.now() + timedelta(hours=1)

    @pytest.mark.parametrize(("hours", "state"), [(0, "sent"), (1, "queued")])
    def test_what_can_linger_on_its_way_does_not_leave_shortly_before_them(self, desk, monkeypatch, hours, state):
        monkeypatch.setattr(WhatsAppCloudProvider, "lingers", timedelta(hours=hours))
        now = timezone.localtime()
        begins, ends = (now + timedelta(minutes=30)).time(), (now + timedelta(hours=3)).time()
        compliance.set_rules(actor=SYSTEM, quiet_from=begins, quiet_until=ends)
        desk.queue(desk.batch(), people(1))
        desk.dispatch()
        assert Message.objects.get().state == state


class TestRestored:
    def test_a_database_that_went_back_in_time_sends_nothing_until_told(self, desk):
        desk.queue(desk.batch(), people(1))
        desk.dispatch()
        control.note(control.standing().serial + 5)
        desk.queue(desk.batch(), people(2))
        assert desk.dispatch() == 0
        assert control.standing().paused == control.RESTORED
        assert control.resume(actor=SYSTEM, cancel_queued=True) == 2
        assert control.standing().paused == ""

    def test_a_database_that_sent_elsewhere_sends_nothing_here_until_told(self, desk, settings, tmp_path):
        desk.queue(desk.batch(), people(1))
        desk.dispatch()
        settings.MESSAGING_DIR = tmp_path / "another machine"
        desk.queue(desk.batch(), people(1))
        assert desk.dispatch() == 0
        assert control.standing().paused == control.STRANGE
        control.resume(actor=SYSTEM)
        assert desk.dispatch() == 1

    def test_paused_by_hand_nothing_is_sent(self, desk):
        desk.queue(desk.batch(), people(1))
        control.pause(actor=SYSTEM)
        assert desk.dispatch() == 0
        control.resume(actor=SYSTEM)
        assert desk.dispatch() == 1


class TestPolitical:
    def test_an_organisation_that_became_political_sends_nothing(self, desk):
        desk.queue(desk.batch(), people(1))
        make_organisation(kind="political")
        desk.dispatch()
        assert desk.emulator.requests == 0
        desk.sender.refresh_from_db()
        assert (desk.sender.state, desk.sender.reason) == ("paused", "channel_barred")
