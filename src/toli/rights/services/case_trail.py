"""The trail of a case: every step of it is written down."""

from typing import Any

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.rights.models import BreachCase


def note(actor: Actor, action: str, case: BreachCase, **details: Any) -> None:
    """Record a step."""
    audit.record_act(
        actor,
        action=action,
        target=f"breach:{case.pk}",
        territory_id=case.territory_id,
        details={"drill": case.drill, **details},
    )
