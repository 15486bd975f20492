"""What every text sender owes: the right text once, an honest receipt, a bounded time, and silence about people."""

import asyncio
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contracts.conftest import IMPATIENT, NUMBER, PATIENT, SECRET, bench_of, code, sms_sender, welcome
from toli.accounts.domain.sending import SURELY_NOT_SENT, Outcome
from toli.accounts.ports import KeepsTexts, ShowsRequests
from toli.config.senders import TEXT_SENDERS
from toli.emulators.faults import Fault
from toli.integrations.telegram.provider import TelegramSender


def outcomes(receipts):
    return [receipt.outcome for receipt in receipts]


def fail(bench, kind, **more):
    bench.faults.kind = kind
    if kind is Fault.SILENT:
        bench.sender._timeout = IMPATIENT
    for name, value in more.items():
        setattr(bench.faults, name, value)


class TestEverySender:
    def test_a_text_arrives_exactly_once_and_as_it_was_written(self, bench):
        receipts = bench.sender.send_many([code()])
        assert outcomes(receipts) == [Outcome.ACCEPTED]
        assert bench.arrived() == [bench.expected(code())]

    def test_receipts_stand_in_the_order_of_the_messages(self, bench):
        messages = [code(to=f"+91123456{n:04d}") for n in range(60)]
        receipts = bench.sender.send_many(messages)
        assert outcomes(receipts) == [Outcome.ACCEPTED] * 60
        assert {receipt.sender for receipt in receipts} == {bench.sender.key}
        assert sorted(bench.arrived()) == sorted(bench.expected(message) for message in messages)

    def test_nothing_to_send_is_no_mistake(self, bench):
        assert list(bench.sender.send_many([])) == []

    def test_it_is_known_under_its_key(self, bench):
        assert TEXT_SENDERS[bench.sender.key].endswith(f".{type(bench.sender).__name__}")

    def test_what_it_objects_to_is_not_sent(self, bench):
        if not bench.sender.objection(welcome()):
            return
        (receipt,) = bench.sender.send_many([welcome()])
        assert receipt.outcome is Outcome.REFUSED
        assert bench.arrived() == []

    def test_who_keeps_copies_forgets_those_of_a_person_and_no_others(self, bench):
        if not isinstance(bench.sender, KeepsTexts):
            return
        other = "+913141592654"
        bench.sender.send_many([code(), code(to=other), code()])
        assert bench.sender.count_texts([NUMBER]) == 2
        assert bench.sender.forget_texts([NUMBER]) == 2
        assert bench.sender.count_texts([NUMBER]) == 0
        assert bench.arrived() == [bench.expected(code(to=other))]
        assert bench.sender.forget_texts([]) == 0

    def test_what_it_shows_of_a_request_holds_no_secret_and_no_number(self, bench):
        if not isinstance(bench.sender, ShowsRequests):
            return
        shown = str(bench.sender.preview(code()))
        assert SECRET not in shown
        assert NUMBER[3:] not in shown
        assert "http" in shown

    def test_it_can_be_called_where_a_loop_runs_already(self, bench):
        async def call():
            return bench.sender.send_many([code()])

        with ThreadPoolExecutor(1) as elsewhere:  # browsers of other tests leave a loop in this thread
            receipts = elsewhere.submit(lambda: asyncio.run(call())).result()
        assert outcomes(receipts) == [Outcome.ACCEPTED]
        assert bench.arrived() == [bench.expected(code())]


class TestFailures:
    """What each fault of a provider is told as."""

    @pytest.mark.parametrize(
        ("fault", "outcome", "arrives"),
        [
            (Fault.BUSY, Outcome.BUSY, 0),
            (Fault.ERROR, Outcome.UNKNOWN, 0),
            (Fault.DENIED, Outcome.OFF, 0),
            (Fault.RESET, Outcome.UNKNOWN, 0),
            (Fault.LOST, Outcome.UNKNOWN, 1),
            (Fault.SILENT, Outcome.UNKNOWN, 1),
        ],
    )
    def test_a_fault_is_never_told_as_sent_nor_what_may_be_sent_as_not_sent(self, distant, fault, outcome, arrives):
        fail(distant, fault, retry_after=30)
        (receipt,) = distant.sender.send_many([code()])
        assert receipt.outcome is outcome
        assert receipt.reason
        assert len(distant.arrived()) == arrives

    def test_a_provider_that_is_not_there_is_down(self, distant):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}"
        nowhere = TelegramSender(url=url, token="x") if distant.sender.key == "telegram" else sms_sender(url)
        (receipt,) = nowhere.send_many([code()])
        assert (receipt.outcome, receipt.reason) == (Outcome.DOWN, "not_reached")

    def test_a_silent_provider_is_waited_for_as_long_as_is_set(self, distant):
        fail(distant, Fault.SILENT)
        began = time.monotonic()
        distant.sender.send_many([code()])
        assert IMPATIENT <= time.monotonic() - began < PATIENT

    def test_a_short_pause_that_the_provider_asks_for_is_kept(self, distant):
        fail(distant, Fault.BUSY, times=1, retry_after=1)
        began = time.monotonic()
        assert outcomes(distant.sender.send_many([code()])) == [Outcome.ACCEPTED]
        assert time.monotonic() - began >= 1
        assert len(distant.arrived()) == 1

    def test_a_wrong_secret_is_told_as_the_sender_being_off(self, distant):
        distant.emulator.__dict__["token" if distant.sender.key == "telegram" else "secret"] = "another"
        (receipt,) = distant.sender.send_many([code()])
        assert receipt.outcome is Outcome.OFF
        assert distant.arrived() == []

    def test_a_batch_gives_up_on_a_provider_that_fails(self, distant):
        fail(distant, Fault.ERROR)
        receipts = distant.sender.send_many([code(to=f"+91123456{n:04d}") for n in range(200)])
        assert distant.emulator.requests < 100
        assert outcomes(receipts).count(Outcome.UNKNOWN) < 50
        assert [receipt.reason for receipt in receipts].count("not_tried") > 100
        assert all(receipt.outcome in SURELY_NOT_SENT | {Outcome.UNKNOWN} for receipt in receipts)


class TestSilence:
    @pytest.mark.parametrize("fault", list(Fault))
    def test_no_fault_brings_a_secret_or_a_number_into_a_log_or_receipt(self, distant, fault, caplog):
        fail(distant, fault)
        with caplog.at_level(logging.DEBUG):
            receipts = distant.sender.send_many([code()])
        for told in (caplog.text, repr(receipts)):
            assert SECRET not in told
            assert NUMBER[3:] not in told
            assert "123456 " not in told

    def test_a_message_shows_nothing_of_a_person_in_a_traceback(self):
        shown = repr(code())
        assert NUMBER[3:] not in shown
        assert "123456" not in shown
        assert "कोड" not in shown


def test_the_suite_covers_every_sender_that_can_be_named(capsys):
    covered = set()
    for name in ("sms-json", "telegram", "outbox", "email-file", "console"):
        with bench_of(name, capsys) as bench:
            covered.add(bench.sender.key)
    assert covered == set(TEXT_SENDERS)
