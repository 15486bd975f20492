"""Sessions: how long they last, what is stored of them, what counts as proof of who sits there.

Only a hash of the cookie's key is stored, and what the session holds is encrypted under that key: somebody
who takes the database away can open no session with it and read nothing in it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

VISIT = timedelta(days=1)  # somebody who is not signed in: long enough to finish joining the next morning
SEEN_EVERY = timedelta(minutes=5)  # how exactly it is known when a session was last used
PROOF = timedelta(minutes=10)  # how long the proof of a factor opens what needs one
FRESH = timedelta(minutes=10)  # how long after signing in by link a first factor may be added


class Method(StrEnum):
    """How a session was opened."""

    PASSKEY = "passkey"
    PASSWORD = "password"  # noqa: S105 with the six digits of an authenticator app
    RECOVERY = "recovery"
    LINK = "link"
    CODE = "code"


# What proves who sits there; a code is what members have, and staff cannot sign in with one.
PROVING = frozenset({Method.PASSKEY, Method.PASSWORD, Method.RECOVERY, Method.CODE})


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session ends ``whole`` after it began, or ``idle`` after it was last used."""

    whole: timedelta
    idle: timedelta


LIFETIMES = {
    "staff": Lifetime(timedelta(hours=12), timedelta(hours=2)),
    "member": Lifetime(timedelta(days=180), timedelta(days=180)),
}


def ends_at(kind: str, *, began_at: datetime, seen_at: datetime) -> datetime:
    """When the session of a ``kind`` of account ends unless it is used again."""
    lifetime = LIFETIMES[kind]
    return min(began_at + lifetime.whole, seen_at + lifetime.idle)


def stored_key(cookie_key: str) -> str:
    """What is stored instead of the cookie's key. 165 random bits need no key and no slow hash."""
    return hashlib.sha256(b"toli.session.key:" + cookie_key.encode()).hexdigest()


def content_key(cookie_key: str) -> bytes:
    """The key that the session's content is encrypted under; it stands in the cookie alone."""
    return hmac.new(cookie_key.encode(), b"toli.session.content", hashlib.sha256).digest()


def is_recent(proved_at: datetime | None, now: datetime) -> bool:
    """Whether a factor was proved within the last ten minutes."""
    return proved_at is not None and timedelta(0) <= now - proved_at < PROOF


# The first that a browser's own description holds is it: most claim to be several others as well.
_BROWSERS = (
    ("SamsungBrowser", "Samsung Internet"), ("EdgA/", "Edge"), ("Edg/", "Edge"), ("OPR/", "Opera"),
    ("UCBrowser", "UC Browser"), ("FxiOS", "Firefox"), ("Firefox/", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("KAIOS", "KaiOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device_label(user_agent: str) -> str:
    """``Chrome · Android``: enough to recognise one's own device by. Empty when nothing is recognised."""
    found = [next((name for mark, name in table if mark in user_agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, found))
