"""Codes by Telegram's gateway: asked first, charged once, refused without cost."""

import pytest

from tests.contracts.conftest import code, welcome
from toli.accounts.domain.sending import Outcome
from toli.emulators.faults import Fault
from toli.emulators.running import running
from toli.emulators.telegram_gateway import TelegramGateway
from toli.integrations.telegram.provider import TelegramSender

ABSENT = "+910000123456"


@pytest.fixture
def gateway():
    emulator = TelegramGateway(token="T")
    with running(emulator) as url:
        emulator.sender = TelegramSender(url=url, token="T", timeout=10)  # nobody here waits for its end
        yield emulator


def test_a_number_that_is_not_on_telegram_is_a_sure_no_at_no_cost(gateway):
    (receipt,) = gateway.sender.send_many([code(to=ABSENT)])
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "not_on_telegram")
    assert (gateway.messages, gateway.fees) == ([], 0)


def test_asking_and_sending_is_charged_once(gateway):
    (receipt,) = gateway.sender.send_many([code()])
    assert gateway.fees == 1
    assert receipt.reference == gateway.messages[0]["id"]
    assert gateway.messages[0]["fields"]["ttl"] == 600


def test_it_carries_codes_and_nothing_else(gateway):
    assert gateway.sender.objection(welcome()) == "codes_only"
    assert gateway.sender.objection(code()) == ""


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        ({"ok": False, "error": "FLOOD_WAIT_30"}, Outcome.BUSY, "too_fast"),
        ({"ok": False, "error": "BALANCE_NOT_ENOUGH"}, Outcome.OFF, "balance_not_enough"),
        ({"ok": False, "error": "number +913141592653 is odd"}, Outcome.OFF, "off"),
        ({"ok": False, "error": "MESSAGE_ALREADY_SENT"}, Outcome.ACCEPTED, "already_sent"),
        ({"ok": True}, Outcome.UNKNOWN, "http_200"),
        ([], Outcome.UNKNOWN, "http_200"),
    ],
)
def test_answers_are_read_by_the_name_of_their_error(gateway, monkeypatch, answer, outcome, reason):
    from aiohttp import web

    async def told(self, request, fault):
        return web.json_response(answer)

    monkeypatch.setattr(type(gateway.faults), "before", told)
    (receipt,) = gateway.sender.send_many([code()])
    assert (receipt.outcome, receipt.reason) == (outcome, reason)


def test_an_answer_lost_while_asking_is_no_doubt_as_asking_sends_nothing(gateway, monkeypatch):
    async def hang(self, request):
        from toli.emulators.faults import hang_up

        hang_up(request)

    monkeypatch.setattr(TelegramGateway, "_read", hang)
    (receipt,) = gateway.sender.send_many([code()])
    assert receipt.outcome is Outcome.DOWN
    assert gateway.faults.kind is Fault.NONE
