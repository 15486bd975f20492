"""Adding to the audit trail."""

import json
from typing import Any, Protocol

from django.db import connection

from toli.core import clock

# Nothing is returned by it: whoever may write an entry need not be allowed to read it (the second wall).
_INSERT = """
INSERT INTO audit_auditentry (at, actor_kind, actor_id, address, action, target, territory_id, details)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""


class Acting(Protocol):
    """Whoever acts, as the contexts above know them (accounts' ``Actor``)."""

    @property
    def kind(self) -> str: ...

    @property
    def id(self) -> int | None: ...

    @property
    def address(self) -> str: ...


def record_act(
    actor: Acting,
    *,
    action: str,
    target: str,
    territory_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Write down what this actor did: see :func:`record`."""
    record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        action=action,
        target=target,
        territory_id=territory_id,
        details=details,
    )


def record(
    *,
    actor_kind: str,
    actor_id: int | None,
    action: str,
    target: str,
    address: str = "",
    territory_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Write one entry, in the caller's transaction: the act and its trace commit together.

    ``territory_id``: where the thing belongs that was done something to; those who may see the trail of
    that place will see the entry. Without it only those see it whose area is the whole country.
    ``details`` must hold no telephone number and no name.
    """
    written = json.dumps(details or {})
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT, (clock.now(), str(actor_kind), actor_id, address, action, target, territory_id, written)
        )
