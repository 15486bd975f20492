"""What every channel provider owes: one call for one message, an honest receipt, silence about people and keys."""

import asyncio
import contextlib
import dataclasses
import json
import logging
import socket
import time

import aiohttp
import pytest
from aiohttp import web
from django.conf import settings
from django.utils.module_loading import import_string

from toli.core.apart import apart
from toli.emulators import sms
from toli.emulators.faults import Fault, Faults
from toli.emulators.push_service import PushService
from toli.emulators.running import running
from toli.emulators.smtp import MailServer
from toli.emulators.telegram_bot import Flood, TelegramBot
from toli.emulators.whatsapp_cloud import Mischief, WhatsAppCloud, incoming_of, signed, status_of, webhook
from toli.integrations.web_push import vapid
from toli.integrations.web_push.rendering import tag_of
from toli.members.domain.purposes import CHANNELS
from toli.messaging.dispatcher import Journey
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Callback, CallbackRejected, Content, InboundEvent, Letter, StatusEvent
from toli.messaging.providers import is_secret

SECRET = "QcanarySecret123"
NUMBER = "+910123456789"
WORDS = "canary words"


class Bench:
    """A provider's emulator, and what a test has to know of both. ``address``: which setting says where the provider
    is, and what follows there. ``hidden``: what must never be shown."""

    settings: dict
    address = ("base_url", "")
    secret = SECRET
    hidden = (SECRET, NUMBER[3:])

    def settings_at(self, url):
        name, path = self.address
        return {**self.settings, name: url + path}

    def to(self, url, correlation):
        """The address of a member."""
        return NUMBER

    def misbehave(self, kind):
        self.emulator.faults = Faults(Fault(kind))

    def taken(self):
        """How often each correlation was taken."""
        return dict(self.emulator.taken)

    def report(self, correlation, name):
        """A signed callback about a message."""
        raise NotImplementedError

    def letter_from(self, text):
        """A signed callback with what somebody wrote; None: nobody can write to it by callback."""
        return


class WhatsAppBench(Bench):
    """The Cloud API and its emulator."""

    settings = {"phone_number_id": "106540352242922", "token": SECRET, "app_secret": SECRET, "verify_token": SECRET}

    def __init__(self):
        self.emulator = WhatsAppCloud(tokens=(SECRET,), late=0.05)

    def misbehave(self, kind):
        self.emulator.mischief = {Mischief(kind): 1.0}
        self.emulator.__post_init__()

    def report(self, correlation, name):
        body = json.dumps(webhook("106540352242922", [status_of("wamid.1", "91", correlation, name)])).encode()
        return Callback(body, {"x-hub-signature-256": signed(body, SECRET)})

    def letter_from(self, text):
        body = json.dumps(webhook("106540352242922", [], [incoming_of(NUMBER, text, "wamid.2")])).encode()
        return Callback(body, {"x-hub-signature-256": signed(body, SECRET)})


class SmsBench(Bench):
    """A gateway for texts, in India, and its emulator."""

    address = ("url", "/v1/send")
    settings = {
        "secret": SECRET, "report_secret": SECRET, "header": "JANSET", "entity": "1101234567890123456",
        "templates": f'[words.en]\nid = "1107161234567890123"\ntext = "{WORDS}"',
    }  # fmt: skip

    def __init__(self):
        self.emulator = sms.SmsGateway(secret=SECRET)

    def report(self, correlation, name):
        body = sms.report_of(correlation, {"delivered": "DELIVRD"}[name])
        return Callback(body, {"x-signature": sms.signed(body, SECRET)})

    def letter_from(self, text):
        body = sms.incoming_of(NUMBER.removeprefix("+"), text, "in.1")
        return Callback(body, {"x-signature": sms.signed(body, SECRET)})


