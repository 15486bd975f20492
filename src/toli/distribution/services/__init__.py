"""Everything that moves kits, and takes them back."""

from toli.distribution.services.escalating import escalate_relays
from toli.distribution.services.planning import (
    cancel_plan,
    make_plan,
    schedule_plan,
    start_due_plans,
)
from toli.distribution.services.queueing import queue_started_plans
from toli.distribution.services.recalling import (
    begin_recall,
    confirm_gone,
    escalate_recalls,
    go_on_recalling,
    recall_automatic,
    recall_kit,
)
from toli.distribution.services.relaying import (
    add_relays_for_group,
    cancel_relays,
    confirm_relay,
    expire_relays,
    release_kit,
)

__all__ = [
    "add_relays_for_group",
    "begin_recall",
    "cancel_plan",
    "cancel_relays",
    "confirm_gone",
    "confirm_relay",
    "escalate_recalls",
    "escalate_relays",
    "expire_relays",
    "go_on_recalling",
    "make_plan",
    "queue_started_plans",
    "recall_automatic",
    "recall_kit",
    "release_kit",
    "schedule_plan",
    "start_due_plans",
]
