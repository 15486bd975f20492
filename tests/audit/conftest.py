"""A trail to seal and to tamper with."""

from contextlib import contextmanager

import pytest
from django.db import connection

from toli.audit import services as audit

TRIGGERS = ("audit_seal_once", "audit_no_delete", "audit_no_truncate")


def write(count: int, *, start: int = 0) -> None:
    for number in range(start, start + count):
        audit.record(
            actor_kind=("staff", "system")[number % 2],
            actor_id=number or None,
            address="192.0.2.1",
            action=("members.view", "kits.release")[number % 2],
            target=f"member:{number}",
            territory_id=number,
            details={"n": number},
        )


def run(statement: str, *values) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


@contextmanager
def as_intruder():
    """Somebody who owns the tables and stops at nothing: without triggers, constraints and unique index."""
    for trigger in TRIGGERS:
        run(f"ALTER TABLE audit_auditentry DISABLE TRIGGER {trigger}")
    run("ALTER TABLE audit_auditentry DROP CONSTRAINT IF EXISTS audit_sealed_whole")
    run("DROP INDEX IF EXISTS audit_one_chain")
    yield


@pytest.fixture
def trail(db):
    """Twelve entries at positions 1 to 12, sealed in three goes."""
    for go in range(3):
        write(4, start=go * 4)
        audit.seal()
