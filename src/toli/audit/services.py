"""Adding to the audit trail."""

from typing import Any

from toli.audit.models import AuditEntry
from toli.core import clock


def record(
    *,
    actor_kind: str,
    actor_id: int | None,
    action: str,
    target: str,
    address: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Write one entry, in the caller's transaction: the act and its trace commit together.

    ``details`` must hold no telephone number and no name.
    """
    AuditEntry.objects.create(
        at=clock.now(),
        actor_kind=actor_kind,
        actor_id=actor_id,
        address=address,
        action=action,
        target=target,
        details=details or {},
    )
