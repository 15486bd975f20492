"""Sealing: entries that have no place in the chain yet get one, batch by batch.

An entry is found by having no position, whatever its id: one that was written in a long transaction and
appears late gets a later position, and none is skipped. Recording waits for nothing of this.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from toli.audit.domain.chain import NO_HEAD, Head, canonical, make_seal
from toli.audit.services.heads import append_head, last_head, signed_line, writing_alone
from toli.audit.services.reading import FIELDS, database_head
from toli.audit.services.recording import record

Advance = Callable[[int, int], None]
LOCK = 0x701A0D17
BATCH = 5000
_WAITING = (
    f"SELECT e.id, {FIELDS} FROM audit_auditentry e"  # noqa: S608 only constants
    " WHERE e.position IS NULL ORDER BY e.id LIMIT %s"
)
_SET = """
UPDATE audit_auditentry e SET position = sealed.position, seal = sealed.seal
FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS sealed(id, position, seal)
WHERE e.id = sealed.id AND e.position IS NULL
"""


def seal(*, advance: Advance | None = None) -> int:
    """Chain everything that waits, and write the head down outside the database. Returns how many entries.

    Safe from several processes at once, and to be killed at any point: a batch is one transaction, and the
    head that a dead process could not write down any more is written by the next one.
    """
    done = 0
    with writing_alone():
        _catch_up()
        while count := _batch():
            done += count
            append_head(database_head())
            if advance:
                advance(done, done + _left())
    return done


def present_head() -> dict[str, Any]:
    """The head of the chain as it stands, signed: a line for a heads file elsewhere."""
    return signed_line(database_head())


def add_key() -> int:
    """Make a new key; everything is sealed under it from now on. Returns its version.

    What is sealed stays under the older key, which is needed as long as that is to be checked.
    """
    seal()
    version = int(settings.TOLI_AUDIT_KEYS.add())
    record(actor_kind="system", actor_id=None, action="audit.key", target=f"audit_key:{version}")
    return version


def lock() -> None:
    """Nobody else seals until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _catch_up() -> None:
    """Where the file does not end with the database's head, write that one down: lost by a dead process, or,
    if it lies further back, the proof that the database went back."""
    head, written = database_head(), last_head()
    before = NO_HEAD if written is None else Head(written.position, written.seal)
    if before != head:
        append_head(head)


@transaction.atomic(durable=True)
def _batch() -> int:
    lock()
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [BATCH])
        rows = cursor.fetchall()
        if not rows:
            return 0
        ids, positions, seals = _chain(database_head(), rows)
        cursor.execute(_SET, [ids, positions, seals])
        if cursor.rowcount != len(rows):
            raise RuntimeError(f"{len(rows)} entries were to be sealed, {cursor.rowcount} were")
    return len(rows)


def _chain(head: Head, rows: list[tuple[Any, ...]]) -> tuple[list[int], list[int], list[bytes]]:
    keys = dict(settings.TOLI_AUDIT_KEYS)
    version, before = max(keys), head.seal
    seals = []
    for position, row in enumerate(rows, start=head.position + 1):
        before = make_seal(keys, version, before, position, canonical(row[1:]))
        seals.append(before)
    return [row[0] for row in rows], list(range(head.position + 1, head.position + 1 + len(rows))), seals


def _left() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditentry WHERE position IS NULL")
        return int(cursor.fetchone()[0])
