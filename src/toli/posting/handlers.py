"""When a plan begins, its posts are queued."""

from toli.core.events import subscribe
from toli.distribution.events import PlanStarted
from toli.posting import services


def on_started(event: PlanStarted) -> None:
    services.queue_plan(plan_id=event.plan_id)


def connect() -> None:
    """Listen."""
    subscribe(PlanStarted, on_started)
