"""Sessions at the pages: fixation, signing out, ending."""

from datetime import timedelta

import pytest

from tests.factories import make_account
from toli.accounts import services
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Session
from toli.audit.models import AuditEntry

pytestmark = pytest.mark.django_db


def enter(client, account):
    token = services.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    return client.post(f"/a/{token}")


def key_of(client) -> str:
    return client.cookies["toli"].value


def test_a_key_that_somebody_knew_before_does_not_sign_in_after(world, browser):
    client = browser()
    client.get("/sign-in?next=/me/data")  # gives a visitor's session
    known = key_of(client)
    enter(client, make_account())
    assert key_of(client) != known
    attacker = browser()
    attacker.cookies["toli"] = known
    assert attacker.get("/console/").headers["Location"].startswith("/sign-in")


def test_a_key_that_a_stranger_made_up_is_not_taken_over(world, browser):
    client = browser()
    client.cookies["toli"] = "a" * 32
    enter(client, make_account())
    assert key_of(client) != "a" * 32


def test_signing_in_again_leaves_no_older_session_behind(world, browser):
    client, account = browser(), make_account()
    enter(client, account)
    first = key_of(client)
    enter(client, account)
    assert key_of(client) != first
    assert Session.objects.filter(account=account).count() == 1


def test_how_and_on_what_somebody_signed_in_can_be_read(world, browser):
    account = make_account()
    enter(browser(), account)
    found = Session.objects.get(account=account)
    assert (found.method, found.device, found.network) == ("link", "Chrome · Android", "127.0.0.1")
    entry = AuditEntry.objects.get(action="accounts.sign_in")
    assert (entry.actor_id, entry.details) == (account.pk, {"method": "link"})


def test_staff_cookies_end_with_the_day_and_members_stay(world, browser):
    staff, member = browser(), browser()
    enter(staff, make_account())
    enter(member, make_account(kind="member"))
    assert int(staff.cookies["toli"]["max-age"]) == 12 * 3600
    assert int(member.cookies["toli"]["max-age"]) == 180 * 24 * 3600
    assert all(client.cookies["toli"]["httponly"] for client in (staff, member))


def test_a_revoked_session_is_signed_out_with_its_next_request(world, coordinator):
    assert coordinator.get("/console/work").status_code == 200
    services.revoke_sessions(actor=SYSTEM, account_id=Session.objects.get().account_id)
    assert coordinator.get("/console/work").headers["Location"].startswith("/sign-in")


def test_a_closed_account_is_signed_out_with_its_next_request(world, coordinator):
    services.set_active(actor=SYSTEM, account_id=Session.objects.get().account_id, active=False)
    assert coordinator.get("/console/work").headers["Location"].startswith("/sign-in")


def test_signing_out_ends_the_session_itself(world, coordinator, browser):
    thief = browser()
    thief.cookies["toli"] = key_of(coordinator)
    coordinator.post("/sign-out")
    assert thief.get("/console/work").headers["Location"].startswith("/sign-in")
