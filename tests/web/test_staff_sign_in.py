"""Signing in, confirming and one's own devices, at the pages."""

import pytest

from tests.factories import make_account, make_passkey, make_session
from toli.accounts.models import Passkey, Session
from toli.core.domain.limits import LIMITS
from toli.members.services import open_account

pytestmark = pytest.mark.django_db
EVIL = ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\nevil"]
WRONG = {"step": "password", "login": "nobody", "password": "x", "code": "000000"}


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("page", ["/sign-in/staff", "/sign-in/confirm"])
def test_the_forms_remember_no_address_of_elsewhere(world, browser, page, evil):
    text = browser(make_account(), proved=False).get(page, {"next": evil}).content.decode()
    assert "evil" not in text.partition("<main")[2].partition("</main>")[0]


def test_wrong_and_unknown_look_the_same(world, browser):
    known = make_account()
    answers = [browser().post("/sign-in/staff", {**WRONG, "login": login}) for login in ("nobody", known.login)]
    shown = [answer.content.decode().partition('role="alert"')[2].partition("</p>")[0] for answer in answers]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert shown[0] == shown[1] != ""


def test_too_many_tries_are_told_when_to_come_back(world, browser):
    client = browser()
    for _ in range(LIMITS["staff.login"].times):
        client.post("/sign-in/staff", WRONG)
    answer = client.post("/sign-in/staff", WRONG)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_without_a_proof_no_factor_is_offered_or_taken(world, browser):
    account = make_account()
    make_passkey(account)
    client = browser(account, proved=False)
    assert 'value="password"' not in client.get("/console/security").content.decode()
    answer = client.post("/console/security", {"act": "password", "password": "four sparrows on a wire"})
    assert answer.headers["Location"].startswith("/sign-in/confirm")
    assert client.post("/console/security/passkey").json() == {"confirm": "/sign-in/confirm?next=/console/security"}
    account.refresh_from_db()
    assert not account.has_usable_password()


def test_ids_stand_in_addresses_as_numbers_without_commas(world, browser):
    account = make_account()
    Passkey.objects.filter(pk=make_passkey(account).pk).update(id=1234567)
    Session.objects.filter(pk=make_session(account).pk).update(id=7654321)
    text = browser(account).get("/console/security").content.decode()
    assert 'action="/console/security/passkeys/1234567"' in text
    assert 'action="/console/security/sessions/7654321"' in text


def test_a_member_ends_another_device_and_stays_on_this_one(world, sunita):
    account = open_account(member_id=world.member.pk)
    other = make_session(account, device="Firefox · Linux")
    assert "Firefox · Linux" in sunita.get("/me/devices").content.decode()
    sunita.post(f"/me/devices/{other.pk}")
    assert not Session.objects.filter(pk=other.pk).exists()
    assert sunita.get("/me").status_code == 200


def test_signing_out_elsewhere_leaves_this_device(world, sunita):
    make_session(open_account(member_id=world.member.pk))
    sunita.post("/me/devices")
    assert Session.objects.filter(account__isnull=False).count() == 1
    assert sunita.get("/me").status_code == 200
