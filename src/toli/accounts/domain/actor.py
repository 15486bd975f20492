"""Who acts. Services take an actor first; pure data, so that domain rules can be asked about it."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """Staff act on territories, members on themselves, the system on behalf of nobody."""

    STAFF = "staff"
    MEMBER = "member"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """``id`` is the account's id, or None for the system and for visitors."""

    kind: ActorKind
    id: int | None = None
    language: str = "hi"
    address: str = ""

    @property
    def is_system(self) -> bool:
        """Whether this is Toli itself: commands of the operator and background jobs."""
        return self.kind is ActorKind.SYSTEM


SYSTEM = Actor(ActorKind.SYSTEM)
ANONYMOUS = Actor(ActorKind.ANONYMOUS)
