"""What the tests of kept pages share: a member's phone, and how to ask for a page to be kept."""

from datetime import timedelta

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.cards import services as cards
from toli.members.services import open_account

REGISTERED = "navigator.serviceWorker.getRegistrations().then((found) => found.length)"


def organisation():
    """An organisation with one booth and a drive."""
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1")
    make.make_drive()


def phone_of_member(open_page, page, **fields):
    """A member who holds a card, signed in on a new phone, on this page."""
    member = make.make_member("B1", **fields)
    cards.issue_cards(actor=SYSTEM)
    account = open_account(member_id=member.pk)
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    phone = open_page(f"/a/{token}")
    phone.click("main button")
    phone.goto(page)
    return phone


def keep(phone):
    """The member presses the button, and the page's worker is ready."""
    phone.click("[data-keep]")
    phone.wait_for_selector("[data-kept]:visible")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return phone
