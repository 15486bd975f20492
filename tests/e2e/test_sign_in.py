"""Signing in in a real browser, in Hindi: a passkey on a virtual device, a code on a phone, ending a session."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from tests import factories as make
from tests.e2e.rules import broken_rules
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Passkey, Session
from toli.core import clock
from toli.members.services import open_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(site):
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1")
    make.make_drive()
    return make.make_coordinator("Z1")


@pytest.fixture
def go(open_page):
    """``go("/path")``: a new phone with a virtual authenticator built in."""

    def open_(path, **options):
        page = open_page(path, **options)
        tools = page.context.new_cdp_session(page)
        tools.send("WebAuthn.enable")
        found = tools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        page.authenticator = (tools, found["authenticatorId"])
        return page

    return open_


def link(account) -> str:
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    return f"/a/{token}"


def last_code(settings) -> str:
    """The six digits of the last message that left."""
    lines = [json.loads(line) for path in settings.OUTBOX_DIR.glob("*.jsonl") for line in path.open()]
    return re.match(r"\d{6}", lines[-1]["text"])[0]


def with_passkey(go, account):
    page = go(link(account))
    page.click("main button")
    page.wait_for_url(re.compile("/console/security$"))
    page.fill("#passkey-name", "मेरा फ़ोन")
    page.click("text=इस फ़ोन या कंप्यूटर पर पासकी जोड़ें")
    page.wait_for_selector("text=मेरा फ़ोन")
    return page


def signed_out(page):
    page.goto("/sign-out")
    page.click("main button")


def test_a_passkey_is_added_signs_in_and_confirms(go, people):
    page = with_passkey(go, people)
    assert Passkey.objects.get().name == "मेरा फ़ोन"
    assert "केवल लिंक से" not in page.inner_text("body")

    signed_out(page)
    page.goto("/console/work")
    assert "कार्यकर्ताओं का प्रवेश" in page.inner_text("h1")
    page.click("text=पासकी से प्रवेश करें")
    page.wait_for_url(re.compile(r"^[^?]*/console/work$"))
    assert Session.objects.get(account=people).method == "passkey"

    Session.objects.update(proved_at=None)  # ten minutes pass
    page.goto("/console/security")
    page.click("text=बदलने के लिए पहले पक्का करें")
    page.click("text=पासकी से पक्का करें")
    page.wait_for_url(re.compile(r"^[^?]*/console/security$"))
    assert "इस फ़ोन या कंप्यूटर पर पासकी जोड़ें" in page.inner_text("main")
    assert page.elsewhere == []


def test_another_device_is_refused_with_a_word(go, people):
    with_passkey(go, people)
    stranger = go("/sign-in/staff")
    stranger.click("text=पासकी से प्रवेश करें")
    stranger.wait_for_selector("[data-passkey-failed]:visible")
    assert "पासकी नहीं चली" in stranger.inner_text("main")


def test_a_device_that_does_not_check_its_owner_makes_no_passkey(go, people):
    page = go(link(people))
    page.click("main button")
    page.wait_for_url(re.compile("/console/security$"))
    tools, device = page.authenticator
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.click("text=इस फ़ोन या कंप्यूटर पर पासकी जोड़ें")
    page.wait_for_selector("[data-passkey-failed]:visible")
    assert not Passkey.objects.exists()


def test_a_session_that_is_ended_is_signed_out_with_its_next_page(go, people):
    here, there = with_passkey(go, people), go(link(people))
    there.click("main button")
    there.wait_for_url(re.compile("/console"))
    here.goto("/console/security")
    here.click("section:has-text('कहाँ-कहाँ') button:has-text('बाहर निकलें') >> nth=0")
    here.wait_for_load_state()
    there.goto("/console/security")
    assert "/sign-in/staff" in there.url


def test_password_app_and_recovery_codes(go, people):
    page = go(link(people))
    page.click("main button")
    page.goto("/console/security")
    page.fill("input[name=password]", "चार गौरैया तार पर बैठी")
    page.click("text=पासवर्ड रखें")
    page.wait_for_url(re.compile("/console/security/app$"))
    app = pyotp.TOTP(page.input_value("#app-key").replace(" ", ""))
    page.fill("input[name=code]", app.now())
    page.click("main form button")
    page.wait_for_url(re.compile(r"^[^?]*/console/security$"))
    page.click("text=नए कोड बनाएँ")
    codes = page.inner_text(".codes").split()
    assert len(codes) == 10

    signed_out(page)
    page.goto("/sign-in/staff")
    page.fill("input[name=login]", people.login)
    page.fill("input[name=password]", "चार गौरैया तार पर बैठी")
    page.fill("input[name=code]", codes[0].lower())
    page.click("form:has(input[name=login]) button")
    page.wait_for_url(re.compile("/console/"))
    assert Session.objects.get(account=people).method == "recovery"


def test_a_member_signs_in_with_a_code_and_ends_another_device(go, people, settings):
    member = make.make_member("B1", name="सुनीता देवी", phone="+910123456789")
    for _phone in range(2):
        page = go("/sign-in")
        page.fill("input[name=phone]", "01234 56789")
        page.click("main button")
        assert page.get_attribute("input[name=code]", "autocomplete") == "one-time-code"
        page.fill("input[name=code]", last_code(settings))
        page.click("main button")
        page.wait_for_url(re.compile("/me$"))
        assert member.name in page.inner_text("header")
    Session.objects.update(proved_at=None)  # ten minutes pass
    page.goto("/me/data")
    page.click("a[href='/me/data/copy']")
    page.click("text=मुझे कोड भेजें")
    assert page.get_attribute("input[name=code]", "autocomplete") == "one-time-code"
    page.fill("input[name=code]", last_code(settings))
    page.click("main form:has(input[name=code]) button")
    page.wait_for_url(re.compile("/me/data/copy$"))
    with page.expect_download() as download:
        page.click("text=फ़ाइल लें")
    assert "सुनीता देवी" in Path(download.value.path()).read_text()
    page.goto("/me/data")
    page.click("text=मेरे फ़ोन और कंप्यूटर देखें")
    page.click("text=बाकी सब जगह से बाहर निकलें")
    page.wait_for_load_state()
    assert Session.objects.filter(account__isnull=False).count() == 1


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize("size", [(320, 640), (360, 740), (1280, 800)], ids=str)
def test_the_pages_of_signing_in_can_be_used_by_everybody(go, people, language, size):
    page = go("/sign-in/staff", language=language, width=size[0], height=size[1])
    _look(page, "staff")
    page.goto(link(people) + f"?lang={language}")
    page.click("main button")
    page.wait_for_url(re.compile("/console"))
    _look(page, "banner")
    for path in ("/console/security", "/console/security/app", "/sign-in/confirm"):
        page.goto(path)
        _look(page, path.rpartition("/")[2])
    page.goto("/console/security")
    page.fill("#passkey-name", "Redmi 9A")
    page.click("[data-passkey] button")
    page.wait_for_selector("text=Redmi 9A")
    _look(page, "with-key")
    page.click("button:has-text('नए कोड'), button:has-text('Make new codes')")
    _look(page, "codes")
    Session.objects.update(proved_at=None)
    page.goto("/sign-in/confirm")
    _look(page, "confirm-key")


@pytest.mark.parametrize(("language", "width"), [("hi", 320), ("hi", 360), ("en", 1280)])
def test_the_pages_on_which_members_confirm_can_be_used_by_everybody(go, people, language, width):
    member = make.make_member("B1", name="सुनीता देवी", phone="+910123456789")
    account = open_account(member_id=member.pk)
    make.make_session(account, device="Samsung Internet · Android")
    page = go(link(account), language=language, width=width, height=740)
    _look(page, "link")
    page.click("main button")
    page.wait_for_url(re.compile("/me$"))
    page.goto("/me/devices")
    _look(page, "devices")
    page.goto("/me/data/copy")
    _look(page, "me-confirm")
    page.click("main form button")
    page.wait_for_selector("input[name=code]")
    page.fill("input[name=code]", "1")
    page.click("main form:has(input[name=code]) button")
    page.wait_for_selector("[role=alert]")
    _look(page, "me-confirm-wrong")
    Session.objects.update(proved_at=clock.now())
    page.goto("/me/data/copy")
    _look(page, "copy-ready")


@pytest.mark.parametrize(("language", "width"), [("hi", 320), ("hi", 360), ("en", 1280)])
def test_who_had_everything_taken_away_reads_of_it(go, people, language, width):
    make.make_passkey(people)
    accounts.reset_factors(actor=SYSTEM, account_id=people.pk)
    page = go(link(people), language=language, width=width, height=740)
    page.click("main button")
    page.wait_for_url(re.compile("/console/security$"))
    _look(page, "reset")
    page.goto("/console/work")
    _look(page, "reset-work")


def _look(page, name) -> None:
    """Nothing sticks out to the side, nothing is barred to a screen reader."""
    if folder := os.environ.get("TOLI_TEST_SHOTS"):
        language, width = page.get_attribute("html", "lang"), page.viewport_size["width"]
        page.screenshot(path=f"{folder}/{name}-{width}-{language}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    found = broken_rules(page)
    assert [(problem["id"], problem["nodes"][0]["html"]) for problem in found] == []
