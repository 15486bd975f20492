"""`toli account`: somebody new comes in, somebody lost their telephone, everybody is signed out."""

import json
from datetime import timedelta

import pytest

from tests.factories import make_account, make_passkey, make_session, make_territories
from toli.access.errors import PlaceMissing, RoleNotFound
from toli.access.models import RoleAssignment
from toli.accounts.errors import AccountNotFound, LoginInvalid, LoginTaken, PhoneInvalid
from toli.accounts.models import Account, Passkey, Session, SignInLink
from toli.audit.models import AuditEntry
from toli.core import clock
from toli.core.errors import Unavailable

pytestmark = pytest.mark.django_db
NUMBER = "+910123456789"


@pytest.fixture
def places():
    return make_territories("IN/UP/07/A1")


def outbox(settings):
    return [json.loads(line) for path in settings.OUTBOX_DIR.glob("*.jsonl") for line in path.open()]


class TestInvite:
    def test_on_a_new_installation_one_command_makes_the_first_account(self, toli, places, settings):
        settings.BASE_URL = "https://toli.example"
        answer = toli("account", "invite", "--name", "Asha Rao", "--role", "headquarters")
        assert answer.code == 0
        (link,) = answer.out.splitlines()
        assert link.startswith("https://toli.example/a/")
        assert "asha-rao" in answer.err
        held = RoleAssignment.objects.get(account__login="asha-rao")
        assert (held.role.code, held.territory.code, held.valid_to) == ("headquarters", "IN", None)

    def test_the_link_leads_once_to_where_a_factor_is_added(self, toli, places, client):
        link = toli("account", "invite", "--name", "Asha Rao", "--role", "headquarters", "--json").json["link"]
        path = "/" + link.split("/", 3)[3]
        assert client.get(path).status_code == 200
        assert client.post(path).headers["Location"] == "/console/security"
        assert client.get("/console/security").status_code == 200
        assert client.post(path).status_code == 400

    def test_only_a_hash_of_the_link_is_stored_and_it_expires(self, toli, places):
        link = toli("account", "invite", "--name", "Asha Rao", "--hours", 2, "--json").json["link"]
        assert link.rpartition("/")[2].encode() not in bytes(SignInLink.objects.get().token_hash)
        assert timedelta(hours=1, minutes=59) < SignInLink.objects.get().expires_at - clock.now() <= timedelta(hours=2)

    def test_the_link_goes_to_the_telephone_too_which_is_not_kept(self, toli, places, settings):
        answer = toli("account", "invite", "--name", "Asha Rao", "--phone", NUMBER, "--language", "en", "--json")
        (text,) = outbox(settings)
        assert (text["to"], text["kind"]) == (NUMBER, "link")
        assert text["text"].endswith(answer.json["link"])
        assert answer.json["texted"] is True
        assert NUMBER[3:] not in str(list(Account.objects.values())) + str(list(AuditEntry.objects.values()))

    def test_a_text_that_cannot_leave_is_told_and_the_link_remains(self, toli, places, monkeypatch):
        class Broken:
            def send_many(self, messages):
                raise Unavailable

        monkeypatch.setattr("toli.accounts.services.links.text_sender", Broken)
        answer = toli("account", "invite", "--name", "Asha Rao", "--phone", NUMBER)
        assert (answer.code, len(answer.out.splitlines())) == (0, 1)
        assert "pass it on yourself" in answer.err

    @pytest.mark.parametrize(
        ("words", "error"),
        [
            (["--phone", "12"], PhoneInvalid),
            (["--login", "a b"], LoginInvalid),
            (["--login", "x" * 81], LoginInvalid),
            (["--login", "taken"], LoginTaken),
            (["--role", "emperor", "--territory", "UP"], RoleNotFound),
            (["--role", "coordinator"], PlaceMissing),
        ],
    )
    def test_what_cannot_be_leaves_nothing_behind(self, toli, places, words, error):
        make_account()
        Account.objects.update(login="taken")
        answer = toli("account", "invite", "--name", "Asha Rao", *words)
        assert isinstance(answer.error, error)
        assert Account.objects.count() == 1
        assert not SignInLink.objects.exists()

    def test_headquarters_before_there_are_territories_is_refused(self, toli):
        answer = toli("account", "invite", "--name", "Asha Rao", "--role", "headquarters")
        assert isinstance(answer.error, PlaceMissing)
        assert not Account.objects.exists()

    def test_a_name_without_latin_letters_needs_a_login(self, toli, places):
        assert toli("account", "invite", "--name", "आशा राव").code == 2
        assert toli("account", "invite", "--name", "आशा राव", "--login", "asha").code == 0


