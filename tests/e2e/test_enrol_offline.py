"""A camp without a network: three people are written down, the browser is closed, the answer of the server is lost;
they arrive once each, and each decides on their own phone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.enrolment.models import Application, Device
from toli.enrolment.services import applications as services
from toli.members.models import Member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PEOPLE = [("Sunita Devi", "0123456781"), ("रवि कुमार", "0123456782"), ("Meena Bai", "01234 56783")]
STATES = "[...document.querySelectorAll('#enrol-list li')].map((row) => row.dataset.state)"
STORED = """() => new Promise((resolve) => { const asked = indexedDB.open('toli-enrol', 1); asked.onsuccess = () => {
  const all = asked.result.transaction('queue').objectStore('queue').getAll();
  all.onsuccess = () => { asked.result.close(); resolve(JSON.stringify(all.result)); }; }; })"""


@pytest.fixture
def coordinator():
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1", "IN/UP/Z1/A1/B2")
    make.make_drive()
    return make.make_coordinator("A1")


def sign_in(page, account):
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    page.goto(f"/a/{token}")
    page.click("main button")


@pytest.fixture
def phone(open_page, coordinator):
    page = open_page("/help", language="en")
    sign_in(page, coordinator)
    page.goto("/console/enrol")
    page.click("#enrol-register-now")
    page.wait_for_selector("#enrol-form:visible")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def write_down(page, name, number, booth="B1"):
    before = page.locator("#enrol-list li").count()
    page.fill("#enrol-name", name)
    page.fill("#enrol-phone", number)
    page.select_option("#enrol-booth", booth)
    page.click("#enrol-form button")
    page.wait_for_function("(n) => document.querySelectorAll('#enrol-list li').length > n", arg=before)


def wait_for(page, state, count):
    page.wait_for_function(f"() => {STATES}.filter((one) => one === '{state}').length === {count}")


def test_three_people_in_airplane_mode_arrive_once_and_decide_themselves(phone, open_page):
    context = phone.context
    context.set_offline(True)
    for name, number in PEOPLE:
        write_down(phone, name, number)
    assert phone.evaluate(STATES) == ["waiting"] * 3
    assert "01234" not in phone.evaluate(STORED)
    phone.close()
    page = context.new_page()
    page.goto("/console/enrol")
    wait_for(page, "waiting", 3)
    assert page.input_value("#enrol-booth") == "B1"

    lost = []

    def lose(route):
        """The server takes them; its answer never reaches the phone."""
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/console/enrol/records", lose, times=1)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/console/enrol/records")):
        context.set_offline(False)  # sent by itself
    assert lost == [200]
    wait_for(page, "waiting", 3)
    page.click("#enrol-send")
    wait_for(page, "known", 3)
    assert Application.objects.count() == 3
    assert "sealed" not in page.evaluate(STORED)
    assert Member.objects.count() == 0

    assert services.send_invitations() == 3
    yes, no, silent = Application.objects.order_by("captured_at")
    theirs = open_page(services.invitation_path(yes), language="en")
    theirs.fill("[name=name]", "Sunita Devi Verma")
    theirs.check("[name=adult]")
    theirs.check("[name=membership]")
    theirs.click("button[value=yes]")
    theirs.wait_for_url("**/me?joined=1")
    member = Member.objects.get()
    assert (member.name, member.source) == ("Sunita Devi Verma", "camp")
    other = open_page(services.invitation_path(no), language="hi")
    other.click("button[value=not-me]")
    other.wait_for_load_state()
    Application.objects.filter(pk=silent.pk).update(expires_at=timezone.now())
    services.expire_applications()
    states = [one.state for one in Application.objects.order_by("captured_at")]
    assert states == ["confirmed", "declined", "expired"]
    page.goto("/console/enrol/outcome")
    assert all(text in page.inner_text("main") for text in ("1 became a member", "1 said: this is not me"))
    assert "0123456" not in page.content()


def test_what_is_refused_stays_on_the_phone_with_a_word(phone):
    Device.objects.update(ended_at=timezone.now())
    write_down(phone, *PEOPLE[0])
    wait_for(phone, "refused", 1)
    assert "This phone was ended" in phone.inner_text("#enrol-list")
    phone.click("#enrol-list button")
    phone.wait_for_function("() => !document.querySelector('#enrol-list li')")


def test_signing_out_wipes_the_phone(phone):
    phone.context.set_offline(True)
    write_down(phone, *PEOPLE[0])
    phone.context.set_offline(False)
    phone.goto("/sign-out")
    phone.click("main button")
    phone.wait_for_url("**/")
    assert phone.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))") == []
    assert phone.evaluate("caches.keys()") == []


def test_on_the_coordinators_own_phone_nobody_becomes_a_member(phone, coordinator):
    write_down(phone, *PEOPLE[0])
    wait_for(phone, "accepted", 1)
    phone.goto(services.invitation_path(Application.objects.get()))
    phone.check("[name=adult]")
    phone.check("[name=membership]")
    phone.click("button[value=yes]")
    assert "your own phone" in phone.inner_text("main")
    assert Member.objects.count() == 0
