"""Sessions can be listed and ended, end by themselves, and are worth nothing to who steals the database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_account
from toli.accounts import selectors, services
from toli.accounts.domain import sessions as rules
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.accounts.errors import SessionNotFound
from toli.accounts.models import AccountKind, Session
from toli.accounts.sessions import SessionStore
from toli.audit.models import AuditEntry
from toli.core import wall
from toli.core.errors import Forbidden

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def store_for(account=None, **content):
    """A session as a browser holds it; signed in when there is an account."""
    store = SessionStore()
    store.update(content)
    if account:
        store["_auth_user_id"] = str(account.pk)
    store.save()
    return store


def row(store) -> Session:
    return Session.objects.get(key=rules.stored_key(store.session_key))


def again(store) -> SessionStore:
    """The same cookie, with the next request."""
    return SessionStore(store.session_key)


def actor(account) -> Actor:
    return Actor(ActorKind(account.kind), account.pk, address="2001:db8::7")


@pytest.mark.django_db
class TestStolenDatabase:
    def test_what_is_stored_is_not_the_key_of_the_cookie(self):
        store = store_for(make_account())
        with connection.cursor() as cursor:
            cursor.execute("SELECT accounts_session::text FROM accounts_session")
            assert store.session_key not in str(cursor.fetchall())
        assert not SessionStore(row(store).key).load()

    def test_the_content_cannot_be_read_without_the_cookie(self):
        store = store_for(phone="+910123456789")
        assert b"0123456789" not in bytes(row(store).content)
        stranger = SessionStore("some-other-key-of-a-cookie-that-is-long")
        assert stranger.unsealed(bytes(row(store).content)) == {}
        assert again(store)["phone"] == "+910123456789"

    def test_content_that_was_changed_makes_a_visitor(self):
        store = store_for(make_account())
        changed = bytearray(row(store).content)
        changed[-1] ^= 1
        Session.objects.update(content=bytes(changed))
        assert again(store).load() == {}

    def test_content_moved_from_another_session_does_not_open(self):
        mine, other = store_for(make_account()), store_for(make_account())
        Session.objects.filter(pk=row(mine).pk).update(content=bytes(row(other).content))
        assert again(mine).load() == {}


@pytest.mark.django_db
class TestEnds:
    def test_staff_are_signed_out_after_two_hours_of_silence(self, wait):
        store = store_for(make_account())
        wait(hours=1, minutes=59)
        assert again(store).load()
        wait(hours=2)
        assert not again(store).load()

    def test_staff_are_signed_out_after_twelve_hours_of_work(self, wait):
        store = store_for(make_account())
        for _hour in range(11):
            wait(hours=1)
            assert again(store).load()
        wait(hours=1)
        assert not again(store).load()

    def test_a_members_device_stays_signed_in_for_180_days(self, wait):
        store = store_for(make_account(kind=AccountKind.MEMBER))
        wait(days=179)
        assert again(store).load()
        wait(days=1)
        assert not again(store).load()

    def test_a_visitor_is_forgotten_after_a_day(self, wait):
        store = store_for(phone="+910123456789")
        wait(days=1)
        assert not again(store).load()
        assert services.clear_sessions() == 1

    def test_use_is_written_down_every_five_minutes_only(self, wait, django_assert_num_queries):
        store = store_for(make_account())
        wait(minutes=4)
        with django_assert_num_queries(1):
            again(store).load()
        began = row(store).last_seen_at
        wait(minutes=1)
        again(store).load()
        assert row(store).last_seen_at - began >= timedelta(minutes=5)

    def test_signing_in_begins_the_clock_anew(self, wait):
        store = store_for(phone="x")
        wait(hours=23)
        store["_auth_user_id"] = str(make_account().pk)
        store.save()
        assert row(store).ends_at - row(store).created_at == timedelta(hours=2)


@given(st.timedeltas(timedelta(0), timedelta(days=400)), st.sampled_from(sorted(rules.LIFETIMES)))
def test_no_session_outlives_its_whole_life_nor_its_silence(used_after, kind):
    until = rules.ends_at(kind, began_at=NOON, seen_at=NOON + used_after)
    assert until <= NOON + rules.LIFETIMES[kind].whole
    assert until <= NOON + used_after + rules.LIFETIMES[kind].idle


@given(st.timedeltas(timedelta(days=-1), timedelta(days=1)))
def test_a_proof_counts_for_ten_minutes_and_not_from_the_future(age):
    assert rules.is_recent(NOON - age, NOON) == (timedelta(0) <= age < timedelta(minutes=10))
    assert not rules.is_recent(None, NOON)


@pytest.mark.django_db
class TestRevoking:
    def test_a_revoked_session_is_gone_with_the_next_request(self):
        account = make_account()
        store = store_for(account)
        services.revoke_session(actor=actor(account), session_id=row(store).pk)
        assert not again(store).load()

    def test_what_a_running_request_writes_does_not_bring_it_back(self):
        account = make_account()
        store = store_for(account)
        running = again(store)
        running["x"] = 1
        services.revoke_sessions(actor=SYSTEM, account_id=account.pk)
        with pytest.raises(UpdateError):
            running.save()
        assert not Session.objects.exists()

    def test_nobody_ends_the_session_of_somebody_else(self):
        store = store_for(make_account())
        with pytest.raises(SessionNotFound):
            services.revoke_session(actor=actor(make_account()), session_id=row(store).pk)
        assert again(store).load()

    def test_everywhere_else_means_not_here_and_nobody_else(self):
        account = make_account()
        here, there, stranger = store_for(account), store_for(account), store_for(make_account())
        assert services.revoke_other_sessions(actor=actor(account), session_key=here.session_key) == 1
        assert [bool(again(store).load()) for store in (here, there, stranger)] == [True, False, True]

    def test_only_the_system_ends_all_sessions_of_an_account(self):
        account = make_account()
        with pytest.raises(Forbidden):
            services.revoke_sessions(actor=actor(account), account_id=account.pk)

    def test_closing_an_account_signs_it_out_everywhere(self):
        account = make_account()
        store = store_for(account)
        services.set_active(actor=SYSTEM, account_id=account.pk, active=False)
        assert not again(store).load()
        account.refresh_from_db()
        assert not account.is_active
        with pytest.raises(Forbidden):
            services.set_active(actor=actor(account), account_id=account.pk, active=True)

    def test_it_leaves_a_trace(self):
        account = make_account()
        store = store_for(account)
        services.revoke_session(actor=actor(account), session_id=row(store).pk)
        entry = AuditEntry.objects.get(action="accounts.revoke_session")
        assert (entry.actor_id, entry.target) == (account.pk, f"account:{account.pk}")

    @pytest.mark.parametrize("looking", ["at one's own", "at somebody else's"])
    def test_behind_the_wall_other_peoples_sessions_do_not_exist(self, looking):
        account = make_account()
        store = store_for(account)
        own = looking == "at one's own"
        with wall.behind(account=account.pk if own else make_account().pk):
            assert (Session.objects.filter(key=rules.stored_key(store.session_key)).delete()[0] == 1) == own


@pytest.mark.django_db
class TestOpening:
    def test_it_is_noted_how_where_and_on_what(self):
        account = make_account()
        store = store_for(account)
        agent = "Mozilla/5.0 (Linux; Android 12; RMX3231) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile"
        services.open_session(actor=actor(account), session_key=store.session_key, method="link", user_agent=agent)
        found = selectors.sessions_of(account.pk)[0]
        assert (found.method, found.network, found.device) == ("link", "2001:db8::/64", "Chrome · Android")

    @pytest.mark.parametrize(
        ("method", "proved"),
        [("passkey", True), ("password", True), ("recovery", True), ("code", True), ("link", False)],
    )
    def test_a_factor_proves_who_sits_there_and_a_link_does_not(self, method, proved):
        account = make_account()
        store = store_for(account)
        services.open_session(actor=actor(account), session_key=store.session_key, method=method)
        assert selectors.is_proved(store.session_key) == proved

    def test_a_proof_is_forgotten_after_ten_minutes(self, wait):
        account = make_account()
        store = store_for(account)
        services.prove_session(actor=actor(account), session_key=store.session_key, method="passkey")
        wait(minutes=9)
        assert selectors.is_proved(store.session_key)
        wait(minutes=1)
        assert not selectors.is_proved(store.session_key)

    def test_nobody_proves_the_session_of_somebody_else(self):
        store = store_for(make_account())
        with pytest.raises(SessionNotFound):
            services.prove_session(actor=actor(make_account()), session_key=store.session_key, method="passkey")
        assert not selectors.is_proved(store.session_key)


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("Mozilla/5.0 (Linux; Android 13; SM-A145F) SamsungBrowser/23.0 Chrome/115.0", "Samsung Internet · Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox · Linux"),
        ("curl/8.5", ""),
        ("<script>", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_called_what_its_owner_recognises(agent, label):
    assert rules.device_label(agent) == label
