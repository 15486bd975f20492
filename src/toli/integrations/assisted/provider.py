"""Groups that a person creates by hand: the only way for ordinary WhatsApp groups."""

from collections.abc import Sequence
from typing import ClassVar

from toli.chatgroups.ports import GroupRequest
from toli.chatgroups.services import ask_to_create


class AssistedGroupProvider:
    """Asks the named admin to create the group and to paste its invite link."""

    key: ClassVar[str] = "assisted"
    platforms: ClassVar[tuple[str, ...]] = ("whatsapp", "telegram", "facebook", "signal")

    def request_groups(self, requests: Sequence[GroupRequest]) -> None:
        """One task for each group, with its name ready to paste."""
        ask_to_create(requests)
