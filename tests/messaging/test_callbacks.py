"""Reports of providers: kept before they are answered, read in any order, into states that only go forward."""

import asyncio
import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_member
from tests.messaging.conftest import SECRET, a_desk, begin_anew, people
from toli.accounts.domain.actor import SYSTEM
from toli.compliance.services import set_rules
from toli.core import clock, events
from toli.core.apart import apart
from toli.emulators.whatsapp_cloud import signed, status_of, webhook
from toli.members import selectors as members
from toli.messaging.domain.states import State, Tidings, after_all
from toli.messaging.models import Batch, Inbound, Message, ReceivedCallback
from toli.messaging.ports import StatusEvent
from toli.messaging.services import callbacks
from toli.web.fast.callbacks import ProviderCallbacks

NUMBER_ID = "106540352242922"


def report(desk, *statuses):
    callbacks.keep_callbacks(
        [(desk.sender.pk, json.dumps(webhook(NUMBER_ID, list(statuses))).encode())], at=clock.now()
    )
    return callbacks.read_callbacks()


def sent_one(desk, **more):
    desk.queue(desk.batch(**more), people(1))
    desk.dispatch()
    return Message.objects.get()


def about(message, name, code=0, *, call=1):
    return status_of(message.ref or "wamid.x", "91", f"{message.correlation}.{call}", name, code)


class TestReading:
    def test_a_message_is_delivered_and_read(self, desk):
        message = sent_one(desk)
        report(desk, about(message, "delivered"))
        report(desk, about(message, "read"))
        message.refresh_from_db()
        assert message.state == State.READ
        assert message.delivered_at and message.read_at
        assert ReceivedCallback.objects.count() == 0

    def test_an_unknown_message_is_settled_by_its_correlation(self, desk):
        message = sent_one(desk)
        Message.objects.update(state="unknown", ref="", sent_at=None)
        report(desk, about(message, "sent"))
        message.refresh_from_db()
        assert (message.state, message.ref) == (State.SENT, "wamid.x" if not message.ref else message.ref)

    def test_where_no_correlation_is_echoed_the_providers_own_name_serves(self, desk):
        message = sent_one(desk)
        report(desk, status_of(message.ref, "91", "", "delivered"))
        message.refresh_from_db()
        assert message.state == State.DELIVERED

    def test_a_name_with_signs_that_no_table_takes_serves_as_well(self, desk):
        """And holds up none of the others that are settled with it."""
        desk.emulator._prefix = "a\\u0000"
        desk.queue(desk.batch(), people(3))
        assert desk.dispatch() == 3
        ref = desk.emulator.messages[0]["id"].replace("\\u0000", "\0")
        report(desk, status_of(ref, "91", "", "delivered"))
        assert desk.states() == {"sent": 2, "delivered": 1}
        assert "\0" not in Message.objects.get(state="delivered").ref

    def test_another_senders_report_moves_nothing(self, desk):
        message = sent_one(desk)
        with a_desk_of(desk, "second") as second:
            report(second, about(message, "read"))
        message.refresh_from_db()
        assert message.state == State.SENT

    def test_that_an_earlier_call_failed_says_nothing_about_this_one(self, desk):
        message = sent_one(desk)
        Message.objects.update(attempts=2)
        report(desk, about(message, "failed", 131026, call=1))
        message.refresh_from_db()
        assert message.state == State.SENT

    def test_a_failure_has_the_effects_of_its_code(self, desk):
        message = sent_one(desk)
        report(desk, about(message, "failed", 131050))
        events.deliver()
        message.refresh_from_db()
        assert (message.state, message.reason) == (State.FAILED, "opted_out")
        assert members.words(message.member_id)["membership", "whatsapp"] is False

    def test_what_cannot_be_read_is_kept_with_its_problem_and_holds_up_nobody(self, desk):
        message = sent_one(desk)
        callbacks.keep_callbacks([(desk.sender.pk, b"no json")], at=clock.now())
        report(desk, about(message, "delivered"))
        message.refresh_from_db()
        assert message.state == State.DELIVERED
        assert ReceivedCallback.objects.get().problem == "unreadable"

    def test_no_number_lies_open_in_what_was_kept(self, desk):
        body = json.dumps(webhook(NUMBER_ID, [status_of("w", "919876543210", "", "sent")])).encode()
        callbacks.keep_callbacks([(desk.sender.pk, body)], at=clock.now())
        assert b"9876543210" not in bytes(ReceivedCallback.objects.get().body_sealed)


def a_desk_of(desk, code):
    from contextlib import contextmanager

    from toli.messaging.services import senders

    @contextmanager
    def made():
        sender = senders.create_sender(
            actor=SYSTEM, code=code, name=code, provider="whatsapp_cloud", settings=senders._settings_of(desk.sender)
        )
        yield type(desk)(desk.emulator, desk.url, sender)

    return made()


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(Tidings)), min_size=1, max_size=25),
    st.randoms(),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reports_in_any_order_and_twice_end_where_the_model_ends(_four_messages, news, random):
    """Against the model: each message by itself, in the order of what happened."""
    sender, ids = _four_messages
    Message.objects.filter(pk__in=ids).update(
        state="sending", lease_until=clock.now(), sent_at=None, delivered_at=None, read_at=None, ended_at=None
    )
    found = {message.pk: message for message in Message.objects.filter(pk__in=ids)}
    told = [(ids[place], tidings) for place, tidings in news] * 2
    random.shuffle(told)
    while told:
        size = random.randint(1, len(told))
        part, told = told[:size], told[size:]
        callbacks.settle_reports(
            sender,
            [StatusEvent(tidings, f"w{pk}", f"{found[pk].correlation}.1", clock.now()) for pk, tidings in part],
        )
    for place, pk in enumerate(ids):
        expected = after_all(State.SENDING, [tidings for where, tidings in news if where == place])
        assert Message.objects.get(pk=pk).state == expected


