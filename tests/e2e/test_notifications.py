"""Notifications on a phone: asked about after the first share, shown by the worker, and no is remembered."""

import json
from datetime import timedelta

import pytest

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.emulators.push_service import PushService
from toli.members.models import Member
from toli.members.services import open_account
from toli.messaging.models import PushDevice
from toli.messaging.services import devices, senders

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REGISTER = """async () => {
  const path = trustedTypes.createPolicy("test", { createScriptURL: (one) => one }).createScriptURL("/push-worker.js");
  const found = await navigator.serviceWorker.register(path, { scope: "/me/notifications" });
  while (!found.active || found.active.state !== "activated") await new Promise((go) => setTimeout(go, 20));
}"""
SHOWN = """async () => {
  const found = await navigator.serviceWorker.getRegistration("/me/notifications");
  for (let turn = 0; turn < 1500; turn++) {
    const shown = await found.getNotifications();
    if (shown.length) return shown.map((one) => [one.title, one.body, one.data, one.tag]);
    await new Promise((go) => setTimeout(go, 20));
  }
}"""


@pytest.fixture
def today(open_page):
    """A member's phone, on the page of today, where notifications are allowed."""
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1")
    make.make_drive()
    make.make_kit()
    settings = {"title": "Toli", "contact": "mailto:a@b.example"}
    senders.create_sender(actor=SYSTEM, code="push", name="Push", provider="web_push", settings=settings)
    account = open_account(member_id=make.make_member("B1").pk)
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    page = open_page(f"/a/{token}", language="en", permissions=["notifications"])
    page.click("main button")
    page.goto("/me")
    return page


def test_a_member_is_asked_after_sharing_and_not_again_after_not_now(today):
    assert today.locator("[data-push]").count() == 0
    today.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp: whom to?"))
    today.click(".btn.wa")
    today.wait_for_url("https://wa.me/**")
    today.goto("/me")
    today.get_by_role("button", name="Not now").click()
    today.wait_for_url("**/me")
    assert today.locator("[data-push]").count() == 0


def _number_of(page, registrations):
    """What the browser calls the worker's registration, as soon as it tells."""
    for _turn in range(600):
        for one in registrations:
            if one["scopeURL"].endswith("/me/notifications"):
                return one["registrationId"]
        page.wait_for_timeout(50)
    pytest.fail("the browser tells of no registration")


def test_the_worker_shows_what_it_is_told(today):
    today.evaluate(REGISTER)
    devtools = today.context.new_cdp_session(today)
    registrations = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda news: registrations.extend(news["registrations"]))
    devtools.send("ServiceWorker.enable")
    number = _number_of(today, registrations)
    told = '{"title": "Toli", "body": "\\u0906\\u091c", "path": "/me", "tag": "t1"}'
    site = today.url.removesuffix("/me")
    devtools.send("ServiceWorker.deliverPushMessage", {"origin": site, "registrationId": number, "data": told})
    assert today.evaluate(SHOWN) == [["Toli", "आज", "/me", "t1"]]


# What a browser hands over, in place of a push service on the internet. The earlier one is bound to another key.
RENEWABLE = """(() => {
  const made = %s;
  window.left = 0;
  const earlier = {options: {applicationServerKey: new Uint8Array(65).buffer}, unsubscribe: async () => { left += 1; }};
  PushManager.prototype.getSubscription = async () => earlier;
  PushManager.prototype.subscribe = async () => made;
})()"""


def test_a_browser_that_is_bound_to_an_earlier_key_is_renewed_with_the_next_visit_without_a_question(today):
    today.evaluate(REGISTER)
    member = Member.objects.get()
    service = PushService()
    first = service.subscribe("https://push.services.mozilla.com", devices.public_key())
    devices.allow_notifications(actor=SYSTEM, member_id=member.pk, subscription=first, name="Chrome", language="en")
    today.goto("/me")
    assert today.locator("[data-push]").count() == 0
    senders.rotate_key(actor=SYSTEM, code="push")
    second = service.subscribe("https://push.services.mozilla.com", devices.public_key())
    today.add_init_script(RENEWABLE % json.dumps(second))
    with today.expect_response("**/me/notifications") as answer:
        today.goto("/me")
    assert answer.value.status == 204
    assert today.evaluate("left") == 1
    assert not today.locator("[data-push]").is_visible()
    assert PushDevice.objects.count() == 2  # the one before is forgotten when its service says that nobody is there
