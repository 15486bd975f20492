"""The whole way of a message by each further channel: outbox, provider, reports; what a report means for the member."""

import json
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.factories import make_account, make_member
from tests.messaging.conftest import Desk
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.botgroups.models import PlatformAccount
from toli.botgroups.services import sealing
from toli.compliance.services import register_sms_template
from toli.core import clock, events
from toli.core.errors import Forbidden
from toli.emulators.push_service import PushService
from toli.emulators.running import running
from toli.emulators.sms import Reports, SmsGateway, report_of
from toli.emulators.telegram_bot import Flood, TelegramBot
from toli.members import selectors as members
from toli.members.events import MemberLeft, MembersMerged
from toli.members.models import ConsentRecord
from toli.messaging.errors import NotificationsOff, SenderInvalid, SubscriptionRefused
from toli.messaging.models import Message, PushDevice
from toli.messaging.ports import Content
from toli.messaging.services import callbacks, devices, senders

MEETING = "{#var#}, the meeting is at {#numeric#} today."
SMS = {
    "secret": "s3cret", "report_secret": "r3port", "header": "JANSET", "entity": "1101234567890123456",
    "templates": f'[meeting.en]\nid = "1107161234567890124"\ntext = "{MEETING}"',
}  # fmt: skip


@contextmanager
def a_desk_of(provider, emulator, settings, address, code="main", scheme="http"):
    """A sender of this provider, at its emulator."""
    with running(emulator) as url:
        there = {address[0]: url.replace("http", scheme) + address[1]} if address else {}
        desk = Desk(emulator, url)
        desk.sender = senders.create_sender(
            actor=SYSTEM, code=code, name="Main", provider=provider, settings={**settings, **there}
        )
        yield desk


def hear(desk, *bodies):
    """Reports come in."""
    callbacks.keep_callbacks([(desk.sender.pk, body) for body in bodies], at=clock.now())
    callbacks.read_callbacks()


class TestSms:
    @pytest.fixture
    def desk(self, union):
        register_sms_template(actor=SYSTEM, code="meeting", registered_id="1", header="JANSET", text=MEETING)
        with a_desk_of("sms", SmsGateway(secret="s3cret", reports=Reports()), SMS, ("url", "/send")) as desk:
            yield desk

    def test_the_trail_shows_the_gateways_own_moment_but_none_before_the_text_left(self, desk):
        desk.sender.config = {**desk.sender.config, "report_time": "done"}
        desk.sender.save()
        member = make_member(territory="07")
        desk.queue(
            desk.batch(content=Content(template="meeting", language="en", slots=False)), {member.pk: ["Asha", "5"]}
        )
        desk.dispatch()
        left = clock.now() - timedelta(minutes=9)
        Message.objects.update(tried_at=left, sent_at=left)
        message = Message.objects.get()
        for minutes, shown in ((5, 5), (30, 9)):  # a clock that is half an hour slow tells nothing
            Message.objects.update(state="sent", delivered_at=None)
            found = json.loads(report_of(f"{message.correlation}.1", "DELIVRD"))
            found["done"] = (left + timedelta(minutes=9 - minutes)).isoformat()
            hear(desk, json.dumps(found).encode())
            message.refresh_from_db()
            assert message.state == "delivered"
            assert message.delivered_at == left + timedelta(minutes=9 - shown)
        assert message.sent_at == left

    def test_texts_reach_people_and_reports_come_back(self, desk):
        """Each report twice, one number out of reach."""
        members = [make_member(territory="07", phone=f"+9101234567{end}").pk for end in ("01", "02")]
        content = Content(template="meeting", language="en", params=("Sunita", "5"))
        desk.queue(desk.batch(content=content), members)
        assert desk.dispatch() == 2
        assert {message["text"] for message in desk.emulator.messages} == {"Sunita, the meeting is at 5 today."}
        for message in desk.emulator.messages:
            word = "UNDELIV" if message["to"].endswith("02") else "DELIVRD"
            hear(desk, *[report_of(message["fields"]["reference"], word)] * 2)
        assert desk.states() == {"delivered": 1, "failed": 1}

    def test_what_is_not_registered_does_not_leave(self, desk):
        desk.queue(desk.batch(content=Content(text="Come!", template="rally")), [make_member(territory="07").pk])
        assert desk.dispatch() == 0
        assert desk.emulator.messages == []


PUSH = {"title": "Toli", "contact": "mailto:office@toli.example", "services": "127.0.0.1"}