@pytest.fixture
def _four_messages(desk):
    desk.queue(desk.batch(), people(4))
    Message.objects.update(attempts=1)
    return desk.sender, list(Message.objects.values_list("pk", flat=True))


class TestInbound:
    def note(self, desk, text, number, ref="wamid.in"):
        value = {"messages": [{"from": number, "id": ref, "timestamp": "1700000000", "type": "text",
                               "text": {"body": text}}]}  # fmt: skip
        body = {"entry": [{"changes": [{"field": "messages", "value": value}]}]}
        callbacks.keep_callbacks([(desk.sender.pk, json.dumps(body).encode())], at=clock.now())
        callbacks.read_callbacks()
        events.deliver()

    def test_stop_is_a_no(self, desk):
        member = make_member(territory="07", phone="+910123456789")
        for _ in range(2):
            self.note(desk, "STOP", "910123456789")
        assert Inbound.objects.count() == 1
        said = members.words(member.pk)
        assert said["membership", "whatsapp"] is False
        assert said["content", "whatsapp"] is False

    def test_of_a_stranger_neither_number_nor_words_are_kept(self, desk):
        self.note(desk, "hello", "910999999999")
        kept = Inbound.objects.get()
        assert kept.member_id is None
        assert not kept.text_sealed


# -- the address that providers report to ----------------------------------------------------------


async def ask(app, path, *, method="POST", body=b"", headers=(), query=""):
    """Status and body, as an ASGI server would have it."""
    said = []
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": list(headers)}

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        said.append(message)

    await app(scope, receive, send, None)
    return said[0]["status"], said[1]["body"]


@pytest.fixture
def committed(transactional_db):
    """A sender that other connections can see."""
    from tests.factories import make_organisation, make_territories

    make_territories("IN/UP/Z/07")
    make_organisation(kind="union")
    set_rules(actor=SYSTEM)
    begin_anew()
    with a_desk() as desk:
        yield desk


def in_a_loop(talk):
    """Run ``talk(app)`` with a path of its own."""

    async def whole():
        app = ProviderCallbacks()
        try:
            return await talk(app)
        finally:
            await app.shutdown()

    return apart(lambda: asyncio.run(whole()))


def test_reports_are_on_disk_before_they_are_answered(committed):
    """Signed ones, many at once; forged, truncated, oversized and strange ones are not kept."""
    body = json.dumps(webhook(NUMBER_ID, [status_of("w", "91", str(uuid.uuid4()), "sent")])).encode()
    good = (b"x-hub-signature-256", signed(body, SECRET).encode())

    async def talk(app):
        many = await asyncio.gather(*[ask(app, "/in/main", body=body, headers=[good]) for _ in range(60)])
        strange = [
            await ask(app, "/in/main", body=body),
            await ask(app, "/in/main", body=body[:-1], headers=[good]),
            await ask(app, "/in/main", body=body, headers=[(b"x-hub-signature-256", signed(body, "x").encode())]),
            await ask(app, "/in/main", body=body, headers=[(b"x-hub-signature-256", "sha256=é".encode())]),
            await ask(app, "/in/nobody", body=body, headers=[good]),
            await ask(app, "/in/main", body=b"x" * 4_000_000, headers=[good]),
            await ask(app, "/in/main", method="PUT", body=body, headers=[good]),
        ]
        greeted = [
            await ask(
                app, "/in/main", method="GET", query="hub.mode=subscribe&hub.verify_token=hello&hub.challenge=42"
            ),
            await ask(
                app, "/in/main", method="GET", query="hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=42"
            ),
        ]
        return many, strange, greeted

    many, strange, greeted = in_a_loop(talk)
    assert {status for status, _ in many} == {200}
    assert ReceivedCallback.objects.count() == 60
    assert [status for status, _ in strange] == [403, 403, 403, 403, 404, 413, 405]
    assert greeted == [(200, b"42"), (403, b"")]


def test_without_the_disk_there_is_no_answer_of_200(committed):
    body = json.dumps(webhook(NUMBER_ID, [])).encode()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE messaging_receivedcallback RENAME TO elsewhere")
    try:
        status, _ = in_a_loop(
            lambda app: ask(
                app, "/in/main", body=body, headers=[(b"x-hub-signature-256", signed(body, SECRET).encode())]
            )
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO messaging_receivedcallback")
    assert status == 503


def test_the_batch_is_over_but_its_reports_are_still_heard(desk):
    message = sent_one(desk)
    Batch.objects.update(state="cancelled", expires_at=clock.now() - timedelta(days=1))
    report(desk, about(message, "read"))
    message.refresh_from_db()
    assert message.state == State.READ
