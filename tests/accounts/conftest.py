"""A sender that keeps what it is given, a clock that can be set, people who are signed in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from tests.factories import make_account
from toli.accounts import services
from toli.accounts.domain.actor import Actor, ActorKind
from toli.accounts.models import Account
from toli.accounts.ports import all_accepted
from toli.accounts.sessions import SessionStore
from toli.core import clock

PASSWORD = "four sparrows on a wire"


class KeptTexts:
    """A text sender whose messages a test can read."""

    distant = False

    def __init__(self):
        self.messages = []

    def send_many(self, messages):
        self.messages += messages
        return all_accepted("kept", messages)

    @property
    def code(self):
        """The code of the last message."""
        return self.messages[-1].text[:6]


@pytest.fixture
def texts(monkeypatch):
    sender = KeptTexts()
    monkeypatch.setattr("toli.accounts.services.codes.text_sender", lambda: sender)
    return sender


@pytest.fixture
def wait(monkeypatch):
    """``wait(minutes=11)``: so much later. Otherwise the clock stands still, in the middle of an app's 30 seconds."""
    started = datetime.fromtimestamp(clock.now().timestamp() // 30 * 30 + 15, UTC)
    passed = timedelta()
    monkeypatch.setattr(clock, "now", lambda: started + passed)

    def later(**amount):
        nonlocal passed
        passed += timedelta(**amount)

    return later


@dataclass(frozen=True)
class Seat:
    """Somebody of the staff who is signed in: account, actor, the key of their cookie."""

    account: Account
    actor: Actor
    key: str

    @property
    def who(self):
        return {"actor": self.actor, "session_key": self.key}


@pytest.fixture
def sit(db):
    """``sit()``: a new account, signed in by link a moment ago; ``sit(method="code")``, ``sit(account=...)``."""

    def down(account=None, method="link") -> Seat:
        account = account or make_account()
        store = SessionStore()
        store["_auth_user_id"] = str(account.pk)
        store.save()
        actor = Actor(ActorKind.STAFF, account.pk, address="192.0.2.1")
        services.open_session(actor=actor, session_key=store.session_key, method=method)
        return Seat(account, actor, store.session_key)

    return down


@pytest.fixture
def quick_hashes(settings):
    """Passwords are hashed at once, for tests that try many and are not about the hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def with_password(sit, wait):
    """``with_password()``: a seat with the password of this module, and its app; see :func:`digits`."""

    def down():
        seat = sit()
        services.set_password(**seat.who, password=PASSWORD)
        uri = services.begin_totp(**seat.who, issuer="Toli")
        app = pyotp.parse_uri(uri)
        services.confirm_totp(**seat.who, code=digits(app, -1))
        return seat, app

    return down


def digits(app, steps=0):
    """What the app shows now, or so many steps of 30 seconds later."""
    return app.generate_otp(int(clock.now().timestamp()) // 30 + steps)
