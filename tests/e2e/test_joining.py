"""Joining on a small phone, in Hindi: the taps counted, with and without JavaScript, with a network that goes away."""

import json
import re

import pytest

from tests import factories as make
from toli.members.models import Member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINK = "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV"
CHAT_PAGE = '<!doctype html><title>WhatsApp</title><a id="join" href="#in">Join group</a>'


@pytest.fixture
def organisation():
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1", "IN/UP/Z1/A1/B2")
    make.make_drive()
    make.make_coordinator("Z1")
    make.make_group(make.make_campaign(code="connect"), "UP", join_address=LINK)


class Hand:
    """Fills fields and taps; what it taps is counted, ours and WhatsApp's."""

    def __init__(self, page, settings):
        self.page, self.settings, self.taps = page, settings, 0
        page.route(
            re.compile("chat.whatsapp.com"),
            lambda route: route.fulfill(body=CHAT_PAGE, content_type="text/html"),
        )

    def tap(self, words):
        self.page.click(words)
        self.taps += 1

    def number(self, name="सुनीता देवी", phone="01234 56789"):
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=phone]", phone)
        self.tap("button:has-text('कोड भेजें')")

    def code(self):
        self.page.wait_for_selector("input[name=code]")
        self.page.fill("input[name=code]", self.codes()[-1])
        self.tap("main form button:has-text('आगे')")

    def codes(self):
        lines = [json.loads(line) for path in self.settings.OUTBOX_DIR.glob("*.jsonl") for line in path.open()]
        return [re.match(r"\d{6}", line["text"])[0] for line in lines if line["kind"] == "code"]

    def step(self, number):
        self.page.wait_for_selector(f"text=4 में से चरण {number}")


@pytest.mark.parametrize("java_script", [True, False])
def test_from_the_link_into_the_group_in_six_taps(open_page, organisation, settings, java_script):
    hand = Hand(open_page("/join?t=B1", java_script_enabled=java_script), settings)
    page = hand.page
    hand.number()
    hand.code()
    page.wait_for_selector("h1:has-text('स्थान B1 — सही है?')")
    hand.tap("main form button:has-text('हाँ')")
    hand.step(4)
    assert not page.is_checked("input[name=content]")
    hand.tap("button:has-text('सदस्य बनाएँ')")
    page.wait_for_selector("text=आप सदस्य हैं")
    hand.tap("button:has-text('समूह में जुड़ें')")
    page.wait_for_url(LINK)
    hand.tap("#join")
    assert hand.taps <= 6
    assert Member.objects.get().name == "सुनीता देवी"


def test_a_wrong_code_says_so_where_one_is(open_page, organisation, settings):
    for java_script in (True, False):
        hand = Hand(open_page("/join?t=B1", java_script_enabled=java_script), settings)
        hand.number(phone=f"01234 5678{int(java_script)}")
        hand.step(2)
        wrong = "000000" if hand.codes()[-1] != "000000" else "111111"
        hand.page.fill("input[name=code]", wrong)
        hand.tap("main form button:has-text('आगे')")
        hand.page.wait_for_selector("text=बची कोशिशें: 4")
        hand.code()
        hand.step(3)


def test_a_lost_network_loses_nothing_and_sends_nothing_twice(open_page, organisation, settings):
    hand = Hand(open_page("/join?t=B1"), settings)
    page, network = hand.page, hand.page.context
    network.set_offline(True)
    hand.number()
    page.wait_for_selector("text=अभी नेटवर्क नहीं है")
    assert page.input_value("input[name=phone]") == "01234 56789"
    assert hand.codes() == []
    network.set_offline(False)  # goes on by itself
    hand.step(2)
    assert len(hand.codes()) == 1
    network.set_offline(True)
    hand.code()
    page.wait_for_selector("text=अभी नेटवर्क नहीं है")
    network.set_offline(False)
    hand.step(3)
    page.reload()
    hand.step(3)
    assert len(hand.codes()) == 1


def test_an_answer_that_gets_lost_comes_again_the_same(open_page, organisation, settings):
    """The server has taken each form, and its answer does not arrive: the phone sends it again."""
    hand = Hand(open_page("/join?t=B1"), settings)
    page, swallowed = hand.page, []

    def swallow(route):
        if route.request.method == "POST" and len(swallowed) % 2 == 0:
            swallowed.append(page.context.request.fetch(route.request, max_redirects=0).status)
            route.abort()
        else:
            swallowed.append(None)
            route.continue_()

    page.route(re.compile(r"/join$"), swallow)
    for act, step in ((hand.number, 2), (hand.code, 3)):
        act()
        page.click("[data-retry]:visible")
        hand.step(step)
        del swallowed[:]
    page.click("main form button:has-text('हाँ')")
    page.click("[data-retry]:visible")
    hand.step(4)
    del swallowed[:]
    page.click("button:has-text('सदस्य बनाएँ')")
    page.click("[data-retry]:visible")
    page.wait_for_url(re.compile("/me"))
    assert len(hand.codes()) == 1
    assert Member.objects.count() == 1
