"""Today without a network: kept only where the member asked; what they share meanwhile is counted once afterwards."""

import json

import pytest

from tests import factories as make
from tests import pictures
from tests.e2e.keeping import REGISTERED, keep, organisation, phone_of_member
from toli.sharing.models import ShareLink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WAITING = "caches.open('toli-outbox').then((box) => box.keys()).then((all) => all.length)"
OPENED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


@pytest.fixture
def today(open_page):
    """A member's phone, on the page of today."""
    organisation()
    make.make_picture(make.make_kit(), pictures.picture(size=(1200, 630)), width=1200, height=630)
    return phone_of_member(open_page, "/me")


def test_sharing_takes_one_tap_here_and_one_in_the_other_app(today):
    assert today.evaluate(REGISTERED) == 0  # nothing is kept, and nothing asked, before the member wants it
    today.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp: whom to?"))
    today.click(".btn.wa")
    today.wait_for_url("https://wa.me/**")
    link = ShareLink.objects.get()
    assert link.shared_at is not None
    assert link.code in today.url


def _opened_in(page):
    """How long it takes to open the page again; a machine that is busy at this moment shows it at another."""
    page.reload()
    return page.evaluate(OPENED)


def test_what_is_shared_without_a_network_is_counted_once_afterwards(today):
    keep(today).reload()  # from now on the worker answers
    today.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp: whom to?"))
    today.context.set_offline(True)
    assert any(_opened_in(today) < 1000 for _try in range(8))  # milliseconds, with nothing but what the phone keeps
    assert today.is_visible(".btn.wa")
    assert today.evaluate("document.querySelector('article img').naturalWidth") == 480  # the member's poster, kept too
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


MENU = """window.presses = 0;
  navigator.canShare = () => true;
  navigator.share = async (what) => {
    if (!window.presses++) throw new DOMException("too late", "NotAllowedError"); // as after a slow network
    window.handed = [what.text, what.files[0].name, what.files[0].type, what.files[0].size];
  };"""


def test_a_poster_goes_to_the_phones_own_menu_in_two_presses_even_on_a_slow_network(today):
    today.add_init_script(MENU)
    today.reload()
    button = today.locator("form[action$='/other'] button")
    button.click()
    today.wait_for_selector("[data-said=ready]:visible")
    button.click()
    today.wait_for_function("() => window.handed")
    text, name, kind, size = today.evaluate("window.handed")
    link = ShareLink.objects.exclude(shared_at=None).get()
    assert (link.channel, kind) == ("other", "image/jpeg")
    assert text.endswith(f"/s/{link.code}")
    assert name.endswith(".jpg")
    assert 5_000 < size <= 100_000


def test_without_such_a_menu_the_poster_is_saved_and_the_words_copied(today):
    today.add_init_script("navigator.canShare = undefined")
    today.reload()
    today.click("form[action$='/instagram'] button")
    today.wait_for_url("**/me/poster/*?for=instagram")
    code = ShareLink.objects.get(channel="instagram").code
    assert today.input_value("#caption").endswith(f"/s/{code}")
    with today.expect_download() as saved:
        today.click("a[download]")
    assert saved.value.suggested_filename.endswith(".jpg")
