"""New groups get what is live; plans that begin are sent; withdrawn kits are relayed no further and taken back."""

from toli.accounts.domain.actor import SYSTEM
from toli.chatgroups.events import GroupOpened
from toli.content.events import KitWithdrawn
from toli.core import jobs
from toli.core.events import subscribe
from toli.distribution import services
from toli.distribution.events import PlanStarted


def on_opened(event: GroupOpened) -> None:
    services.add_relays_for_group(group_id=event.group_id)


def on_started(_event: PlanStarted) -> None:
    jobs.enqueue_once("distribution.post_plans")  # in steps of their own; every minute anyway


def on_withdrawn(event: KitWithdrawn) -> None:
    services.begin_recall(actor=SYSTEM, kit_id=event.kit_id)


def connect() -> None:
    """Listen."""
    subscribe(GroupOpened, on_opened)
    subscribe(PlanStarted, on_started)
    subscribe(KitWithdrawn, on_withdrawn)
