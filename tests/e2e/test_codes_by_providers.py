"""A code goes its whole way, in a browser and over HTTP: asked for in Hindi, brought by a provider, typed in."""

import re

import pytest

from tests import factories as make
from toli.accounts.services import code_text, codes, sending
from toli.accounts.services.sending import Senders
from toli.emulators.faults import Fault
from toli.emulators.running import running
from toli.emulators.sms import SmsGateway
from toli.emulators.telegram_gateway import TelegramGateway
from toli.integrations.sms.gateway import parse
from toli.integrations.sms.provider import SmsSender
from toli.integrations.telegram.provider import TelegramSender

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = "+913141592653"


@pytest.fixture
def providers(site, settings, monkeypatch):
    """Telegram first, then SMS with the texts registered that Toli would send from this site."""
    settings.TEXT_SENDER_ORDER = ("telegram", "sms")
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1")
    make.make_member("B1", name="सुनीता देवी", phone=NUMBER)
    telegram, sms = TelegramGateway(token="T"), SmsGateway(secret="S")
    registered = {
        language: {"id": "1107161234567890123", "text": code_text("{#numeric#}", language)} for language in ("hi", "en")
    }
    sending.forget_health()
    with running(telegram) as first, running(sms) as second:
        gateway = parse({"url": f"{second}/send", "header": "JANSET", "templates": {"code": registered}})
        senders = Senders(
            [TelegramSender(url=first, token="T", timeout=30), SmsSender(gateway, secret="S", timeout=30)],
        )
        monkeypatch.setattr(codes, "text_sender", lambda: senders)
        yield telegram, sms
    sending.forget_health()


def ask_for_a_code(open_page):
    page = open_page("/sign-in")
    page.fill("input[name=phone]", "31415 92653")
    page.click("main button")
    return page


def type_it(page, code):
    page.fill("input[name=code]", code)
    page.click("main button")
    page.wait_for_url(re.compile("/me$"))
    assert "सुनीता देवी" in page.inner_text("header")


def test_a_member_signs_in_with_the_digits_that_telegram_brought(open_page, providers):
    telegram, sms = providers
    page = ask_for_a_code(open_page)
    assert "टेलीग्राम" in page.inner_text("main")
    type_it(page, telegram.messages[0]["text"])
    assert (len(telegram.messages), sms.messages) == (1, [])


def test_when_telegram_does_not_answer_the_same_digits_come_by_sms(open_page, providers):
    telegram, sms = providers
    telegram.faults.kind = Fault.LOST
    page = ask_for_a_code(open_page)
    (text,) = [message["text"] for message in sms.messages]
    assert text.startswith(telegram.messages[0]["text"])
    assert text == code_text(text[:6], "hi")
    type_it(page, text[:6])


def test_when_nobody_can_send_a_member_reads_what_to_do_and_can_try_again(open_page, providers):
    telegram, sms = providers
    telegram.faults.kind = sms.faults.kind = Fault.DENIED
    page = ask_for_a_code(open_page)
    assert "एक मिनट बाद फिर कोशिश करें" in page.inner_text("[role=alert]")
    telegram.faults.kind = Fault.NONE
    page.click("main button")
    type_it(page, telegram.messages[0]["text"])
