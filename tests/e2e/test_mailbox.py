"""An e-mail address on a phone: written down, the link opened in the same browser, confirmed by a tap."""

import re
from datetime import timedelta

import pytest

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.emulators.running import running
from toli.emulators.smtp import MailServer
from toli.members.services import open_account
from toli.messaging.services import senders

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_member_gives_an_address_and_confirms_it(open_page):
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1")
    make.make_drive()
    account = open_account(member_id=make.make_member("B1").pk)
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    server = MailServer()
    with running(server) as url:
        told = {"server": url.replace("http", "smtp"), "address": "news@toli.example", "name": "Toli"}
        senders.create_sender(actor=SYSTEM, code="mail", name="Mail", provider="email_smtp", settings=told)
        page = open_page(f"/a/{token}", language="en")
        page.click("main button")
        page.goto("/me/email")
        page.fill("[name=address]", "sunita@mail.example")
        page.get_by_role("button", name="Send me the link").click()
        page.get_by_text("Not confirmed yet").wait_for()
    text = server.messages[-1].mail.get_body(("plain",)).get_content()
    page.goto(re.search(r"/me/email/\S+", text)[0])
    page.get_by_role("button", name="Yes, and send me the daily material here").click()
    page.get_by_text("The daily material comes here, too.").wait_for()