class PushBench(Bench):
    """Push services and a browser. Where it is stands in the member's address."""

    def __init__(self):
        self.emulator = PushService()
        self.secret = vapid.new_key()
        self.settings = {"title": "Toli", "contact": "mailto:a@b.example", "private_key": self.secret}
        self.settings["earlier_keys"] = self.secret  # hidden as well
        self.settings["services"] = "127.0.0.1 provider.example"
        self.hidden = (self.secret,)

    def settings_at(self, url):
        return self.settings

    def to(self, url, correlation):
        public_key = vapid.public_key(self.secret)
        made = self.emulator.subscribe(url, public_key)
        self.hidden += (made["keys"]["auth"], made["endpoint"].rpartition("/")[2])
        return json.dumps([{"id": "1", "endpoint": made["endpoint"], **made["keys"], "key": public_key}])

    def taken(self):
        tags = {tag_of(f"c{number}.1"): f"c{number}.1" for number in range(25)}
        return {tags[tag]: count for tag, count in self.emulator.taken.items()}


class TelegramBench(Bench):
    """The Bot API. It echoes no correlation: each letter goes to somebody of its own."""

    secret = f"1234567:{SECRET}"
    settings = {"token": secret}
    hidden = (SECRET,)

    def __init__(self):
        self.emulator = TelegramBot(token=self.secret, flood=Flood(0, 0, 0))
        self.people = {}

    def to(self, url, correlation):
        person = self.emulator.world.new_person()
        self.emulator.world.start(person)
        self.people[person] = correlation
        return str(person)

    def taken(self):
        found = {self.people[one.id]: len(one.inbox) for one in self.emulator.world.people.values()}
        return {correlation: count for correlation, count in found.items() if count}


class MailBench(Bench):
    """A mail server. A message is known by its Message-ID, which is the same for each call."""

    settings = {
        "address": "news@toli.example", "name": "Toli", "user": "toli", "password": SECRET,
        "bounces": "back@toli.example",
    }  # fmt: skip
    hidden = (SECRET, "somebody@")

    def __init__(self):
        self.emulator = MailServer(user="toli", password=SECRET)

    def settings_at(self, url):
        scheme, _, where = url.partition("://")
        return {**self.settings, "server": {"http": "smtp", "https": "smtps"}[scheme] + f"://{where}"}

    def to(self, url, correlation):
        return "7:somebody@mail.example"

    def taken(self):
        return {f"{name}.1": count for name, count in self.emulator.taken.items()}


BENCHES = {
    "whatsapp_cloud": WhatsAppBench, "sms": SmsBench, "web_push": PushBench, "telegram": TelegramBench,
    "email_smtp": MailBench,
}  # fmt: skip
PROVIDERS = {import_string(path).key: import_string(path) for path in settings.CHANNEL_PROVIDERS}


@pytest.fixture(params=sorted(PROVIDERS))
def kind(request):
    return PROVIDERS[request.param]


@pytest.fixture
def bench(kind):
    made = BENCHES[kind.key]()
    with running(made.emulator) as url:
        made.url = url
        made.provider = kind(kind.settings_schema(**made.settings_at(url)))
        yield made


def letter(bench, correlation="c1.1", **content):
    return Letter(bench.to(bench.url, correlation), Content(**{"text": WORDS, **content}), (), correlation)


def send(provider, *letters, seconds=60.0, call_seconds=30.0):
    """Receipts of a flight of its own."""

    async def fly():
        limits = aiohttp.ClientTimeout(total=call_seconds)
        async with aiohttp.ClientSession(timeout=limits) as session:
            journey = Journey(session, time.monotonic() + seconds, 8)
            return await provider.send([provider.render(item) for item in letters], flight=journey)

    return apart(lambda: asyncio.run(fly()))


def patience(mischief):
    """Seconds for a call. Only whoever answers late or never is not waited for: a busy machine is slow, too."""
    return 0.4 if mischief in {"silent", "slow"} else 30.0


def verdicts(receipts):
    return [receipt.verdict for receipt in receipts]


def test_each_provider_of_the_settings_is_tried_here():
    assert set(BENCHES) == set(PROVIDERS)


class TestWhatItSays:
    def test_key_channel_and_settings_are_declared(self, kind):
        assert kind.key.isidentifier()
        assert kind.channel in CHANNELS
        assert dataclasses.is_dataclass(kind.settings_schema)

    def test_secrets_are_marked_and_not_shown(self, bench, kind):
        told = bench.settings_at("https://provider.example")
        made = kind.settings_schema(**told)
        assert bench.secret not in repr(made)
        hidden = {field.name for field in dataclasses.fields(made) if is_secret(field)}
        assert {name for name, value in told.items() if value == bench.secret} == hidden


