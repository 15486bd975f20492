"""Each sender with the emulator of its provider, so that what arrived can be read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest

from toli.accounts.ports import TextMessage, TextSender
from toli.accounts.services import sending
from toli.emulators.faults import Faults
from toli.emulators.running import running
from toli.emulators.sms import SmsGateway
from toli.emulators.telegram_gateway import TelegramGateway
from toli.integrations.console.provider import ConsoleSender
from toli.integrations.email_file.provider import EmailFileSender
from toli.integrations.outbox.provider import OutboxSender
from toli.integrations.sms.gateway import parse
from toli.integrations.sms.provider import SmsSender
from toli.integrations.telegram.provider import TelegramSender

SECRET = "QcanarySecret123"
PATIENT = 30.0  # seconds: who answers at all is heard, however busy the machine
IMPATIENT = 0.5  # for those who do not answer
NUMBER = "+913141592653"
CODE = "123456"
HINDI = f"{CODE} आपका Toli कोड है। इसे किसी को न बताएँ।\n@toli.example.org #{CODE}"
WELCOME = "नमस्ते सुनीता देवी, आपका कार्ड तैयार है: https://toli.example.org/w/abc"
TEMPLATES = {
    "code": {
        "hi": {
            "id": "1107161234567890123",
            "text": "{#numeric#} आपका Toli कोड है। इसे किसी को न बताएँ।\n@{#var#} #{#var#}",
        },
        "en": {"id": "1107161234567890124", "text": "{#var#} is your Toli code.\n@{#var#} #{#var#}"},
    },
    "welcome": {"hi": {"id": "1107161234567890125", "text": "नमस्ते {#var#}, आपका कार्ड तैयार है: {#url#}"}},
}  # fmt: skip


def code(to: str = NUMBER, text: str = HINDI) -> TextMessage:
    return TextMessage(to, text, "code", "hi", CODE)


def welcome(to: str = NUMBER) -> TextMessage:
    return TextMessage(to, WELCOME, "welcome", "hi")


def sms_sender(url: str, timeout: float = PATIENT, **more: Any) -> SmsSender:
    gateway = parse(
        {"url": f"{url}/v1/send", "header": "JANSET", "entity": "1101234567890123456", "templates": TEMPLATES, **more}
    )
    return SmsSender(gateway, secret=SECRET, timeout=timeout)


@dataclass
class Bench:
    """A sender, and how to see what it brought where."""

    sender: TextSender
    emulator: Any = None
    faults: Faults = field(default_factory=Faults)

    def arrived(self) -> list[tuple[str, str]]:
        """To whom, and what: as the provider got it."""
        return [(message["to"], message["text"]) for message in self.emulator.messages]

    def expected(self, message: TextMessage) -> tuple[str, str]:
        return message.to, message.text


class TelegramBench(Bench):
    def expected(self, message):
        return message.to, message.code  # Telegram writes the words itself


class OutboxBench(Bench):
    def arrived(self):
        from django.conf import settings

        lines = [line for path in settings.OUTBOX_DIR.glob("*.jsonl") for line in path.read_text().splitlines()]
        return [(found["to"], found["text"]) for found in map(json.loads, lines)]


class MailBench(Bench):
    def arrived(self):
        from django.conf import settings

        mails = [
            BytesParser(policy=policy.default).parsebytes(path.read_bytes()) for path in settings.MAIL_DIR.glob("*.eml")
        ]
        return [("+" + mail["To"].split("@")[0], mail.get_content().rstrip("\n").replace("\r", "")) for mail in mails]


class ConsoleBench(Bench):
    written = ""
    capsys: Any = None

    def arrived(self):
        self.written += self.capsys.readouterr().err
        texts = [part.split("\n", 1) for part in self.written.split("--- ") if " to " in part.split("\n")[0]]
        return [(head, body.removesuffix("\n---\n").removesuffix("\n")) for head, body in texts]

    def expected(self, message):
        from toli.core.domain.phone import masked

        return f"{message.kind} to {masked(message.to)}", message.text


@contextmanager
def bench_of(name: str, capsys: Any) -> Iterator[Bench]:
    if name in {"sms-json", "sms-form"}:
        emulator = SmsGateway(secret=SECRET)
        more = {"shape": "form", "user": "AC1"} if name == "sms-form" else {}
        with running(emulator) as url:
            yield Bench(sms_sender(url, **more), emulator, emulator.faults)
    elif name == "telegram":
        gateway = TelegramGateway(token=SECRET)
        with running(gateway) as url:
            yield TelegramBench(TelegramSender(url=url, token=SECRET, timeout=PATIENT), gateway, gateway.faults)
    elif name == "outbox":
        yield OutboxBench(OutboxSender())
    elif name == "email-file":
        yield MailBench(EmailFileSender())
    else:
        bench = ConsoleBench(ConsoleSender())
        bench.capsys = capsys
        yield bench


BY_HTTP = ("sms-json", "sms-form", "telegram")
ALL = (*BY_HTTP, "outbox", "email-file", "console")


@pytest.fixture(params=ALL)
def bench(request, capsys):
    with bench_of(request.param, capsys) as found:
        yield found


@pytest.fixture(params=BY_HTTP)
def distant(request, capsys):
    """Senders whose provider can fail."""
    with bench_of(request.param, capsys) as found:
        yield found


@pytest.fixture(autouse=True)
def _trusted():
    sending.forget_health()
    yield
    with suppress(AttributeError):
        sending.text_sender.cache_clear()
    sending.forget_health()
