"""Passkeys: bound to our site, to a challenge that counts once, to an owner who was checked."""

import json
from dataclasses import replace

import pytest

from tests.accounts.authenticator import Authenticator
from tests.factories import make_account
from tests.together import at_once
from toli.accounts import selectors, services
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.domain.factors import user_handle
from toli.accounts.errors import LastFactor, PasskeyNotFound, PasskeyRefused, ProofNeeded
from toli.accounts.models import Passkey, PasskeyChallenge, Session
from toli.accounts.services import set_active
from toli.core import wall

ADDRESS = "192.0.2.1"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings):
    settings.BASE_URL = "http://localhost:8000"


def register(seat, device=None, name="Phone"):
    device = device or Authenticator()
    options = services.begin_registration(**seat.who, issuer="Toli")
    services.finish_registration(**seat.who, credential=device.make(options), name=name)
    return device


def ask(account_id=None):
    return services.begin_authentication(address=ADDRESS, account_id=account_id)


def enter(answer, account_id=None):
    return services.authenticate(credential=answer, address=ADDRESS, account_id=account_id)


class TestAdding:
    def test_a_passkey_signs_its_account_in(self, sit):
        seat = sit()
        device = register(seat)
        assert enter(device.sign(ask())) == seat.account
        kept = Passkey.objects.get()
        assert (kept.name, kept.sign_count, kept.last_used_at is None) == ("Phone", 2, False)

    def test_the_browser_is_asked_for_a_key_that_needs_no_login_and_checks_its_owner(self, sit):
        options = services.begin_registration(**sit().who, issuer="Toli")
        assert options["rp"] == {"name": "Toli", "id": "localhost"}
        assert options["authenticatorSelection"]["residentKey"] == "required"
        assert options["authenticatorSelection"]["userVerification"] == "required"
        assert options["attestation"] == "none"

    def test_a_device_that_has_one_is_not_asked_for_another(self, sit):
        seat = sit()
        register(seat)
        assert len(services.begin_registration(**seat.who, issuer="Toli")["excludeCredentials"]) == 1

    @pytest.mark.parametrize(
        "device",
        [
            Authenticator(origin="https://toli.example.com"),
            Authenticator(origin="http://localhost:8001"),
            Authenticator(rp_id="example.com"),
            Authenticator(verifies=False),
        ],
        ids=["another site", "another port", "another rp", "owner not checked"],
    )
    def test_it_is_refused_from(self, sit, device):
        with pytest.raises(PasskeyRefused):
            register(sit(), device)
        assert not Passkey.objects.exists()

    def test_an_answer_counts_once(self, sit):
        seat, device = sit(), Authenticator()
        answer = device.make(services.begin_registration(**seat.who, issuer="Toli"))
        services.finish_registration(**seat.who, credential=answer, name="a")
        with pytest.raises(PasskeyRefused):
            services.finish_registration(**seat.who, credential=answer, name="b")

    def test_a_refused_answer_has_used_its_challenge_up(self, sit):
        seat = sit()
        options = services.begin_registration(**seat.who, issuer="Toli")
        with pytest.raises(PasskeyRefused):
            services.finish_registration(**seat.who, credential=Authenticator(rp_id="x").make(options), name="")
        with pytest.raises(PasskeyRefused):
            services.finish_registration(**seat.who, credential=Authenticator().make(options), name="")

    def test_after_five_minutes_it_is_too_late(self, sit, wait):
        seat = sit()
        options = services.begin_registration(**seat.who, issuer="Toli")
        wait(minutes=5)
        with pytest.raises(PasskeyRefused):
            services.finish_registration(**seat.who, credential=Authenticator().make(options), name="")

    def test_a_challenge_of_one_person_is_not_answered_by_another(self, sit):
        mine, other = sit(), sit()
        options = services.begin_registration(**mine.who, issuer="Toli")
        with pytest.raises(PasskeyRefused):
            services.finish_registration(**other.who, credential=Authenticator().make(options), name="")

    def test_a_key_belongs_to_one_account(self, sit):
        mine, other = sit(), sit()
        device = register(mine)
        with pytest.raises(PasskeyRefused):
            register(other, device)
        assert Passkey.objects.get().account == mine.account

    def test_adding_proves_who_sits_there(self, sit):
        seat = sit()
        assert not selectors.is_proved(seat.key)
        register(seat)
        assert selectors.is_proved(seat.key)


class TestWhoMayAdd:
    def test_the_first_needs_a_sign_in_by_link_of_the_last_ten_minutes(self, sit, wait):
        seat = sit()
        wait(minutes=10)
        with pytest.raises(ProofNeeded):
            register(seat)

    def test_further_ones_need_a_proof(self, sit):
        seat = sit()
        register(seat)
        Session.objects.update(proved_at=None)
        with pytest.raises(ProofNeeded):
            register(seat)

    def test_a_link_opens_no_account_that_has_factors(self, sit):
        account = sit()
        register(account)
        with pytest.raises(ProofNeeded):
            register(sit(account.account))

    def test_the_proof_of_another_session_does_not_count(self, sit):
        proved = sit()
        register(proved)
        with pytest.raises(ProofNeeded):
            services.begin_registration(actor=proved.actor, session_key=sit(proved.account).key, issuer="Toli")


