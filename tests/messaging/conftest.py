"""A sender whose provider is the emulator of the Cloud API, members who agreed, and batches to them."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.factories import make_member, make_organisation, make_territories
from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.compliance.services import set_rules
from toli.core import clock
from toli.emulators.running import running
from toli.emulators.whatsapp_cloud import WhatsAppCloud
from toli.members.services import set_consent
from toli.messaging.dispatcher import Dispatcher, Options
from toli.messaging.models import Batch, Message
from toli.messaging.ports import Content
from toli.messaging.services import control, outbox, senders
from toli.territories.models import Territory

SECRET = "QcanaryAppSecret123"
TOKEN = "QcanaryToken123"
QUICK = Options(lanes=2, connections=16, lease=timedelta(seconds=90), call_seconds=30, idle=0.02)


def whatsapp_settings(url: str, **more: Any) -> dict[str, Any]:
    return {
        "phone_number_id": "106540352242922", "token": TOKEN, "app_secret": SECRET, "verify_token": "hello",
        "base_url": url, **more,
    }  # fmt: skip


@dataclass
class Desk:
    """The emulator, the sender that uses it, and what tests do with them."""

    emulator: WhatsAppCloud
    url: str
    sender: Any = None
    options: Options = field(default_factory=lambda: QUICK)

    def batch(self, **more: Any) -> Batch:
        fields = {
            "sender": self.sender.code, "territory": Territory.objects.get(code="IN"), "purpose": "membership",
            "content": Content(text="Your meeting is today.", template="meeting", params=("today",)),
            "expires_at": clock.now() + timedelta(hours=6),
        }  # fmt: skip
        return outbox.create_batch(actor=SYSTEM, **{**fields, **more})

    def queue(self, batch: Batch, members: Any) -> int:
        return outbox.enqueue(scope=EVERYWHERE, batch=batch, members=members)

    def dispatch(self) -> int:
        """Send what can be sent now. Returns how many were accepted."""
        return Dispatcher(self.options).run_until_idle()

    def states(self, **filters: Any) -> dict[str, int]:
        found: dict[str, int] = {}
        for state in Message.objects.filter(**filters).values_list("state", flat=True):
            found[state] = found.get(state, 0) + 1
        return found


@contextmanager
def a_desk(**emulated: Any):
    emulator = WhatsAppCloud(tokens=(TOKEN,), **emulated)
    with running(emulator) as url:
        desk = Desk(emulator, url)
        desk.sender = senders.create_sender(
            actor=SYSTEM, code="main", name="Main number", provider="whatsapp_cloud", settings=whatsapp_settings(url)
        )
        yield desk


@pytest.fixture
def union(db):
    """An organisation that may use the Cloud API, with its land."""
    make_territories("IN/UP/Z/07", "IN/UP/Z/070")
    make_organisation(kind="union")
    set_rules(actor=SYSTEM, quiet_from=time(0), quiet_until=time(0))
    begin_anew()


@pytest.fixture
def desk(union):
    with a_desk() as found:
        yield found


def begin_anew() -> None:
    """Nothing was ever sent: sequences outlive what is rolled back."""
    control.forget_identity()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SEQUENCE {control.SEQUENCE} RESTART")


def people(count: int, territory: str = "07") -> list[int]:
    return [make_member(territory=territory).pk for _ in range(count)]


def agree(member_id: int, purpose: str, *, given: bool = True) -> None:
    set_consent(member_id=member_id, purpose=purpose, given=given, language="hi", evidence={"page": "test"},
                channels=("whatsapp",))  # fmt: skip