class TestSessions:
    def test_where_somebody_is_signed_in(self, toli):
        account = make_account()
        make_session(account, device="Chrome · Android")
        make_session(make_account(), device="Firefox · Linux")
        (row,) = toli("account", "sessions", account.login, "--json").json
        assert row["device"] == "Chrome · Android"
        assert "Chrome" in toli("account", "sessions", account.login).out

    def test_one_person_is_signed_out_at_once(self, toli):
        account, other = make_account(), make_account()
        for who in (account, account, other):
            make_session(who)
        assert toli("account", "sign-out", account.login, "--json").json == {"sessions": 2, "done": True}
        assert Session.objects.get().account == other
        assert AuditEntry.objects.get(action="accounts.revoke_session").details == {"sessions": 2}

    @pytest.mark.parametrize(("kind", "ended"), [("", 3), ("staff", 1), ("member", 2)])
    def test_everyone_is_only_counted_without_a_yes(self, toli, kind, ended):
        make_session(make_account())
        for _ in range(2):
            make_session(make_account(kind="member"))
        words = ["account", "sign-out", "--everyone", "--json", *(["--kind", kind] if kind else [])]
        assert toli(*words).json == {"sessions": ended, "done": False}
        assert Session.objects.count() == 3
        assert toli(*words, "--yes").json == {"sessions": ended, "done": True}
        assert Session.objects.count() == 3 - ended

    @pytest.mark.parametrize(
        "words", [[], ["asha", "--everyone"], ["asha", "--kind", "staff"], ["--everyone", "--kind", "x"]]
    )
    def test_a_wrong_call_signs_nobody_out(self, toli, words):
        make_session(make_account())
        assert toli("account", "sign-out", *words, "--yes").code == 2
        assert Session.objects.count() == 1


class TestResetFactors:
    @pytest.fixture
    def asha(self):
        account = make_account()
        make_passkey(account)
        make_session(account)
        return account

    def test_without_a_yes_it_only_counts(self, toli, asha):
        answer = toli("account", "reset-factors", asha.login, "--json")
        assert answer.json["done"] is False
        assert (answer.json["gone"]["passkeys"], answer.json["gone"]["sessions"]) == (1, 1)
        assert "Nothing was changed" in toli("account", "reset-factors", asha.login).err
        assert Passkey.objects.count() == Session.objects.count() == 1

    def test_what_was_counted_goes_and_a_new_link_is_printed(self, toli, asha):
        counted = toli("account", "reset-factors", asha.login, "--json").json["gone"]
        answer = toli("account", "reset-factors", asha.login, "--yes", "--json").json
        assert answer["gone"] == counted
        assert not Passkey.objects.exists()
        assert not Session.objects.exists()
        assert "/a/" in answer["link"]
        assert AuditEntry.objects.filter(action="accounts.reset_factors", target=f"account:{asha.pk}").count() == 1

    def test_the_owner_is_told_by_text_and_after_signing_in_until_there_is_a_factor_again(
        self, toli, asha, client, settings
    ):
        answer = toli("account", "reset-factors", asha.login, "--yes", "--phone", NUMBER, "--json").json
        assert "taken away" in outbox(settings)[0]["text"]
        client.cookies["lang"] = "en"
        client.post("/" + answer["link"].split("/", 3)[3])
        assert "were taken away by whoever runs" in client.get("/console/security").content.decode()
        client.post("/console/security", {"act": "password", "password": "four sparrows on a wire"})
        session = client.session
        session.pop("first_factor_missing")  # as the pages do once there is a whole way to sign in
        session.save()
        assert "were taken away by whoever runs" not in client.get("/console/security").content.decode()


def test_a_closed_account_is_signed_out_and_can_be_opened_again(toli):
    account = make_account()
    make_session(account)
    assert toli("account", "close", account.login).code == 0
    assert not Session.objects.exists()
    assert toli("account", "list", "--json").json[0]["active"] is False
    assert toli("account", "reopen", account.login).code == 0
    assert toli("account", "list", "--json").json[0]["active"] is True


@pytest.mark.parametrize("verb", ["sessions", "sign-out", "reset-factors", "close", "reopen"])
def test_an_account_that_is_not_there(toli, verb):
    assert isinstance(toli("account", verb, "nobody").error, AccountNotFound)
