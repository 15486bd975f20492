"""Moving the blind index of numbers to a newer key while people join and lists come in.

Three acts, each safe to repeat after a kill. *Beginning* adds a key: from then on whoever writes a number writes
it under the new key, and whoever looks one up looks under all. *Moving* computes the index of every number anew,
in small transactions; the version stands in front of each index, so what is left can be seen in the table.
*Retiring* forgets the old key when nothing is stored under it.

That one number stays one member rests on this: keys come and go only while nobody is adding a number
(:mod:`toli.members.services.locking`). So all who add numbers at the same moment know the same keys, lock the
same number by the same name, and see each other's rows whichever key these are under.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction

from toli.accounts import services as accounts
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core.crypto import index_for
from toli.members import selectors
from toli.members.errors import IndexKeyInUse, IndexKeyNotFound
from toli.members.models import ContactPoint
from toli.members.services.locking import lock_index_keys

BATCH = 1000
NUMBERS, CODES = f"{ContactPoint._meta.db_table}.value_index", "accounts_onetimecode.address_index"


def index_versions() -> dict[str, dict[int, int]]:
    """How many rows of each table are found by each version of the index key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT get_byte(value_index, 0), count(*) FROM members_contactpoint GROUP BY 1 ORDER BY 1")
        numbers = dict(cursor.fetchall())
    return {NUMBERS: numbers, CODES: accounts.code_index_versions()}


@transaction.atomic
def begin_index_rotation(*, actor: Actor) -> int:
    """Make a new index key and return its version; the newest one, if moving to that has not ended yet.

    Raises IndexKeyInUse: a list is being imported.
    """
    lock_index_keys()
    newest = max(settings.TOLI_INDEX_KEYS)
    if _numbers_not_under(newest):
        return newest
    version: int = settings.TOLI_INDEX_KEYS.add()
    _record(actor, "keys.add", version)
    return version


def move_index(*, actor: Actor, advance: Callable[[int, int], None] | None = None) -> int:
    """Compute the index of every number that is not under the newest key. Returns how many there were."""
    version = max(settings.TOLI_INDEX_KEYS)
    total = _numbers_not_under(version) if advance else 0
    moved, last = 0, 0
    while batch := _move_batch(version, last):
        last, moved = batch[-1], moved + len(batch)
        if advance:
            advance(moved, max(total, moved))
    _record(actor, "keys.rotate", version)
    return moved


@transaction.atomic
def retire_index_key(*, actor: Actor, version: int, dry_run: bool = True) -> None:
    """Forget an index key for ever. Codes that were sent while it was in use go with it; they have long expired.

    Raises:
        IndexKeyNotFound: there is none of this version, or it is the one in use.
        IndexKeyInUse: numbers or codes that are still open are found by it, or a list is being imported.
    """
    lock_index_keys()
    keys = settings.TOLI_INDEX_KEYS
    if version not in keys or version == max(keys):
        raise IndexKeyNotFound(version=version)
    if index_versions()[NUMBERS].get(version) or accounts.open_codes_under(version):
        raise IndexKeyInUse(version=version)
    if not dry_run:
        accounts.forget_codes_under(version)
        _record(actor, "keys.retire", version)
        keys.retire(version)


def _numbers_not_under(version: int) -> int:
    return sum(count for found, count in index_versions()[NUMBERS].items() if found != version)


@transaction.atomic
def _move_batch(version: int, last: int) -> list[int]:
    """Move the next numbers behind the id ``last``; returns their ids. The rows are locked until it is done."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, value_sealed FROM members_contactpoint
               WHERE id > %s AND get_byte(value_index, 0) <> %s ORDER BY id LIMIT %s FOR UPDATE""",
            [last, version, BATCH],
        )
        rows = cursor.fetchall()
        ids = [pk for pk, _sealed in rows]
        numbers = selectors.numbers_in(rows)
        indexes = index_for(selectors.PHONE_INDEX).of_many(numbers)
        cursor.execute(
            """UPDATE members_contactpoint kept SET value_index = given.index, tail_index = given.tail
               FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS given (id, index, tail)
               WHERE kept.id = given.id""",
            [ids, indexes, selectors.tail_indexes(numbers)],
        )
    return ids


def _record(actor: Actor, action: str, version: int) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"index-key:{version}",
    )
