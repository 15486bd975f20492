"""The card without a network: kept only where the member asked, on their own phone, until they sign out."""

import pytest

from tests.e2e.keeping import REGISTERED, keep, organisation, phone_of_member
from toli.accounts.models import Session
from toli.members.models import Member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEPT = "caches.keys().then((names) => names.length)"
NAME = "सुनीता देवी वर्मा"


@pytest.fixture
def card_page(open_page):
    """A member's phone, on the page of their card."""
    organisation()
    return phone_of_member(open_page, "/me/card", name=NAME)


def cut_off(page):
    """Nothing of the server can be reached any more, neither by the page nor by its worker."""
    page.context.set_offline(True)


def test_nothing_is_kept_unless_the_member_asks(card_page):
    assert card_page.is_visible("text=इस फ़ोन में रखें")
    assert (card_page.evaluate(KEPT), card_page.evaluate(REGISTERED)) == (0, 0)


def test_a_kept_card_is_shown_without_a_network(card_page):
    keep(card_page)
    cut_off(card_page)
    Member.objects.update(name="Somebody Else")  # what the server would say, could it be reached
    card_page.reload()
    assert NAME in card_page.inner_text(".member-card")
    assert card_page.is_visible(".member-card .qr svg")
    assert card_page.evaluate("getComputedStyle(document.querySelector('.member-card')).borderTopLeftRadius") != "0px"
    assert card_page.is_visible("[data-kept]")


def test_other_pages_are_not_keep(card_page):
    keep(card_page)
    card_page.goto("/me/data")
    names = card_page.evaluate(
        """caches.open("toli-card").then((kept) => kept.keys())
        .then((all) => all.map((one) => new URL(one.url).pathname))"""
    )
    assert {name for name in names if not name.startswith("/static/")} == {"/me/card", "/me/card.png"}


def test_it_can_be_removed(card_page):
    keep(card_page)
    card_page.click("text=इस फ़ोन से हटाएँ")
    card_page.wait_for_selector("[data-not-kept]:visible")
    assert (card_page.evaluate(KEPT), card_page.evaluate(REGISTERED)) == (0, 0)


def test_signing_out_removes_it(card_page):
    keep(card_page)
    card_page.goto("/sign-out")
    card_page.click("main button")
    card_page.wait_for_url("**/")
    assert (card_page.evaluate(KEPT), card_page.evaluate(REGISTERED)) == (0, 0)


def test_a_session_that_ended_elsewhere_removes_it_on_the_next_visit(card_page):
    keep(card_page)
    Session.objects.all().delete()
    card_page.goto("/me/card")
    assert "/sign-in" in card_page.url
    assert (card_page.evaluate(KEPT), card_page.evaluate(REGISTERED)) == (0, 0)


def test_the_picture_goes_to_the_phones_own_menu(card_page):
    card_page.add_init_script(
        """navigator.canShare = () => true;
        navigator.share = async (what) => { window.shared = [what.files[0].name, what.files[0].size]; };"""
    )
    card_page.reload()
    card_page.click("[data-send]")
    name, size = card_page.evaluate(
        """async () => {
          while (!window.shared) await new Promise((wait) => setTimeout(wait, 50));
          return window.shared;
        }"""
    )
    assert name.endswith(".png")
    assert 20_000 < size < 120_000


def test_without_such_a_menu_there_is_no_button(card_page):
    card_page.add_init_script("navigator.canShare = undefined")
    card_page.reload()
    assert not card_page.is_visible("[data-send]")
