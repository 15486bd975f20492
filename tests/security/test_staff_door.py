"""The page where staff sign in tells a stranger nothing: not who has an account, not what of it was right."""

import re

import pyotp
import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.accounts.authenticator import Authenticator
from tests.factories import make_account, make_passkey
from toli.accounts.models import Account, Passkey, RecoveryCode, Totp
from toli.accounts.services.passwords import TOTP_CONTEXT
from toli.audit.models import AuditEntry
from toli.core import clock
from toli.core.crypto import cipher_for
from toli.core.domain.limits import LIMITS

pytestmark = pytest.mark.django_db
PASSWORD = "four sparrows on a wire"
# Who is asked for, with which password and code; everything of this is refused.
WRONG = {
    "nobody has this login": ("nobody", "guess", "000000"),
    "nobody, with the form of a recovery code": ("nobody", "guess", "4F7QK-2M9XA"),
    "a login with a password": ("asha", "guess", "000000"),
    "the right password": ("asha", PASSWORD, "000000"),
    "the right digits": ("asha", "guess", "right"),
    "a used recovery code": ("asha", PASSWORD, "4F7QK-2M9XA"),
    "no password is set": ("imran", "guess", "000000"),
    "only a passkey": ("rekha", "guess", "000000"),
    "a closed account, all right": ("closed", PASSWORD, "right"),
    "a member": ("member", PASSWORD, "000000"),
    "a login of eighty signs": ("x" * 80, "guess", "000000"),
}
TOKEN = re.compile(r'value="[A-Za-z0-9]{64}"')
VALUES = re.compile(r"""'[^']*'|\b\d+\b|"s\d+_x\d+\"""")


@pytest.fixture
def app(world):
    """Everybody who could be asked for; the app of asha and of the closed account."""
    secret = pyotp.random_base32()
    for login in ("asha", "imran", "rekha", "closed", "member"):
        account = make_account(kind="member" if login == "member" else "staff")
        if login in {"asha", "closed", "member"}:
            account.set_password(PASSWORD)
        if login in {"asha", "closed"}:
            row = Totp.objects.create(account=account, secret_sealed=b"", confirmed_at=clock.now())
            row.secret_sealed = cipher_for(TOTP_CONTEXT).encrypt(secret, row=row.pk)
            row.save()
        account.login, account.is_active = login, login != "closed"
        account.save()
    make_passkey(Account.objects.get(login="rekha"))
    RecoveryCode.objects.create(account=Account.objects.get(login="asha"), code_hash=b"x", used_at=clock.now())
    return pyotp.TOTP(secret)


@pytest.fixture
def send(app, browser):
    """``send("asha", PASSWORD, "right")``: the form; "right" stands for what the app shows."""

    def sent(login, password, code, **options):
        told = app.at(clock.now()) if code == "right" else code
        fields = {"step": "password", "login": login, "password": password, "code": told}
        return browser(**options).post("/sign-in/staff", fields)

    return sent


@pytest.fixture
def hashes(monkeypatch):
    """How many slow hashes were computed, one entry for each."""
    done, real = [], ScryptPasswordHasher.encode

    def counting(self, *arguments, **options):
        done.append(1)
        return real(self, *arguments, **options)

    monkeypatch.setattr(ScryptPasswordHasher, "encode", counting)
    return done


def test_the_control_what_is_right_gets_in(send):
    assert send("asha", PASSWORD, "right").status_code == 303


def shown(answer):
    """All that a stranger sees of an answer: its status, its headers, its text without the form's token."""
    return answer.status_code, dict(answer.headers), TOKEN.sub("", answer.content.decode())


def test_all_that_is_wrong_looks_the_same(send):
    answers = {name: shown(send(*told)) for name, told in WRONG.items()}
    first = answers["nobody has this login"]
    assert first[0] == 400
    assert [name for name, answer in answers.items() if answer != first] == []


def test_no_cookie_tells_either(send):
    assert {frozenset(send(*told).cookies) for told in WRONG.values()} == {frozenset({"csrf"})}


@pytest.mark.parametrize("name", WRONG)
def test_one_slow_hash_is_computed_whatever_is_wrong(name, send, hashes):
    hashes.clear()
    send(*WRONG[name])
    assert len(hashes) == 1


def test_the_database_is_asked_the_same(send):
    asked = {}
    send("nobody", "guess", "000000")  # what is looked up once for all, is
    for name, told in WRONG.items():
        with CaptureQueriesContext(connection) as queries:
            send(*told)
        asked[name] = [VALUES.sub("?", query["sql"]) for query in queries]
    first = asked["nobody has this login"]
    assert first
    assert {name: queries for name, queries in asked.items() if queries != first} == {}


@pytest.mark.usefixtures("quick_hashes")
def test_a_login_is_closed_for_a_while_for_its_owner_too_and_says_when_to_come_back(send):
    for _ in range(LIMITS["staff.login"].times):
        assert send("asha", "guess", "000000").status_code == 400
    answer = send("asha", PASSWORD, "right", REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= LIMITS["staff.login"].per.total_seconds()


@pytest.mark.usefixtures("quick_hashes")
def test_a_login_that_nobody_has_is_closed_alike(send):
    answers = [
        [send(login, "guess", "000000", REMOTE_ADDR=source).status_code for _ in range(LIMITS["staff.login"].times + 1)]
        for login, source in (("asha", "192.0.2.1"), ("nobody", "192.0.2.2"))
    ]
    assert answers[0] == answers[1]
    assert answers[0][-1] == 429


@pytest.mark.usefixtures("quick_hashes")
def test_a_stranger_who_uses_the_tries_up_keeps_nobody_with_a_passkey_out(send, browser, settings):
    settings.BASE_URL = "http://localhost:8000"
    account, device = Account.objects.get(login="rekha"), Authenticator()
    Passkey.objects.update(credential_id=device.credential_id, public_key=device.public_key())
    for _ in range(LIMITS["staff.login"].times + 1):
        refused = send(account.login, "guess", "000000", REMOTE_ADDR="192.0.2.66")
    assert refused.status_code == 429
    client = browser()
    options = client.post("/sign-in/passkey").json()
    answer = client.post("/sign-in/staff", {"step": "passkey", "credential": device.sign(options)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/")


def test_what_is_refused_leaves_a_trace_without_what_was_written(send):
    send("asha", "guess-Qcanary", "000000")
    entry = AuditEntry.objects.get(action="accounts.sign_in_refused")
    assert entry.target == f"account:{Account.objects.get(login='asha').pk}"
    assert "Qcanary" not in str(entry.details)