class TestNotifications:
    @pytest.fixture
    def desk(self, union):
        with a_desk_of("web_push", PushService(), PUSH, None) as desk:
            yield desk

    @pytest.fixture
    def member(self, union):
        return make_member(territory="07")

    def allow(self, desk, member, **more):
        made = desk.emulator.subscribe(desk.url, devices.public_key())
        return devices.allow_notifications(
            **{"actor": SYSTEM, "member_id": member.pk, "subscription": made, "name": "Chrome · Android",
               "language": "hi", **more}
        )  # fmt: skip

    def write(self, desk, member, text="Today's news is here."):
        desk.queue(desk.batch(purpose="content", content=Content(text=text)), [member.pk])
        return desk.dispatch()

    def test_our_key_is_made_and_sealed_when_the_sender_is_set_up(self, desk):
        assert len(devices.public_key()) == 87
        assert "private_key" not in desk.sender.config
        assert senders._settings_of(desk.sender)["private_key"]

    def test_whoever_allowed_it_is_told_on_each_device_and_nobody_else(self, desk, member):
        self.allow(desk, member)
        self.allow(desk, member)
        assert self.write(desk, member) == 1
        assert self.write(desk, make_member(territory="07")) == 0
        assert [item["note"]["body"] for item in desk.emulator.messages] == ["Today's news is here."] * 2

    def test_allowing_it_is_consent_to_this_way_alone(self, desk, member):
        self.allow(desk, member)
        assert members.words(member.pk) == {("content", "push"): True}

    def test_nothing_lies_open_in_the_database(self, desk, member):
        device = self.allow(desk, member)
        device.refresh_from_db()
        assert b"127.0.0.1" not in bytes(device.subscription_sealed) + bytes(device.endpoint_hash)

    def test_saying_no_forgets_the_devices_and_nothing_more_comes(self, desk, member):
        self.allow(desk, member)
        assert devices.decline_notifications(actor=SYSTEM, member_id=member.pk, language="hi") == 1
        assert self.write(desk, member) == 0
        assert members.words(member.pk) == {("content", "push"): False}

    def test_after_a_new_key_browsers_are_reached_by_the_one_they_know_until_they_come_by_again(self, desk, member):
        """Each service takes only the key that its browser was asked with: the emulator holds us to it."""
        self.allow(desk, member)
        earlier = devices.public_key()
        assert devices.key_to_renew_with(member.pk) == ""
        senders.rotate_key(actor=SYSTEM, code="main")
        key = devices.key_to_renew_with(member.pk)
        assert key == devices.public_key() != earlier
        assert devices.count_bound_to_earlier_keys() == 1
        assert self.write(desk, member) == 1
        next(iter(desk.emulator.browsers.values())).gone = True  # as a browser leaves what it had before
        devices.renew_device(member_id=member.pk, subscription=desk.emulator.subscribe(desk.url, key), name="Chrome")
        assert self.write(desk, member) == 1
        events.deliver()
        assert devices.key_to_renew_with(member.pk) == ""
        assert devices.count_bound_to_earlier_keys() == 0
        assert len(desk.emulator.messages) == 2

    def test_two_new_keys_later_the_first_one_still_serves_until_it_is_forgotten(self, desk, member):
        self.allow(desk, member)
        for _ in range(2):
            senders.rotate_key(actor=SYSTEM, code="main")
        assert self.write(desk, member) == 1
        senders.rotate_key(actor=SYSTEM, code="main", forget=True)
        assert self.write(desk, member) == 0
        assert len(desk.emulator.messages) == 1

    def test_a_renewal_is_no_consent_and_needs_one(self, desk, member):
        self.allow(desk, member)
        said = ConsentRecord.objects.count()
        senders.rotate_key(actor=SYSTEM, code="main")
        made = desk.emulator.subscribe(desk.url, devices.public_key())
        devices.renew_device(member_id=member.pk, subscription=made, name="Chrome")
        assert ConsentRecord.objects.count() == said
        devices.decline_notifications(actor=SYSTEM, member_id=member.pk, language="hi")
        assert devices.key_to_renew_with(member.pk) == ""
        with pytest.raises(NotificationsOff):
            devices.renew_device(member_id=member.pk, subscription=made, name="Chrome")

    def test_the_keys_are_sealed_and_only_keys_made_here_are_changed_here(self, desk):
        senders.rotate_key(actor=SYSTEM, code="main")
        assert not {"private_key", "earlier_keys"} & set(desk.sender.config)
        stranger = Actor(ActorKind.STAFF, make_account().pk)
        with pytest.raises(Forbidden):
            senders.rotate_key(actor=stranger, code="main")
        senders.create_sender(actor=SYSTEM, code="bot", name="Bot", provider="telegram", settings={"token": "1234:abc"})
        with pytest.raises(SenderInvalid):
            senders.rotate_key(actor=SYSTEM, code="bot")

    def test_a_device_that_is_gone_is_forgotten(self, desk, member):
        self.allow(desk, member)
        kept = self.allow(desk, member)
        next(iter(desk.emulator.browsers.values())).gone = True
        assert self.write(desk, member) == 1
        events.deliver()
        assert list(PushDevice.objects.all()) == [kept]

    def test_where_all_are_gone_the_other_way_is_tried(self, desk, member):
        self.allow(desk, member)
        next(iter(desk.emulator.browsers.values())).gone = True
        assert self.write(desk, member) == 0
        events.deliver()
        assert desk.states() == {"failed": 1}
        assert not PushDevice.objects.exists()

    def test_a_browser_belongs_to_who_used_it_last(self, desk, member):
        made = desk.emulator.subscribe(desk.url, devices.public_key())
        other = make_member(territory="07")
        for owner in (member, other):
            self.allow(desk, owner, subscription=made)
        assert [device.member_id for device in PushDevice.objects.all()] == [other.pk]

    def test_of_many_devices_the_oldest_goes(self, desk, member):
        first = self.allow(desk, member)
        for _more in range(devices.MOST_DEVICES):
            self.allow(desk, member)
        assert PushDevice.objects.count() == devices.MOST_DEVICES
        assert not PushDevice.objects.filter(pk=first.pk).exists()

    @pytest.mark.parametrize("endpoint", ["https://example.org/x", "http://10.0.0.1/x", "file:///etc/passwd", ""])
    def test_we_are_not_made_to_write_elsewhere(self, desk, member, endpoint):
        made = {**desk.emulator.subscribe(desk.url, devices.public_key()), "endpoint": endpoint}
        with pytest.raises(SubscriptionRefused):
            self.allow(desk, member, subscription=made)
        assert members.words(member.pk) == {}

    def test_who_leaves_or_is_joined_with_another_entry(self, desk, member):
        other = make_member(territory="07")
        self.allow(desk, member)
        devices.hand_over(MembersMerged(survivor_id=other.pk, merged_id=member.pk))
        assert PushDevice.objects.get().member_id == other.pk
        devices.forget_devices(MemberLeft(member_id=other.pk))
        assert not PushDevice.objects.exists()

    def test_without_a_sender_there_are_none(self, union, member):
        assert devices.public_key() == ""
        with pytest.raises(NotificationsOff):
            devices.allow_notifications(actor=SYSTEM, member_id=member.pk, subscription={}, name="", language="hi")


