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
from django.conf import settings
from django.utils.module_loading import import_string

from toli.core.apart import apart
from toli.emulators import sms
from toli.emulators.faults import Fault, Faults
from toli.emulators.running import running
from toli.emulators.whatsapp_cloud import Mischief, WhatsAppCloud, signed, status_of, webhook
from toli.members.domain.purposes import CHANNELS
from toli.messaging.dispatcher import Journey
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Callback, CallbackRejected, Content, Letter, StatusEvent
from toli.messaging.providers import is_secret

SECRET = "QcanarySecret123"
NUMBER = "+910123456789"
WORDS = "canary words"


class WhatsAppBench:
    """The Cloud API and its emulator. ``address``: which setting says where the provider is, and what follows there."""

    address = ("base_url", "")
    settings = {"phone_number_id": "106540352242922", "token": SECRET, "app_secret": SECRET, "verify_token": SECRET}

    def __init__(self):
        self.emulator = WhatsAppCloud(tokens=(SECRET,), late=0.05)

    def misbehave(self, kind):
        self.emulator.mischief = {Mischief(kind): 1.0}
        self.emulator.__post_init__()

    def taken(self):
        return dict(self.emulator.taken)

    def report(self, correlation, name):
        """A signed callback about a message."""
        body = json.dumps(webhook("106540352242922", [status_of("wamid.1", "91", correlation, name)])).encode()
        return Callback(body, {"x-hub-signature-256": signed(body, SECRET)})


class SmsBench:
    """A gateway for texts, in India, and its emulator."""

    address = ("url", "/v1/send")
    settings = {
        "secret": SECRET, "report_secret": SECRET, "header": "JANSET", "entity": "1101234567890123456",
        "templates": f'[words.en]\nid = "1107161234567890123"\ntext = "{WORDS}"',
    }  # fmt: skip

    def __init__(self):
        self.emulator = sms.SmsGateway(secret=SECRET)

    def misbehave(self, kind):
        self.emulator.faults = Faults(Fault(kind))

    def taken(self):
        return dict(self.emulator.taken)

    def report(self, correlation, name):
        body = sms.report_of(correlation, {"delivered": "DELIVRD"}[name])
        return Callback(body, {"x-signature": sms.signed(body, SECRET)})


BENCHES = {"whatsapp_cloud": WhatsAppBench, "sms": SmsBench}
PROVIDERS = {import_string(path).key: import_string(path) for path in settings.CHANNEL_PROVIDERS}


@pytest.fixture(params=sorted(PROVIDERS))
def kind(request):
    return PROVIDERS[request.param]


@pytest.fixture
def bench(kind):
    made = BENCHES[kind.key]()
    with running(made.emulator) as url:
        made.provider = provider_at(kind, made, url)
        yield made


def provider_at(kind, bench, url):
    """The provider, told that its service is at ``url``."""
    name, path = bench.address
    return kind(kind.settings_schema(**bench.settings, **{name: url + path}))


def letter(correlation="c.1", **content):
    return Letter(NUMBER, Content(**{"text": WORDS, **content}), (), correlation)


def send(provider, *letters, seconds=5.0, call_seconds=0.4):
    """Receipts of a flight of its own."""

    async def fly():
        limits = aiohttp.ClientTimeout(total=call_seconds)
        async with aiohttp.ClientSession(timeout=limits) as session:
            journey = Journey(session, time.monotonic() + seconds, 8)
            return await provider.send([provider.render(item) for item in letters], flight=journey)

    return apart(lambda: asyncio.run(fly()))


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
        made = kind.settings_schema(**bench.settings, **{bench.address[0]: "https://provider.example"})
        assert SECRET not in repr(made)
        hidden = {field.name for field in dataclasses.fields(made) if is_secret(field)}
        assert {name for name, value in bench.settings.items() if value == SECRET} == hidden


class TestSending:
    def test_each_message_is_taken_once_with_its_correlation(self, bench):
        letters = [letter(f"c.{number}") for number in range(25)]
        receipts = send(bench.provider, *letters)
        assert verdicts(receipts) == [Verdict.ACCEPTED] * 25
        assert len({receipt.ref for receipt in receipts}) == 25
        assert bench.taken() == {f"c.{number}": 1 for number in range(25)}

    def test_rendering_is_pure(self, bench):
        assert bench.provider.render(letter()) == bench.provider.render(letter())

    def test_what_it_cannot_carry_is_refused_before_the_call(self, bench):
        too_long = "x" * (bench.provider.capabilities.body_length + 1)
        with pytest.raises(MessageRefused):
            bench.provider.render(letter(text=too_long))

    def test_nothing_to_send_is_no_mistake(self, bench):
        assert send(bench.provider) == []

    def test_after_its_time_no_call_is_begun(self, bench):
        receipts = send(bench.provider, letter(), letter(), seconds=-1)
        assert verdicts(receipts) == [Verdict.NOT_BEGUN] * 2
        assert bench.taken() == {}


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
        assert verdicts(send(bench.provider, letter())) == [verdict]

    def test_a_provider_that_is_not_there_has_surely_not_taken_it(self, bench, kind):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"
        provider = provider_at(kind, bench, nowhere)
        assert verdicts(send(provider, letter())) == [Verdict.NOT_REACHED]

    @pytest.mark.parametrize("mischief", [None, *Mischief])
    def test_neither_number_nor_words_nor_keys_come_into_logs_and_receipts(self, bench, mischief, caplog):
        if mischief:
            bench.misbehave(mischief)
        with caplog.at_level(logging.DEBUG):
            receipts = send(bench.provider, letter())
        told = caplog.text + repr(receipts) + repr(letter())
        assert not [word for word in (SECRET, NUMBER[3:]) if word in told]


class TestCallbacks:
    def test_a_report_is_believed_when_it_is_signed_and_read(self, bench):
        callback = bench.report("c.1", "delivered")
        bench.provider.verify(callback)
        (event,) = bench.provider.parse_callback(callback.body)
        assert isinstance(event, StatusEvent)
        assert (event.correlation, event.tidings) == ("c.1", "delivered")

    def test_changed_or_unsigned_it_is_not(self, bench):
        callback = bench.report("c.1", "delivered")
        for forged in (
            Callback(callback.body + b" ", callback.headers), Callback(callback.body, {}),
            Callback(callback.body, dict.fromkeys(callback.headers, "")),
        ):  # fmt: skip
            with pytest.raises(CallbackRejected):
                bench.provider.verify(forged)

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"null", b"{", b'{"entry": 5}', b"\xff", b'{"entry":[{"changes":5}]}']
    )
    def test_what_is_no_report_is_rejected_or_says_nothing(self, bench, body):
        with contextlib.suppress(CallbackRejected):
            assert list(bench.provider.parse_callback(body)) == []
