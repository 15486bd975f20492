"""Stand-ins for providers: on this machine only, strict where the provider is, and what they took can be read."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from toli.emulators.faults import Fault, Faults
from toli.emulators.running import running
from toli.emulators.sms import SmsGateway
from toli.emulators.telegram_gateway import TelegramGateway

NUMBER = "+913141592653"


def ask(url, fields=None, method=None, **headers):
    """Status and JSON of the answer."""
    data = None if fields is None else json.dumps(fields).encode()
    headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


class TestSms:
    def test_what_it_took_can_be_read_and_cleared(self):
        with running(SmsGateway()) as url:
            assert ask(f"{url}/any/path", {"mobile": NUMBER[1:], "text": "नमस्ते"})[0] == 200
            _status, (message,) = ask(f"{url}/messages")
            assert (message["to"], message["text"]) == (NUMBER, "नमस्ते")
            ask(f"{url}/messages", method="DELETE")
            assert ask(f"{url}/messages") == (200, [])

    @pytest.mark.parametrize("fields", [{}, [], {"to": NUMBER}, {"text": "x"}, "x"])
    def test_half_a_message_is_refused(self, fields):
        emulator = SmsGateway()
        with running(emulator) as url:
            assert ask(f"{url}/send", fields)[0] == 400
        assert emulator.messages == []

    def test_a_fault_lasts_as_often_as_it_is_asked_for(self):
        emulator = SmsGateway(faults=Faults(Fault.BUSY, times=2, retry_after=1))
        with running(emulator) as url:
            statuses = [ask(f"{url}/send", {"to": NUMBER, "text": "x"})[0] for _ in range(3)]
        assert statuses == [429, 429, 200]

    def test_its_ledger_outlives_it(self, tmp_path):
        ledger = tmp_path / "ledger"
        with running(SmsGateway(ledger=ledger)) as url:
            ask(f"{url}/send", {"to": NUMBER, "text": "नमस्ते", "reference": "r"})
        ledger.open("a").write('{"cut short')
        again = SmsGateway(ledger=ledger)
        assert [message["text"] for message in again.messages] == ["नमस्ते"]
        assert again.taken == {"r": 1}


class TestTelegram:
    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"phone_number": NUMBER, "code": "123"}, "CODE_INVALID"),
            ({"phone_number": NUMBER, "code": "12345a"}, "CODE_INVALID"),
            ({"phone_number": NUMBER, "code": "123456", "ttl": 20}, "TTL_INVALID"),
            ({"phone_number": NUMBER[1:], "code": "123456"}, "PHONE_NUMBER_INVALID"),
            ({"phone_number": "+910000000001", "code": "123456"}, "PHONE_NUMBER_NOT_AVAILABLE"),
            ([], "PHONE_NUMBER_INVALID"),
        ],
    )
    def test_it_refuses_what_the_gateway_refuses(self, fields, error):
        emulator = TelegramGateway()
        with running(emulator) as url:
            assert ask(f"{url}/sendVerificationMessage", fields) == (200, {"ok": False, "error": error})
        assert (emulator.messages, emulator.fees) == ([], 0)

    def test_an_id_of_another_number_is_charged_anew(self):
        emulator = TelegramGateway()
        with running(emulator) as url:
            _status, checked = ask(f"{url}/checkSendAbility", {"phone_number": NUMBER})
            reference = checked["result"]["request_id"]
            for number in ("+913141592654", NUMBER):
                ask(
                    f"{url}/sendVerificationMessage",
                    {"phone_number": number, "code": "123456", "request_id": reference},
                )
        assert emulator.fees == 3  # asked, sent to another, sent to the right one with an id that is used up

    def test_without_the_token_nothing_is_taken(self):
        with running(TelegramGateway(token="T")) as url:
            wanted = {"ok": False, "error": "ACCESS_TOKEN_INVALID"}
            assert ask(f"{url}/checkSendAbility", {"phone_number": NUMBER})[1] == wanted
            assert ask(f"{url}/checkSendAbility", {"phone_number": NUMBER}, Authorization="Bearer T")[1]["ok"]


def until_it_listens(port):
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


@pytest.mark.parametrize("name", ["sms", "telegram-gateway", "telegram-bot"])
def test_the_command_starts_one_that_only_this_machine_reaches(name):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "toli", "emulator", name, "--port", str(port)],
        env={**os.environ, "TOLI_LANGUAGE": "en"}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said = child.stderr.readline()
        assert re.search(rf"http://127\.0\.0\.1:{port}", said)
        until_it_listens(port)
        assert ask(f"http://127.0.0.1:{port}/messages") == (200, [])
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")]
        assert listening == [f"0100007F:{port:04X}"]
    finally:
        child.terminate()
        child.wait(20)
