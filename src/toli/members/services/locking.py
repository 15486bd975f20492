"""Two writers must not make two members of one telephone number.

A list locks out all others who add numbers, for the time of one batch; people who join share that
lock and exclude each other by number only. Nor may somebody exceed a daily limit by asking many times at
once. All these locks end with the transaction.
"""

from django.db import connection

from toli.core.crypto import index_for
from toli.members.selectors import PHONE_INDEX

_NUMBERS = 0x746F6C69_6E756D73
_PEOPLE = 0x70656F70  # a space of its own: two-part keys never meet one-part ones


def lock_all_numbers() -> None:
    """Be the only one who adds numbers, until the transaction ends."""
    _execute("SELECT pg_advisory_xact_lock(%s)", _NUMBERS)


def lock_number(phone: str) -> None:
    """Be the only one who adds this number (E.164), until the transaction ends."""
    _execute("SELECT pg_advisory_xact_lock_shared(%s)", _NUMBERS)
    key = int.from_bytes(index_for(PHONE_INDEX).of(phone)[:8], "big", signed=True)
    _execute("SELECT pg_advisory_xact_lock(%s)", key)


def lock_person(account_id: int) -> None:
    """Be the only one who counts what this person has seen or taken, until the transaction ends."""
    _execute("SELECT pg_advisory_xact_lock(%s, %s)", _PEOPLE, account_id % 2**31)


def _execute(sql: str, *keys: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, keys)