class TestTelegram:
    @pytest.fixture
    def desk(self, union):
        bot = TelegramBot(flood=Flood(0, 0, 0))
        with a_desk_of("telegram", bot, {"token": bot.token}, ("base_url", "")) as desk:
            yield desk

    def connected(self, desk):
        """A member who started the bot, and their account."""
        member, person = make_member(territory="07"), desk.emulator.world.new_person()
        desk.emulator.world.start(person)
        sealed = sealing.accounts().encrypt(str(person), row=member.pk)
        PlatformAccount.objects.create(
            member=member, person_hash=sealing.person_hash(person), person_sealed=sealed, connected_at=clock.now()
        )
        return member.pk, person

    def test_only_who_connected_an_account_is_written_to(self, desk):
        member, person = self.connected(desk)
        desk.queue(desk.batch(content=Content(text="Hello!")), [member, make_member(territory="07").pk])
        assert desk.dispatch() == 1
        assert desk.emulator.world.people[person].inbox == ["Hello!"]

    def test_about_anything_but_the_membership_only_after_a_yes(self, desk):
        member, person = self.connected(desk)
        desk.queue(desk.batch(purpose="content", content=Content(text="News!")), [member])
        assert desk.dispatch() == 0
        assert desk.emulator.world.people[person].inbox == []

    def test_who_blocks_the_bot_has_said_no_to_all_of_it(self, desk):
        member, person = self.connected(desk)
        desk.emulator.world.block(person)
        desk.queue(desk.batch(content=Content(text="Hello!")), [member])
        assert desk.dispatch() == 0
        events.deliver()
        assert desk.states() == {"failed": 1}
        assert members.words(member) == {("membership", "telegram"): False, ("content", "telegram"): False}
        desk.queue(desk.batch(content=Content(text="Again!")), [member])
        assert desk.dispatch() == 0
        assert desk.emulator.calls == {"sendmessage": 1}
