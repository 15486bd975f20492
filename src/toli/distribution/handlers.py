"""New groups get what is live; withdrawn kits are relayed no further and taken back."""

from toli.accounts.domain.actor import SYSTEM
from toli.chatgroups.events import GroupOpened
from toli.content.events import KitWithdrawn
from toli.core.events import subscribe
from toli.distribution import services


def on_opened(event: GroupOpened) -> None:
    services.add_relays_for_group(group_id=event.group_id)


def on_withdrawn(event: KitWithdrawn) -> None:
    services.begin_recall(actor=SYSTEM, kit_id=event.kit_id)


def connect() -> None:
    """Listen."""
    subscribe(GroupOpened, on_opened)
    subscribe(KitWithdrawn, on_withdrawn)