class TestSigningIn:
    @pytest.mark.parametrize(
        "change",
        [
            {"origin": "https://toli.example.com"}, {"rp_id": "example.com"}, {"verifies": False}, {"count": 1},
            {"count": 0}, {"credential_id": b"unknown"}, {"key": Authenticator().key}, {"handle": user_handle(0)},
        ],
        ids=["site", "rp", "owner not checked", "counter stands", "counter goes back", "unknown", "forged", "handle"],
    )  # fmt: skip
    def test_it_is_refused_for(self, sit, change):
        device = register(sit())
        with pytest.raises(PasskeyRefused):
            enter(replace(device, **change).sign(ask()))

    def test_the_owner_that_the_device_names_is_the_accounts(self, sit):
        seat = sit()
        device = replace(register(seat), handle=user_handle(seat.account.pk), count=2)
        assert enter(device.sign(ask())) == seat.account

    def test_a_recorded_answer_cannot_be_played_again(self, sit):
        device = register(sit())
        device.count = 7
        answer = device.sign(ask())
        enter(answer)
        Passkey.objects.update(sign_count=0)
        with pytest.raises(PasskeyRefused):
            enter(answer)

    def test_devices_without_a_counter_work(self, sit):
        seat = sit()
        device = register(seat, Authenticator(count=0))
        for _ in range(2):
            device.count = 0
            assert enter(device.sign(ask())) == seat.account

    def test_a_closed_account_is_not_entered(self, sit):
        seat = sit()
        device = register(seat)
        set_active(actor=SYSTEM, account_id=seat.account.pk, active=False)
        with pytest.raises(PasskeyRefused):
            enter(device.sign(ask()))

    def test_no_login_and_no_list_of_keys_is_given_away(self, sit):
        register(sit())
        assert ask()["allowCredentials"] == []
        assert ask()["userVerification"] == "required"

    def test_confirming_takes_ones_own_passkey_only(self, sit):
        mine, other = sit(), sit()
        device, stranger = register(mine), register(other)
        assert enter(device.sign(ask(mine.account.pk)), mine.account.pk) == mine.account
        with pytest.raises(PasskeyRefused):
            enter(stranger.sign(ask(mine.account.pk)), mine.account.pk)
        with pytest.raises(PasskeyRefused):  # a challenge for signing in is none for confirming
            enter(device.sign(ask()), mine.account.pk)

    @pytest.mark.parametrize(
        "nonsense",
        ["", "{}", "[]", "null", "[" * 20_000, '{"id": 1}', json.dumps({"id": "a", "rawId": "a", "type": "public-key",
         "response": {"clientDataJSON": "e30", "authenticatorData": "", "signature": ""}}), "न" * 30_000],
        ids=range(8),
    )  # fmt: skip
    def test_nonsense_is_refused(self, nonsense):
        with pytest.raises(PasskeyRefused):
            enter(nonsense)

    def test_it_works_behind_the_wall_where_nobody_is_known(self, sit):
        seat = sit()
        device = register(seat)
        with wall.behind():
            assert enter(device.sign(ask())) == seat.account


class TestTakingAway:
    def test_the_last_way_to_sign_in_stays(self, sit):
        seat = sit()
        register(seat)
        with pytest.raises(LastFactor):
            services.remove_passkey(**seat.who, passkey_id=Passkey.objects.get().pk)
        assert Passkey.objects.exists()

    def test_one_of_two_can_go(self, sit):
        seat = sit()
        first, _second = register(seat), register(seat)
        services.remove_passkey(**seat.who, passkey_id=Passkey.objects.order_by("pk").first().pk)
        with pytest.raises(PasskeyRefused):
            enter(first.sign(ask()))

    def test_somebody_elses_cannot_be_renamed_or_removed(self, sit):
        mine, other = sit(), sit()
        register(mine), register(mine), register(other)
        theirs = Passkey.objects.filter(account=mine.account).first().pk
        with pytest.raises(PasskeyNotFound):
            services.remove_passkey(**other.who, passkey_id=theirs)
        with pytest.raises(PasskeyNotFound):
            services.rename_passkey(actor=other.actor, passkey_id=theirs, name="mine now")
        assert Passkey.objects.filter(pk=theirs, name="Phone").exists()

    def test_behind_the_wall_other_peoples_do_not_exist(self, sit):
        mine = sit()
        register(mine)
        with wall.behind(account=make_account().pk):
            assert not Passkey.objects.exists()
        with wall.behind(account=mine.account.pk):
            assert Passkey.objects.count() == 1


def test_challenges_nobody_answered_are_cleared(wait):
    ask()
    services.clear_sessions()
    assert PasskeyChallenge.objects.exists()
    wait(minutes=5)
    services.clear_sessions()
    assert not PasskeyChallenge.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_the_same_moment_one_counts(sit):
    device = register(sit(), Authenticator(count=0))
    device.count = 0
    answer = device.sign(ask())
    answers = at_once(*[lambda: enter(answer)] * 4)
    assert sum(isinstance(found, PasskeyRefused) for found in answers) == 3