class TestSending:
    def test_each_message_is_taken_once_with_its_correlation(self, bench):
        letters = [letter(bench, f"c{number}.1") for number in range(25)]
        receipts = send(bench.provider, *letters)
        assert verdicts(receipts) == [Verdict.ACCEPTED] * 25
        assert len({receipt.ref for receipt in receipts}) == 25
        assert bench.taken() == {f"c{number}.1": 1 for number in range(25)}

    def test_rendering_is_pure(self, bench):
        one = letter(bench)
        assert bench.provider.render(one) == bench.provider.render(one)

    def test_what_it_cannot_carry_is_refused_before_the_call(self, bench):
        too_long = "x" * (bench.provider.capabilities.body_length + 1)
        with pytest.raises(MessageRefused):
            bench.provider.render(letter(bench, text=too_long))

    def test_a_picture_goes_along_once_or_is_refused_before_the_call(self, bench, kind):
        """Of a channel whose pictures have a limit of text, a longer one still arrives."""
        shown = {"media": "image", "media_link": "https://toli.example.org/m/abc.jpg"}
        if "image" not in kind.capabilities.media:
            with pytest.raises(MessageRefused):
                bench.provider.render(letter(bench, **shown))
            return
        texts = [WORDS, WORDS + " " + "x" * kind.capabilities.caption_length]
        if kind.key == "whatsapp_cloud":  # kits go by templates there, whose texts have a limit of their own
            del texts[1]
        letters = [letter(bench, f"c{number}.1", text=text, **shown) for number, text in enumerate(texts)]
        assert verdicts(send(bench.provider, *letters)) == [Verdict.ACCEPTED] * len(texts)
        assert bench.taken() == {f"c{number}.1": 1 for number in range(len(texts))}

    def test_nothing_to_send_is_no_mistake(self, bench):
        assert send(bench.provider) == []

    def test_after_its_time_no_call_is_begun(self, bench):
        receipts = send(bench.provider, letter(bench), letter(bench), seconds=-1)
        assert verdicts(receipts) == [Verdict.NOT_BEGUN] * 2
        assert bench.taken() == {}


# NUL, half of a pair, a name longer than its column: PostgreSQL takes none of them.
STRANGE = "a\0b\ud800" + "c" * 300


def strange_answers():
    """A service that answers everything with names that no database keeps."""
    names = ("id", "message_id", "request_id", "sid", "error_code", "code", "post_id", "permalink", "name")
    found = dict.fromkeys(names, STRANGE)
    found |= {
        "data": [{"quota_usage": 0, "config": {"quota_total": 9}}],
        "status_code": "FINISHED",
        "status": "FINISHED",
    }
    found |= {"ok": True, "result": {"message_id": STRANGE}, "messages": [{"id": STRANGE}]}

    async def answer(request):
        status = 400 if request.query.get("refuse") else 201
        return web.json_response(found, status=200 if status == 201 and "push" not in request.path else status)

    class Service:
        def app(self):
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", answer)
            return app

    return running(Service())


def kept(*texts):
    """Whether each can stand in a table."""
    return all("\0" not in text and len(text) <= 300 and text.encode("utf-8") is not None for text in texts)


class TestStrangeNames:
    """What a provider calls a thing never undoes the statement that writes it down."""

    def test_of_an_answer(self, bench, kind):
        letters = [letter(bench, f"c{number}.1") for number in range(2)]
        with strange_answers() as url:
            provider = kind(kind.settings_schema(**bench.settings_at(url)))
            receipts = send(provider, *letters, call_seconds=1.0)  # who waits for another protocol waits in vain
        assert len(receipts) == 2
        assert all(kept(receipt.ref, receipt.code) for receipt in receipts)

    def test_of_a_report_and_of_what_somebody_writes(self, bench, kind):
        if not kind.capabilities.reports:
            pytest.skip("its provider reports nothing")
        report, letter = bench.report("c1.1" + STRANGE, "delivered"), bench.letter_from("stop\0\ud800\nplease")
        strange = [report.body, letter.body.replace(b"wamid.2", b"a\\u0000\\ud800").replace(b"in.1", b"a\\u0000")]
        events = [event for body in strange for event in bench.provider.parse_callback(body)]
        assert len(events) == 2
        for event in events:
            assert kept(event.ref, getattr(event, "correlation", ""), getattr(event, "code", ""))
        assert events[1].text.encode().startswith(b"stop")
        assert "\0" not in events[1].text


