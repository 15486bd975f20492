"""A coordinator's day on a phone of 360 x 740, in Hindi: post today's kit and say so, answer somebody, see figures.

Then the same without a network: the page of work opens as it was, what is answered waits, and is told once.
"""

import re
from datetime import timedelta

import pytest

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.analytics import services as counting
from toli.core import clock
from toli.distribution import services as distribution
from toli.distribution.models import Relay
from toli.enrolment.models import Wish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OURS = 6  # taps in our pages: sign in, work, confirm, answer them, accept, area; opening WhatsApp is the seventh
WAITING = "caches.open('toli-work-outbox').then((box) => box.keys()).then((all) => all.length)"


@pytest.fixture
def morning():
    """Two groups to post today's kit in, and a member who wants to come over from the neighbours."""
    make.make_organisation()
    places = make.make_territories("IN/UP/Z1/A1/B1", "IN/UP/Z2/A2/B2")
    make.make_drive()
    account = make.make_coordinator("Z1")
    campaign = make.make_campaign(code="connect")
    for number in (1, 2):
        make.make_group(campaign, "Z1", name=f"रामपुर · {number}", admin=account)
    kit = make.make_kit()
    make.make_headquarters()
    distribution.release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code="connect", territory_code="IN")
    newcomer = make.make_member("B2", name="सुनीता देवी", carded=True)
    Wish.objects.create(
        member=newcomer, kind="transfer", asked_at=clock.now(), territory=places["B1"], left=places["B2"]
    )
    counting.refresh_funnel()
    return account


@pytest.fixture
def phone(open_page, morning):
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=morning.pk, lifetime=timedelta(hours=1))
    page = open_page(f"/a/{token}")
    page.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp"))
    return page


def _fits(page):
    page.wait_for_load_state("load")  # with its style
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _tapper(page):
    counted = []

    def tap(what):
        box = page.locator(what).first
        box.scroll_into_view_if_needed()
        assert box.bounding_box()["height"] >= 44, what
        box.click()
        counted.append(what)

    return tap, counted


def test_the_day_takes_seven_taps_and_goes_on_without_a_network(phone):
    tap, counted = _tapper(phone)
    tap("main button")
    tap("nav a[href='/console/work']")
    assert "2 काम" in phone.inner_text("h1")
    tap("a.btn.wa")
    phone.wait_for_url("https://wa.me/**")
    phone.go_back()
    tap("button:has-text('पोस्ट कर दिया')")
    assert "1 काम" in phone.inner_text("h1")
    assert Relay.objects.filter(state="confirmed").count() == 1
    assert _fits(phone)
    tap("a[href='/console/wishes']:visible")
    tap("button:has-text('मान लें')")
    assert Wish.objects.get().state == "accepted"
    assert _fits(phone)
    tap("nav a[href^='/console/t/']")
    assert phone.inner_text("h1") == "स्थान Z1"
    assert len(counted) == OURS + 1
    phone.evaluate("() => { window.heard = []; speechSynthesis.speak = (speech) => heard.push(speech.text); }")
    phone.click("header [data-listen]")
    assert {"स्थान Z1", "सदस्य"} <= set(phone.evaluate("heard"))  # figures too, not the heading alone

    phone.goto("/console/work")
    phone.click("[data-keep]")
    phone.wait_for_selector("[data-kept]:visible")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.reload()
    phone.context.set_offline(True)
    phone.reload()
    assert "1 काम" in phone.inner_text("h1")  # with nothing but what the phone keeps
    for _press in range(2):
        phone.evaluate("document.querySelector('main form').requestSubmit()")
        phone.wait_for_selector("main section [data-noted]:visible")
    assert not phone.is_visible("button:has-text('पोस्ट कर दिया')")
    assert phone.evaluate(WAITING) == 1
    assert Relay.objects.filter(state="confirmed").count() == 1
    phone.context.set_offline(False)
    phone.wait_for_selector("h2:has-text('सब हो गया')")
    assert phone.evaluate(WAITING) == 0
    assert Relay.objects.filter(state="confirmed").count() == 2
    assert re.search("/console/work$", phone.url)
