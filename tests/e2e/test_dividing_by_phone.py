"""A coordinator divides a full group on a phone, in Hindi: from the work queue to the new group and the members' cards.

The taps that are ours are counted; docs and design say six. What happens inside WhatsApp is not ours.
"""

import re
from datetime import timedelta

import pytest

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.chatgroups import selectors as groups
from toli.chatgroups.models import Migration
from toli.chatgroups.tasks import move_members
from toli.members.services import open_account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINK = "https://chat.whatsapp.com/NeWgRoUp0123456789aBcD"
OURS = 6


@pytest.fixture
def full():
    """One group of 11 people for two constituencies of Z1, in which groups are planned for ten."""
    make.make_organisation()
    places = make.make_territories("IN/UP/Z1/A1", "IN/UP/Z1/A2")
    make.make_drive()
    account = make.make_coordinator("Z1")
    campaign = make.make_campaign(code="connect", capacity=12, target_size=10, minimum_size=2)
    group = make.make_group(campaign, "Z1", name="जुड़ाव 2029 · अवध · 1", admin=account)
    group.serves.update(territory=places["A1"])
    group.serves.create(territory=places["A2"])
    people = [make.make_member(f"A{1 + (number > 6)}", carded=True) for number in range(11)]
    for person in people:
        make.make_seat(person, group, "joined")
    return account, campaign, group, people


def _signed_in(open_page, account, path):
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    page = open_page(f"/a/{token}")
    page.click("main button")
    page.goto(path)
    return page


def test_a_coordinator_divides_a_group_in_six_taps_and_members_are_told(open_page, full):
    account, campaign, group, people = full
    page = _signed_in(open_page, account, "/console/work")
    taps = 0

    def tap(what: str) -> None:
        nonlocal taps
        page.click(what)
        taps += 1

    def fits() -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    assert "11 / 12" in page.inner_text("main") and fits()
    tap("main a:has-text('बाँटें')")
    page.wait_for_url(re.compile("/divide"))
    assert "Imran Khan" in page.inner_text("main") and fits()
    tap("main form[method=post] button:has-text('बाँटें')")
    page.wait_for_url(re.compile("/console/work"))
    assert Migration.objects.get().state == "running" and fits()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tap("text=नाम कॉपी करें")
    name = page.evaluate("navigator.clipboard.readText()")
    assert name == campaign.groups.get(state="asked").name
    page.fill("input[name=join_address]", LINK)  # in WhatsApp the group was created with this name
    tap("text=समूह बन गया")
    page.wait_for_selector("h2:has-text('सब हो गया')")
    move_members()
    page.goto("/console/work")
    assert "/j/" in page.input_value("textarea.copy") and fits()
    page.route(re.compile("wa.me"), lambda route: route.fulfill(body="WhatsApp"))
    tap("main a.wa")
    page.wait_for_url(re.compile("wa.me"))
    page.goto("/console/work")
    tap("text=पोस्ट कर दिया")
    page.wait_for_url(re.compile("/console/work"))
    assert taps == OURS
    assert campaign.groups.filter(state="open").count() == 2
    moved = next(person for person in people if groups.seat_of(person.pk, campaign.pk).group_id != group.pk)
    new = groups.seat_of(moved.pk, campaign.pk).group
    member = _signed_in(open_page, open_account(member_id=moved.pk), "/me")
    assert "आपका नया समूह" in member.inner_text("main") and new.name in member.inner_text("main")
    member.route(re.compile("chat.whatsapp.com"), lambda route: route.fulfill(body="WhatsApp"))
    member.click("text=नए समूह में जुड़ें")
    member.wait_for_url(re.compile("chat.whatsapp.com"))
    assert groups.seat_of(moved.pk, campaign.pk).state == "invited"
