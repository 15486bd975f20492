"""What people do, in a real browser on a small phone, in Hindi."""

import json
import re
from datetime import timedelta

import pytest

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Account
from toli.cards import selectors as card_selectors
from toli.cards import services as cards
from toli.chatgroups import selectors as groups
from toli.chatgroups import services as group_services
from toli.core import events
from toli.members import selectors as members
from toli.members import services as member_services
from toli.sharing import services as sharing
from toli.sharing.models import Conversion, ShareLink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINK = "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV"


@pytest.fixture
def organisation():
    """One booth, one open group, one kit, one drive; a coordinator and a member with a card."""
    make.make_organisation()
    places = make.make_territories("IN/UP/Z1/A1/B1", "IN/UP/Z1/A2/B2")
    make.make_drive()
    make.make_coordinator("Z1")
    campaign = make.make_campaign(code="connect")
    make.make_group(campaign, "UP", name="जुड़ाव 2029 · उत्तर प्रदेश · 1", join_address=LINK)
    make.make_kit(code="check")
    return places


@pytest.fixture
def member(organisation):
    person = make.make_member("B1", name="सुनीता देवी वर्मा")
    cards.issue_cards(actor=SYSTEM)
    return person


def _signed_in(open_page, account, path, **options):
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    page = open_page(f"/a/{token}", **options)
    page.click("main button")
    page.goto(path)
    return page


def _message(settings, phone, kind="code"):
    """The newest text that the phone received."""
    lines = [json.loads(line) for path in settings.OUTBOX_DIR.glob("*.jsonl") for line in path.open()]
    return [line["text"] for line in lines if line["to"] == phone and line["kind"] == kind][-1]


def test_a_citizen_opens_a_link_and_becomes_a_member_in_six_taps(open_page, member, settings):
    link = sharing.share_link(member_id=member.pk, kit_id=make.make_kit().pk, channel="whatsapp")
    taps = 0
    page = open_page(f"/s/{link.code}", user_agent="Mozilla/5.0 (Linux; Android 12) Chrome/126 Mobile")
    assert "श्रमिक संघ" in page.inner_text("header")
    assert "सुनीता व." in page.inner_text("header")
    page.click("text=सदस्य बनें")
    page.fill("input[name=name]", "अनीता कुमारी")
    page.fill("input[name=phone]", "01234 56789")
    page.click("main form button")
    taps += 1
    page.wait_for_selector("input[name=code]")
    code = re.match(r"\d{6}", _message(settings, "+910123456789"))[0]
    page.fill("input[name=code]", code)
    page.click("main form button")
    taps += 1
    page.wait_for_selector("h1:has-text('स्थान B1 — सही है?')")
    page.click("main form button:has-text('हाँ')")
    taps += 1
    page.click("button:has-text('सदस्य बनाएँ')")
    taps += 1
    page.wait_for_url(re.compile("/me"))
    assert "आप सदस्य हैं" in page.inner_text("main")
    page.route(re.compile("chat.whatsapp.com"), lambda route: route.fulfill(body="WhatsApp"))
    page.click("button:has-text('समूह में जुड़ें')")
    taps += 1
    page.wait_for_url(LINK)
    assert taps == 5  # and one in WhatsApp
    new = members.find_by_phone("+910123456789")
    assert groups.seat_of(new.pk, groups.current_campaign().pk).state == "invited"
    events.deliver()
    assert Conversion.objects.get().member_id == new.pk
    link.refresh_from_db()
    assert link.opens == 1


def test_a_member_shares_in_two_taps(open_page, member):
    account = member_services.open_account(member_id=member.pk)
    page = _signed_in(open_page, account, "/me")
    sent = []
    page.route(re.compile("wa.me"), lambda route: (sent.append(route.request.url), route.fulfill(body="ok")))
    page.click("text=WhatsApp पर भेजें")
    page.wait_for_url(re.compile("wa.me"))
    link = ShareLink.objects.get()
    assert link.shared_at is not None
    assert f"%2Fs%2F{link.code}" in sent[0] or f"/s/{link.code}" in sent[0]


def test_the_card_opens_the_check_page(open_page, member):
    page = _signed_in(open_page, member_services.open_account(member_id=member.pk), "/me/card")
    assert "सुनीता देवी वर्मा" in page.inner_text("main")
    path = card_selectors.card_path(card_selectors.card_of(member.pk))
    checked = open_page(path)
    assert "यह कार्ड असली और मान्य है।" in checked.inner_text("main")
    assert "0" not in checked.inner_text("dd >> nth=0")
    forged = open_page(path[:-8] + ("A" if path[-1] != "A" else "Q") * 8)  # both end in the spare bits of base 32
    assert "असली नहीं" in forged.inner_text("main")


def test_a_wrong_person_ends_the_membership_with_one_button(open_page, member):
    card = member.cards.get()
    page = open_page(cards.welcome_path(card))
    page.click("text=यह मैं नहीं हूँ")
    assert "समाप्त" in page.inner_text("h1")
    member.refresh_from_db()
    assert member.state == "left"


def test_a_coordinator_creates_the_groups_of_a_division(open_page, organisation):
    for _ in range(3):
        make.make_member("B1")
        make.make_member("B2")
    cards.issue_cards(actor=SYSTEM)
    campaign = groups.current_campaign()
    type(campaign).objects.update(capacity=4, target_size=3)
    make.make_headquarters()
    group_services.divide(actor=SYSTEM, campaign_code="connect", territory_code="UP", depth="ac")
    account = Account.objects.get(assignments__territory__code="Z1")
    page = _signed_in(open_page, account, "/console/work")
    assert "2 काम" in page.inner_text("h1")
    page.fill("input[name=join_address] >> nth=0", "hello")
    page.click("text=समूह बन गया >> nth=0")
    assert "निमंत्रण लिंक नहीं है" in page.inner_text("main")
    for number in range(2):
        page.fill("input[name=join_address] >> nth=0", f"https://chat.whatsapp.com/{number:022d}")
        page.click("text=समूह बन गया >> nth=0")
    assert "सब हो गया" in page.inner_text("main")
    assert groups.counts_by_state() == {"open": 2, "dividing": 1}


def test_the_language_of_a_page_is_declared_and_complete(open_page, member):
    page = _signed_in(open_page, member_services.open_account(member_id=member.pk), "/me", language="hi")
    assert page.get_attribute("html", "lang") == "hi"
    page.goto("/me?lang=en")
    assert page.get_attribute("html", "lang") == "en"
    assert "Send on WhatsApp" in page.inner_text("main")
