"""Groups that a person creates by hand: the only way for ordinary WhatsApp groups."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.chatgroups.ports import GroupRequest
from toli.core import clock

DUE_IN = timedelta(hours=24)


class AssistedGroupProvider:
    """Asks the named admin to create the group and to paste its invite link."""

    key: ClassVar[str] = "assisted"
    platforms: ClassVar[tuple[str, ...]] = ("whatsapp", "telegram", "facebook", "signal")

    def request_groups(self, requests: Sequence[GroupRequest]) -> None:
        """One task for each group, with its name ready to paste."""
        due_at = clock.now() + DUE_IN
        assignments.assign_many(
            [
                WorkOrder(
                    kind="create_group",
                    assignee_id=request.admin_id,
                    territory_id=request.territory_id,
                    subject=f"chatgroup:{request.group_id}",
                    due_at=due_at,
                    details={"group_id": request.group_id, "name": request.name, "platform": request.platform},
                )
                for request in requests
            ]
        )
