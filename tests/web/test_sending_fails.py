"""When codes cannot leave: a useful sentence, the same for every number, soon."""

import re
import time

import pytest

from tests.contracts.conftest import IMPATIENT, sms_sender
from tests.factories import make_member, make_phone
from toli.accounts.services import codes, sending
from toli.accounts.services.sending import Senders
from toli.emulators.faults import Fault
from toli.emulators.running import running
from toli.emulators.sms import SmsGateway
from toli.integrations.sms.templates import Template

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = make_phone(31), make_phone(32)
ANY_TEXT = {
    ("code", language): Template("1107161234567890123", "{#var#}" * 9 + "\n@{#var#}{#var#}")
    for language in ("hi", "en")
}


@pytest.fixture
def gateway(world, monkeypatch):
    """An SMS gateway that codes go by. Only where it never answers is it waited for no longer than half a second."""
    make_member("A1", phone=KNOWN)
    emulator = SmsGateway(secret="QcanarySecret123")
    sending.forget_health()
    with running(emulator) as url:
        sender = emulator.sender = sms_sender(url)
        object.__setattr__(sender._gateway, "templates", ANY_TEXT)
        monkeypatch.setattr(codes, "text_sender", lambda: Senders([sender]))
        yield emulator
    sending.forget_health()


def ask(browser, phone, language="en"):
    visitor = browser()
    visitor.cookies["lang"] = language
    began = time.monotonic()
    answer = visitor.post("/sign-in", {"step": "phone", "phone": phone})
    return answer, time.monotonic() - began


def plain(answer):
    """The page without what is new with each request."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"', "", answer.content.decode())
    return page.replace(KNOWN, "").replace(UNKNOWN, "").replace(KNOWN[3:], "").replace(UNKNOWN[3:], "")


def test_control_a_code_arrives(gateway, browser):
    answer, _took = ask(browser, KNOWN)
    assert answer.status_code == 303
    assert gateway.messages[0]["to"] == KNOWN


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.DENIED])
def test_a_code_that_could_not_leave_is_told_with_what_to_do(gateway, browser, fault):
    gateway.faults.kind, gateway.faults.retry_after = fault, 60
    answer, _took = ask(browser, KNOWN)
    assert answer.status_code == 200
    assert "We could not send the message just now. Please try again in a minute." in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
    hindi, _took = ask(browser, KNOWN, "hi")
    assert "कृपया एक मिनट बाद फिर कोशिश करें" in hindi.content.decode()


@pytest.mark.parametrize("fault", list(Fault))
def test_whatever_happens_the_answer_does_not_tell_whether_a_number_is_known(gateway, browser, fault):
    gateway.faults.kind = fault
    if fault is Fault.SILENT:
        gateway.sender._timeout = IMPATIENT
    known, took_known = ask(browser, KNOWN)
    asked = gateway.requests
    sending.forget_health()
    unknown, took_unknown = ask(browser, UNKNOWN)
    assert (known.status_code, plain(known)) == (unknown.status_code, plain(unknown))
    assert known.headers.get("Location") == unknown.headers.get("Location")
    assert gateway.requests == 2 * asked  # what takes the time is the same for both
    if fault is Fault.SILENT:
        assert min(took_known, took_unknown) >= IMPATIENT


def test_a_silent_provider_is_waited_for_three_times_and_then_not_at_all(gateway, browser):
    gateway.faults.kind, gateway.sender._timeout = Fault.SILENT, IMPATIENT
    times = [ask(browser, make_phone(40 + n))[1] for n in range(5)]
    assert all(took >= IMPATIENT for took in times[:3])
    assert gateway.requests == 3  # so the others did not wait for it


def test_a_code_that_may_have_left_is_asked_for(gateway, browser):
    gateway.faults.kind = Fault.LOST
    answer, _took = ask(browser, KNOWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


@pytest.mark.parametrize(("order", "told"), [(("telegram", "sms"), True), (("sms",), False)])
def test_everybody_is_told_to_look_into_telegram_when_codes_may_arrive_there(
    world, browser, sent, settings, order, told
):
    settings.TEXT_SENDER_ORDER = order
    for phone in (KNOWN, UNKNOWN):
        visitor = browser()
        visitor.post("/sign-in", {"step": "phone", "phone": phone})
        page = visitor.get("/sign-in").content.decode()
        assert ("If you use Telegram, look there first." in page) == told
