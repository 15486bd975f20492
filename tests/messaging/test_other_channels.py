"""The whole way of a message by each further channel: outbox, provider, reports; what a report means for the member."""

from contextlib import contextmanager

import pytest

from tests.factories import make_member
from tests.messaging.conftest import Desk
from toli.accounts.domain.actor import SYSTEM
from toli.compliance.services import register_sms_template
from toli.core import clock
from toli.emulators.running import running
from toli.emulators.sms import Reports, SmsGateway, report_of
from toli.messaging.ports import Content
from toli.messaging.services import callbacks, senders

MEETING = "{#var#}, the meeting is at {#numeric#} today."
SMS = {
    "secret": "s3cret", "report_secret": "r3port", "header": "JANSET", "entity": "1101234567890123456",
    "templates": f'[meeting.en]\nid = "1107161234567890124"\ntext = "{MEETING}"',
}  # fmt: skip


@contextmanager
def a_desk_of(provider, emulator, settings, address):
    """A sender of this provider, at its emulator."""
    with running(emulator) as url:
        name, path = address
        desk = Desk(emulator, url)
        desk.sender = senders.create_sender(
            actor=SYSTEM, code="main", name="Main", provider=provider, settings={**settings, name: url + path}
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