class TestFaults:
    @pytest.mark.parametrize(
        ("mischief", "verdict"),
        [
            ("reset", Verdict.UNKNOWN), ("error", Verdict.UNKNOWN), ("lost", Verdict.UNKNOWN),
            ("silent", Verdict.UNKNOWN), ("late", Verdict.UNKNOWN), ("error_after", Verdict.UNKNOWN),
            ("slow", Verdict.UNKNOWN), ("busy", Verdict.SLOW_SENDER),
        ],
    )  # fmt: skip
    def test_no_fault_is_told_as_sent_nor_what_may_be_sent_as_not_sent(self, bench, mischief, verdict):
        bench.misbehave(mischief)
        receipts = send(bench.provider, letter(bench), call_seconds=patience(mischief))
        assert verdicts(receipts) == [verdict]

    def test_a_provider_that_is_not_there_has_surely_not_taken_it(self, bench, kind):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"
        bench.url = nowhere
        provider = kind(kind.settings_schema(**bench.settings_at(nowhere)))
        assert verdicts(send(provider, letter(bench))) == [Verdict.NOT_REACHED]

    @pytest.mark.parametrize("mischief", [None, *Mischief])
    def test_neither_number_nor_words_nor_keys_come_into_logs_and_receipts(self, bench, mischief, caplog):
        if mischief:
            bench.misbehave(mischief)
        with caplog.at_level(logging.DEBUG):
            one = letter(bench)
            receipts = send(bench.provider, one, call_seconds=patience(mischief))
        told = caplog.text + repr(receipts) + repr(one)
        assert not [word for word in bench.hidden if word in told]


class TestCallbacks:
    @pytest.fixture(autouse=True)
    def _reports(self, kind):
        if not kind.capabilities.reports:
            pytest.skip("its provider reports nothing")

    def test_a_report_is_believed_when_it_is_signed_and_read(self, bench):
        callback = bench.report("c1.1", "delivered")
        bench.provider.verify(callback)
        (event,) = bench.provider.parse_callback(callback.body)
        assert isinstance(event, StatusEvent)
        assert (event.correlation, event.tidings) == ("c1.1", "delivered")

    def test_changed_or_unsigned_it_is_not(self, bench):
        callback = bench.report("c1.1", "delivered")
        for forged in (
            Callback(callback.body + b" ", callback.headers), Callback(callback.body, {}),
            Callback(callback.body, dict.fromkeys(callback.headers, "")),
        ):  # fmt: skip
            with pytest.raises(CallbackRejected):
                bench.provider.verify(forged)

    @pytest.mark.parametrize("text", ["बंद करो", "STOP"])
    def test_what_people_write_is_believed_when_it_is_signed_and_read(self, bench, text):
        callback = bench.letter_from(text)
        bench.provider.verify(callback)
        (event,) = bench.provider.parse_callback(callback.body)
        assert isinstance(event, InboundEvent)
        assert (event.sender, event.text) == (NUMBER, text)
        assert bool(event.ref) and text not in repr(event) and NUMBER[3:] not in repr(event)
        with pytest.raises(CallbackRejected):
            bench.provider.verify(Callback(callback.body.replace(b"9", b"8"), callback.headers))

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"null", b"{", b'{"entry": 5}', b"\xff", b'{"entry":[{"changes":5}]}']
    )
    def test_what_is_no_report_is_rejected_or_says_nothing(self, bench, body):
        with contextlib.suppress(CallbackRejected):
            assert list(bench.provider.parse_callback(body)) == []


def test_who_reports_nothing_believes_nobody(bench, kind):
    if kind.capabilities.reports:
        pytest.skip("its provider reports")
    for asked in (bench.provider.verify, bench.provider.greet):
        with pytest.raises(CallbackRejected):
            asked(Callback(b"{}", {}))
    assert list(bench.provider.parse_callback(b"{}")) == []
