"""Today without a network: kept only where the member asked; what they share meanwhile is counted once afterwards."""

import json
from datetime import timedelta

import pytest

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.cards import services as cards
from toli.members.services import open_account
from toli.sharing.models import ShareLink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REGISTERED = "navigator.serviceWorker.getRegistrations().then((found) => found.length)"
WAITING = "caches.open('toli-outbox').then((box) => box.keys()).then((all) => all.length)"
OPENED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


@pytest.fixture
def today(open_page):
    """A member's phone, on the page of today."""
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1")
    make.make_drive()
    make.make_kit()
    member = make.make_member("B1")
    cards.issue_cards(actor=SYSTEM)
    account = open_account(member_id=member.pk)
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    page = open_page(f"/a/{token}")
    page.click("main button")
    page.goto("/me")
    return page


def _keep(page):
    page.click("[data-keep]")
    page.wait_for_selector("[data-kept]:visible")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()  # from now on the worker answers


def test_sharing_takes_one_tap_here_and_one_in_the_other_app(today):
    assert today.evaluate(REGISTERED) == 0  # nothing is kept, and nothing asked, before the member wants it
    today.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp: whom to?"))
    today.click(".btn.wa")
    today.wait_for_url("https://wa.me/**")
    link = ShareLink.objects.get()
    assert link.shared_at is not None
    assert link.code in today.url


def test_what_is_shared_without_a_network_is_counted_once_afterwards(today):
    _keep(today)
    today.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp: whom to?"))
    today.context.set_offline(True)
    today.reload()
    assert today.evaluate(OPENED) < 1000  # milliseconds, with nothing but what the phone keeps
    assert today.is_visible(".btn.wa")
    for _press in range(2):
        today.evaluate("document.querySelector('.btn.wa').form.requestSubmit()")
        today.wait_for_url("https://wa.me/**")  # the app opens all the same
        today.goto("/me")
    assert today.evaluate(WAITING) == 1
    assert not ShareLink.objects.exclude(shared_at=None).exists()
    today.context.set_offline(False)
    today.goto("/me")
    today.wait_for_function(f"() => {WAITING}.then((waiting) => waiting === 0)")
    today.goto("/me")
    links = list(ShareLink.objects.exclude(shared_at=None))
    assert [link.channel for link in links] == ["whatsapp"]


def test_it_can_be_installed(today):
    devtools = today.context.new_cdp_session(today)
    found = devtools.send("Page.getAppManifest")
    assert found["errors"] == []
    told = json.loads(found["data"])
    assert {told["id"], told["start_url"], told["display"]} == {"/", "/me", "standalone"}
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    for address in [icon["src"] for icon in told["icons"]] + [one["url"] for one in told["shortcuts"][:1]]:
        assert today.request.get(address).ok
    faults = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [fault["errorId"] for fault in faults if fault["errorId"] != "in-incognito"] == []


def test_what_other_apps_share_into_toli_lands_where_it_belongs(today):
    invite = "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"
    assert today.goto(f"/received?text=Join:+{invite}").url.endswith("/me")
    own = today.url.removesuffix("/me") + "/verify"
    assert today.goto(f"/received?text=see+{own}").url.endswith("/verify")
    assert today.goto("/received?text=https://evil.example/verify").url.endswith("/me")
