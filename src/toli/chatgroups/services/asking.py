"""Asking the named people to create groups by hand: the one form of that task, whoever keeps the group later."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.chatgroups.ports import GroupRequest
from toli.core import clock

DUE_IN = timedelta(hours=24)


def ask_to_create(requests: Sequence[GroupRequest], *, more: Mapping[int, Mapping[str, Any]] | None = None) -> None:
    """One task for each group, with its name ready to paste. ``more``: what else the task tells, by group."""
    due_at, more = clock.now() + DUE_IN, more or {}
    assignments.assign_many(
        [
            WorkOrder(
                kind="create_group",
                assignee_id=request.admin_id,
                territory_id=request.territory_id,
                subject=f"chatgroup:{request.group_id}",
                due_at=due_at,
                details={
                    "group_id": request.group_id,
                    "name": request.name,
                    "platform": request.platform,
                    **more.get(request.group_id, {}),
                },
            )
            for request in requests
        ]
    )
