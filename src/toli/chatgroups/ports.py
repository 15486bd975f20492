"""What running groups asks of the outside world."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol


@dataclass(frozen=True, slots=True)
class GroupRequest:
    """A group to be created: by the platform, or by the named person ``admin_id``."""

    group_id: int
    platform: str
    name: str
    territory_id: int
    admin_id: int


class GroupProvider(Protocol):
    """One way to have groups created. Those in settings.GROUP_PROVIDERS can be chosen for a campaign."""

    key: ClassVar[str]  # stored in the database: never renamed, never reused
    platforms: ClassVar[tuple[str, ...]]

    def request_groups(self, requests: Sequence[GroupRequest]) -> None:
        """Have the groups created, in the caller's transaction. Safe to repeat for the same group."""
