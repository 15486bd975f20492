"""The chain as it stands in the database: rows of entries in their canonical bytes, anchors, the head."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection

from toli.audit.domain.chain import NO_HEAD, Head, Link, canonical, is_signed
from toli.audit.models import AuditAnchor

# Each column as text that does not depend on settings of the server or the session.
FIELDS = (
    "e.id::text, extract(epoch FROM e.at)::text, e.actor_kind, e.actor_id::text, e.address, e.action, e.target,"
    " e.territory_id::text, e.details::text"
)
_LINKS = (
    f"SELECT e.id, e.position, e.seal, {FIELDS} FROM audit_auditentry e"  # noqa: S608 only constants
    " WHERE e.position > %s AND e.position <= %s ORDER BY e.position, e.id"
)
_FETCH = 5000
_EVERY = (-(2**63), 2**63 - 1)


def links(after: int = _EVERY[0], until: int = _EVERY[1]) -> Iterator[Link]:
    """Sealed entries with positions above ``after`` and up to ``until``, by position; read piece by piece.

    Inside a transaction only.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_LINKS, [after, until])
        while rows := cursor.fetchmany(_FETCH):
            for row in rows:
                yield as_link(row)


def as_link(row: tuple[Any, ...]) -> Link:
    """A row of id, position, seal and FIELDS. A seal that was emptied by force counts as wrong, not as missing."""
    return Link(row[0], row[1], bytes(row[2] or b""), canonical(row[3:]))


def database_head() -> Head:
    """The last sealed entry, or the anchor where nothing stands behind it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, seal FROM audit_auditentry WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1"
        )
        row = cursor.fetchone()
    head = Head(row[0], bytes(row[1] or b"")) if row else NO_HEAD
    anchor = find_anchor()
    if anchor is not None and anchor.position > head.position:
        return Head(anchor.position, bytes(anchor.seal))
    return head


def find_anchor() -> AuditAnchor | None:
    """Where checking begins: the latest anchor."""
    return AuditAnchor.objects.order_by("-position", "-pk").first()


def anchor_text(anchor: AuditAnchor) -> str:
    """What an anchor's signature covers."""
    return "|".join([anchor.kind, str(anchor.position), bytes(anchor.seal).hex(), anchor.at.isoformat(), anchor.reason])


def is_genuine(anchor: AuditAnchor) -> bool:
    """Whether we signed this anchor."""
    return is_signed(settings.TOLI_AUDIT_KEYS, anchor_text(anchor), bytes(anchor.signature))


def sealed_count() -> int:
    """How many entries are in the chain now."""
    return _number("SELECT count(*) FROM audit_auditentry WHERE position IS NOT NULL")


def unsealed() -> tuple[int, int]:
    """How many entries wait for sealing, and the age of the oldest in whole seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(extract(epoch FROM now() - min(at)), 0)::bigint FROM audit_auditentry"
            " WHERE position IS NULL AND isfinite(at)"
        )
        count, age = cursor.fetchone()
    return int(count), max(0, int(age))


def _number(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
