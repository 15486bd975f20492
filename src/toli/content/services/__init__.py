"""Everything that changes kits."""

from toli.content.services.kits import approve_kit, create_kit, mark_live, submit_kit, withdraw_kit
from toli.content.services.pictures import (
    describe_picture,
    fetch_picture,
    read_picture,
    remove_picture,
    set_picture,
)

__all__ = [
    "approve_kit",
    "create_kit",
    "describe_picture",
    "fetch_picture",
    "mark_live",
    "read_picture",
    "remove_picture",
    "set_picture",
    "submit_kit",
    "withdraw_kit",
]
