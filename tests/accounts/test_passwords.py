"""Password with the digits of an app, recovery codes: used once, counted, and silent about what was wrong."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.contrib.auth import hashers
from hypothesis import given
from hypothesis import strategies as st

from tests.accounts.conftest import PASSWORD, digits
from tests.factories import make_account
from tests.together import at_once
from toli.accounts import selectors, services
from toli.accounts.domain import factors
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.errors import (
    DigitsWrong,
    LastFactor,
    PasswordTooCommon,
    PasswordTooShort,
    ProofNeeded,
    SignInLinkInvalid,
    SignInRefused,
)
from toli.accounts.models import RecoveryCode, Session, Totp
from toli.audit.models import AuditEntry
from toli.core import rotation
from toli.core.domain.limits import LIMITS
from toli.core.errors import Forbidden, TooManyRequests

NOW = datetime(2026, 11, 25, 12, 0, 10, tzinfo=UTC)


def enter(login, password=PASSWORD, code="000000", address="192.0.2.1"):
    return services.sign_in_with_password(login=login, password=password, code=code, address=address)


@pytest.mark.django_db
class TestSigningIn:
    def test_password_and_digits_open_the_account(self, with_password):
        seat, app = with_password()
        assert enter(seat.account.login, code=digits(app)) == (seat.account, "password")

    def test_digits_may_be_written_with_a_gap(self, with_password):
        seat, app = with_password()
        assert enter(f" {seat.account.login} ", code=f" {digits(app)[:3]} {digits(app)[3:]}")

    def test_everything_wrong_has_the_same_answer(self, with_password):
        seat, app = with_password()
        said = set()
        for login, password, code in (
            ("nobody", PASSWORD, digits(app)),
            (seat.account.login, "wrong", digits(app)),
            (seat.account.login, PASSWORD, "000000"),
            (seat.account.login, PASSWORD, ""),
            (seat.account.login, "", ""),
            (make_account(kind="member").login, PASSWORD, digits(app)),
        ):
            with pytest.raises(SignInRefused) as refusal:
                enter(login, password, code)
            said.add(str(refusal.value))
        assert len(said) == 1

    def test_a_wrong_password_does_not_use_the_digits_up(self, with_password):
        seat, app = with_password()
        with pytest.raises(SignInRefused):
            enter(seat.account.login, "wrong", digits(app))
        assert enter(seat.account.login, code=digits(app))

    def test_digits_count_once(self, with_password):
        seat, app = with_password()
        enter(seat.account.login, code=digits(app))
        with pytest.raises(SignInRefused):
            enter(seat.account.login, code=digits(app))

    def test_older_digits_than_the_last_do_not_count(self, with_password):
        seat, app = with_password()
        enter(seat.account.login, code=digits(app, 1))
        with pytest.raises(SignInRefused):
            enter(seat.account.login, code=digits(app))

    def test_a_closed_account_is_not_entered(self, with_password):
        seat, app = with_password()
        services.set_active(actor=SYSTEM, account_id=seat.account.pk, active=False)
        with pytest.raises(SignInRefused):
            enter(seat.account.login, code=digits(app))

    def test_a_password_alone_opens_nothing(self, sit):
        seat = sit()
        services.set_password(**seat.who, password=PASSWORD)
        with pytest.raises(SignInRefused):
            enter(seat.account.login)

    def test_known_and_unknown_logins_take_the_same_work(self, with_password, monkeypatch, django_assert_num_queries):
        seat, _app = with_password()
        hashed = []
        real = hashers.ScryptPasswordHasher.encode
        monkeypatch.setattr(hashers.ScryptPasswordHasher, "encode", lambda *a, **k: hashed.append(1) or real(*a, **k))
        for login, password in (("nobody", "x"), (seat.account.login, "x"), (make_account().login, "x")):
            hashed.clear()
            with django_assert_num_queries(9), pytest.raises(SignInRefused):
                enter(login, password, "123456")
            assert len(hashed) == 1

    def test_a_failed_try_leaves_a_trace_without_the_login(self):
        with pytest.raises(SignInRefused):
            enter("nobody@example.org")
        entry = AuditEntry.objects.get(action="accounts.sign_in_refused")
        assert (entry.target, entry.details, entry.address) == ("account:0", {}, "192.0.2.1")


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_hashes")
class TestLimits:
    def test_ten_wrong_tries_an_hour_then_the_right_one_waits_too(self, with_password):
        seat, app = with_password()
        for number in range(LIMITS["staff.login"].times):
            with pytest.raises(SignInRefused):
                enter(seat.account.login, code="000000", address=f"192.0.2.{number}")
        with pytest.raises(TooManyRequests) as refusal:
            enter(seat.account.login, code=digits(app), address="192.0.2.99")
        assert 0 < refusal.value.retry_after <= 3600

    def test_spellings_of_a_login_share_their_limit(self):
        for number in range(LIMITS["staff.login"].times):
            with pytest.raises(SignInRefused):
                enter("Asha" if number % 2 else " aSHA")
        with pytest.raises(TooManyRequests):
            enter("asha")

    def test_who_gets_in_does_not_use_tries_up(self, with_password, wait):
        seat, app = with_password()
        for _ in range(LIMITS["staff.login_day"].times + 1):
            wait(seconds=61)
            enter(seat.account.login, code=digits(app))

    def test_one_address_cannot_try_many_logins(self):
        for number in range(LIMITS["staff.address"].times):
            with pytest.raises(SignInRefused):
                enter(f"login{number}", password="")
        with pytest.raises(TooManyRequests):
            enter("another", password="")

    def test_confirming_shares_the_limit(self, with_password):
        seat, app = with_password()
        for _ in range(LIMITS["staff.login"].times):
            with pytest.raises(SignInRefused):
                services.confirm_with_password(**seat.who, password="wrong", code="000000")
        with pytest.raises(TooManyRequests):
            enter(seat.account.login, code=digits(app))


@pytest.mark.django_db
class TestRecoveryCodes:
    def test_each_opens_the_account_once_with_the_password(self, with_password):
        seat, _app = with_password()
        first, second = services.make_recovery_codes(**seat.who)[:2]
        assert enter(seat.account.login, code=first.lower().replace("-", " ")) == (seat.account, "recovery")
        with pytest.raises(SignInRefused):
            enter(seat.account.login, code=first)
        with pytest.raises(SignInRefused):
            enter(seat.account.login, "wrong", second)
        assert enter(seat.account.login, code=second)

    def test_alone_they_open_only_an_account_without_a_password(self, sit):
        seat = sit()
        code = services.make_recovery_codes(**seat.who)[0]
        assert enter(seat.account.login, "", code) == (seat.account, "recovery")

    def test_they_confirm_without_the_password(self, with_password):
        seat, _app = with_password()
        code = services.make_recovery_codes(**seat.who)[0]
        Session.objects.update(proved_at=None)
        services.confirm_with_password(**seat.who, password="", code=code)
        assert selectors.is_proved(seat.key)

    def test_new_ones_end_the_old(self, with_password):
        seat, _app = with_password()
        old = services.make_recovery_codes(**seat.who)[0]
        services.make_recovery_codes(**seat.who)
        assert RecoveryCode.objects.count() == 10
        with pytest.raises(SignInRefused):
            enter(seat.account.login, code=old)

    def test_they_belong_to_one_account(self, with_password):
        mine, other = with_password()[0], with_password()[0]
        code = services.make_recovery_codes(**mine.who)[0]
        with pytest.raises(SignInRefused):
            enter(other.account.login, code=code)

    def test_they_are_not_stored(self, sit):
        codes = services.make_recovery_codes(**sit().who)
        stored = b"".join(bytes(row.code_hash) for row in RecoveryCode.objects.all())
        assert not [code for code in codes if code.replace("-", "").encode() in stored]


@pytest.mark.django_db
class TestConfirming:
    def test_password_and_digits_prove_who_sits_there(self, with_password):
        seat, app = with_password()
        Session.objects.update(proved_at=None)
        services.confirm_with_password(**seat.who, password=PASSWORD, code=digits(app))
        assert selectors.is_proved(seat.key)

    def test_the_digits_alone_do_not(self, with_password):
        seat, app = with_password()
        Session.objects.update(proved_at=None)
        with pytest.raises(SignInRefused):
            services.confirm_with_password(**seat.who, password="", code=digits(app))
        assert not selectors.is_proved(seat.key)


@pytest.mark.django_db
class TestSettingUp:
    @pytest.mark.parametrize("password", ["", "short", "eleven char", "x" * 201])
    def test_a_password_has_twelve_characters_and_more(self, sit, password):
        with pytest.raises(PasswordTooShort):
            services.set_password(**sit().who, password=password)

    @pytest.mark.parametrize("password", ["qwerty123456", "QWERTY123456"])
    def test_what_everybody_takes_is_refused(self, sit, password):
        with pytest.raises(PasswordTooCommon):
            services.set_password(**sit().who, password=password)

    def test_a_new_password_ends_all_other_sessions(self, with_password, sit):
        seat, _app = with_password()
        sit(seat.account)
        services.set_password(**seat.who, password="another sentence")
        assert [session.pk for session in selectors.sessions_of(seat.account.pk)] == [
            selectors.find_session(seat.key).pk
        ]

    def test_without_a_proof_nothing_changes(self, with_password):
        seat, _app = with_password()
        Session.objects.update(proved_at=None)
        for change in (
            lambda: services.set_password(**seat.who, password="another sentence"),
            lambda: services.begin_totp(**seat.who, issuer="Toli"),
            lambda: services.confirm_totp(**seat.who, code="000000"),
            lambda: services.remove_totp(**seat.who),
            lambda: services.make_recovery_codes(**seat.who),
        ):
            with pytest.raises(ProofNeeded):
                change()

    def test_an_app_counts_only_after_its_first_digits(self, sit):
        seat = sit()
        services.begin_totp(**seat.who, issuer="Toli")
        with pytest.raises(DigitsWrong):
            services.confirm_totp(**seat.who, code="000000")
        assert not selectors.factors_of(seat.account.pk).totp

    def test_the_old_app_works_until_the_new_one_does(self, with_password):
        seat, old = with_password()
        new = pyotp.parse_uri(services.begin_totp(**seat.who, issuer="Toli"))
        assert pyotp.parse_uri(services.pending_totp(actor=seat.actor, issuer="Toli")).secret == new.secret
        assert enter(seat.account.login, code=digits(old))
        services.confirm_totp(**seat.who, code=digits(new))
        with pytest.raises(SignInRefused):
            enter(seat.account.login, code=digits(old, 1))
        assert Totp.objects.count() == 1

    def test_the_last_way_to_sign_in_stays(self, with_password):
        seat, _app = with_password()
        with pytest.raises(LastFactor):
            services.remove_totp(**seat.who)
        assert selectors.factors_of(seat.account.pk).totp

    def test_the_secret_is_encrypted_and_found_by_rotation(self, with_password):
        _seat, app = with_password()
        assert app.secret.encode() not in bytes(Totp.objects.get().secret_sealed)
        assert "accounts_totp.secret" in {column.context for column in rotation.sealed_columns()}

    def test_reset_takes_everything_and_signs_out(self, with_password):
        seat, _app = with_password()
        services.make_recovery_codes(**seat.who)
        old = services.create_sign_in_link(actor=SYSTEM, account_id=seat.account.pk, lifetime=timedelta(hours=1))
        gone = services.reset_factors(actor=SYSTEM, account_id=seat.account.pk)
        assert gone == {"passkeys": 0, "totp": 1, "recovery_codes": 10, "password": 1, "sessions": 1, "links": 1}
        with pytest.raises(SignInLinkInvalid):
            services.redeem_sign_in_link(token=old)
        assert selectors.factors_of(seat.account.pk) == factors.Factors()
        with pytest.raises(Forbidden):
            services.reset_factors(actor=seat.actor, account_id=seat.account.pk)


# -- laws ----------------------------------------------------------------------------------------------


def digits_at(step):
    return f"{step % 10**6:06d}"


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_of_the_steps_around_now_each_is_accepted_once_and_in_order(offset, last):
    current = int(NOW.timestamp()) // 30
    step = factors.accepted_step(digits_at, digits_at(current + offset), now=NOW, last_step=current + last)
    assert step == (current + offset if abs(offset) <= 1 and offset > last else None)


@given(st.text(max_size=12))
def test_only_six_plain_digits_are_digits(text):
    assert factors.is_digits(text) == (len(text) == 6 and set(text) <= set("0123456789"))


@given(st.integers(1, 5), st.integers(1, 5))
def test_a_recovery_code_is_hashed_for_its_account(one, other):
    code = factors.new_recovery_codes()[0]

    def hashed(account, text):
        return factors.hash_recovery_code(text, secret="s", account=account)

    assert (hashed(one, code) == hashed(other, code.lower())) == (one == other)


def test_misread_letters_are_put_right():
    assert factors.clean_recovery_code("o1il u-234 ") == "0111V234"
    assert len(set(factors.new_recovery_codes())) == 10


@pytest.mark.django_db(transaction=True)
def test_digits_told_twice_at_once_count_once(with_password):
    seat, app = with_password()
    code = digits(app)
    answers = at_once(*[lambda: enter(seat.account.login, code=code)] * 4)
    assert sum(isinstance(answer, SignInRefused) for answer in answers) == 3
