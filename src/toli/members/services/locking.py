"""Two writers must not make two members of one telephone number.

A list locks out all others who add numbers, for the time of one batch; people who join share that
lock and exclude each other by number only. Nor may somebody exceed a daily limit by asking many times at
once. All these locks end with the transaction.

Keys of the blind index come and go only while nobody is adding a number: :func:`lock_index_keys` shuts out those
who join, and is refused while a list, whose numbers are hashed in advance, is under way.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from toli.core.crypto import index_for
from toli.members.errors import IndexKeyInUse, IndexKeyMissing
from toli.members.selectors import PHONE_INDEX

_NUMBERS = 0x746F6C69_6E756D73
_INDEX = 0x746F6C69_696E6478
_PEOPLE = 0x70656F70  # a space of its own: two-part keys never meet one-part ones


def lock_all_numbers() -> None:
    """Be the only one who adds numbers, until the transaction ends. Raises IndexKeyMissing."""
    _execute("SELECT pg_advisory_xact_lock(%s)", _NUMBERS)
    _check_keys()


def lock_number(phone: str) -> None:
    """Be the only one who adds this number (E.164), until the transaction ends.

    The number's name comes from the index key, so it is made only when no key can come or go any more.

    Raises IndexKeyMissing.
    """
    _execute("SELECT pg_advisory_xact_lock_shared(%s)", _NUMBERS)
    _check_keys()
    key = int.from_bytes(index_for(PHONE_INDEX).of(phone)[:8], "big", signed=True)
    _execute("SELECT pg_advisory_xact_lock(%s)", key)


def lock_index_keys() -> None:
    """Be the only one who adds or retires keys of the index, while nobody adds numbers, until the transaction ends.

    Raises IndexKeyInUse: a list is under way, which can take minutes.
    """
    if not _execute("SELECT pg_try_advisory_xact_lock(%s)", _INDEX):
        raise IndexKeyInUse(version=index_for(PHONE_INDEX).current_version)
    _execute("SELECT pg_advisory_xact_lock(%s)", _NUMBERS)


@contextmanager
def keeping_index_keys() -> Iterator[None]:
    """No key of the index comes or goes meanwhile: hashes that were made in advance stay right."""
    _execute("SELECT pg_advisory_lock_shared(%s)", _INDEX)
    try:
        yield
    finally:
        if not connection.needs_rollback:  # else the transaction is lost, and the connection's end frees the lock
            _execute("SELECT pg_advisory_unlock_shared(%s)", _INDEX)


def lock_person(account_id: int) -> None:
    """Be the only one who counts what this person has seen or taken, until the transaction ends."""
    _execute("SELECT pg_advisory_xact_lock(%s, %s)", _PEOPLE, account_id % 2**31)


def _check_keys() -> None:
    """A machine that has not got the newest key would take numbers that are known for new ones."""
    newest = index_for(PHONE_INDEX).current_version
    beyond = "SELECT NOT EXISTS (SELECT FROM members_contactpoint WHERE kind = 'phone' AND value_index >= %s)"
    if not _execute(beyond, bytes([newest + 1])):
        raise IndexKeyMissing


def _execute(sql: str, *keys: int | bytes) -> bool:
    """What the statement answered; true also for locks that answer nothing."""
    with connection.cursor() as cursor:
        cursor.execute(sql, keys)
        return cursor.fetchone()[0] is not False
