"""A day at the desk in a real browser: a member is found and opened, their number seen for a reason, a list asked for,
approved by another person, fetched and over; the officer reads all of it. In Hindi on a phone, in English at a desk."""

import os
import re
from datetime import timedelta

import pytest

from tests import factories as make
from tests.e2e.rules import broken_rules
from tests.e2e.test_sign_in import go, link  # noqa: F401 a phone with a passkey built in
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Session
from toli.audit import services as audit
from toli.audit.models import AuditEntry
from toli.cards.services import issue_cards
from toli.core import clock
from toli.members import services as members
from toli.members.models import Export, Reveal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = ("सुनीता देवी वर्मा", "Mohammad Imran Khan", "Lakshmi Venkateswaran Subramanian", "अनीता कुमारी")
WORDS = {
    "hi": {
        "confirm": "पासकी से पक्का करें",
        "approve": "स्वीकृत करें",
        "fetch": "फ़ाइल लें",
        "over": "समय पूरा",
        "nowhere": "यह लिंक अब काम का नहीं",
        "saw": "Head Quarters ने सदस्य {} का पूरा नंबर देखा।",
        "took": "Head Quarters ने सदस्यों की सूची डाउनलोड की",
    },
    "en": {
        "confirm": "Confirm with a passkey",
        "approve": "Approve",
        "fetch": "Fetch the file",
        "over": "over",
        "nowhere": "This link leads nowhere",
        "saw": "Head Quarters saw the full number of member {}.",
        "took": "Head Quarters downloaded a list of members",
    },
}


@pytest.fixture
def people(site, settings):
    """Four members of one booth; two people who may see them and take lists of at most two alone."""
    settings.TOLI_EXPORT_ALONE_ROWS = 2
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1")
    make.make_drive()
    found = [make.make_member("B1", name=name, phone=f"+9101234567{number}0") for number, name in enumerate(NAMES)]
    issue_cards(actor=SYSTEM)
    return {"asker": make.make_headquarters("UP"), "other": make.make_headquarters("Z1"), "member": found[0]}


@pytest.mark.parametrize(("language", "size"), [("hi", (360, 740)), ("en", (1280, 800))], ids=["hi-360", "en-1280"])
def test_a_day_at_the_desk(go, people, language, size):  # noqa: F811
    words = WORDS[language]
    asker, other = (enter(go, people[name], language, size) for name in ("asker", "other"))
    find_and_open(asker, people["member"])
    see_the_number(asker, people["member"], words)
    ask_for_a_list(asker)
    approve(other, words)
    members.make_export(export_id=Export.objects.get().pk)  # what the worker does
    address = download(asker, words)
    Export.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    asker.goto(address)
    assert words["nowhere"] in asker.inner_text("h1")
    look(asker, "link-over")
    asker.goto("/console/exports")
    assert words["over"] in asker.inner_text(".chip")
    read_the_trail(other, people["member"], words)


def enter(go, account, language, size):  # noqa: F811
    """Signed in by a link, with a passkey of one's own; nothing confirmed just now."""
    page = go(link(account), language=language, width=size[0], height=size[1])
    page.click("main button")
    page.wait_for_url(re.compile("/console"))
    page.goto("/console/security")
    page.fill("#passkey-name", "Redmi 9A")
    page.click("[data-passkey] button")
    page.wait_for_selector("text=Redmi 9A")
    Session.objects.filter(account=account).update(proved_at=None)
    return page


def find_and_open(page, member) -> None:
    page.goto("/console/t/Z1/members")
    look(page, "members")
    page.fill("#number", "01234 56700")
    page.click("main form button")
    page.wait_for_load_state()
    assert NAMES[0] in page.inner_text("main")
    assert NAMES[1] not in page.inner_text("main")
    look(page, "found")
    page.click(f"text={NAMES[0]}")
    page.wait_for_url(re.compile(f"/console/members/{member.pk}$"))
    assert "56700" not in page.content()
    look(page, "member")


def see_the_number(page, member, words) -> None:
    """Only after proving who sits there, and with a reason that the member reads."""
    page.click(f"a[href='/console/members/{member.pk}/reveal']")
    page.wait_for_url(re.compile("/sign-in/confirm"))
    page.click(f"text={words['confirm']}")
    page.wait_for_url(re.compile(r"^[^?]*/reveal$"))
    look(page, "reveal")
    page.select_option("select[name=reason]", "call_back")
    page.fill("input[name=note]", "wants to be called on Monday")
    page.click("main form button")
    page.wait_for_selector(".told")
    assert page.inner_text(".told") == "+910123456700"
    look(page, "told")
    page.goto(f"/console/members/{member.pk}")
    assert "wants to be called on Monday" in page.inner_text("main")
    assert Reveal.objects.filter(member=member).count() == 1


def ask_for_a_list(page) -> None:
    page.goto("/console/t/B1/export")
    look(page, "list-ask")
    page.check("input[value=name]")
    page.check("input[value=masked_phone]")
    page.fill("input[name=purpose]", "the meeting of 4 December")
    page.click("main form button")
    page.wait_for_url(re.compile("/console/exports$"))
    assert page.locator("form[action$='/link']").count() == 0
    look(page, "lists")


def approve(page, words) -> None:
    page.goto("/console/exports/waiting")
    page.click(f"text={words['confirm']}")
    page.wait_for_url(re.compile(r"^[^?]*/waiting$"))
    assert "the meeting of 4 December" in page.inner_text("main")
    look(page, "lists-waiting")
    page.click(f"button:has-text('{words['approve']}')")
    page.wait_for_load_state()
    assert "the meeting of 4 December" not in page.inner_text("main")


def download(page, words) -> str:
    page.goto("/console/exports")
    page.click(f"button:has-text('{words['fetch']}')")
    page.wait_for_url(re.compile("/x/"))
    look(page, "list-link")
    with page.expect_download() as caught:
        page.click("main form button")
    text = caught.value.path().read_text(encoding="utf-8")
    assert all(name in text for name in NAMES)
    assert "the meeting of 4 December" in text
    assert "56700" not in text
    return page.url


def read_the_trail(page, member, words) -> None:
    audit.seal()
    page.goto("/console/audit")
    shown = page.inner_text("main")
    assert words["saw"].format(member.pk) in shown
    assert words["took"] in shown
    assert NAMES[0] not in shown
    look(page, "trail")
    page.goto("/console/audit?group=lists&place=Z1&since=2026-01-01")
    look(page, "trail-narrowed")
    page.goto("/console/audit?group=cards&who=nobody")
    look(page, "trail-empty")
    seen = AuditEntry.objects.get(action="members.reveal")
    page.goto(f"/console/audit/{seen.pk}")
    assert str(seen.position) in page.inner_text("main section:nth-of-type(2)")
    look(page, "trail-entry")


def look(page, name) -> None:
    """Nothing sticks out to the side, nothing is barred to a screen reader, nobody else is asked for anything."""
    if folder := os.environ.get("TOLI_TEST_SHOTS"):
        language, width = page.get_attribute("html", "lang"), page.viewport_size["width"]
        page.screenshot(path=f"{folder}/{name}-{width}-{language}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
    assert page.elsewhere == []
    found = broken_rules(page)
    assert [(name, problem["id"], problem["nodes"][0]["html"]) for problem in found] == []
