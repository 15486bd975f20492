"""What keeping groups by a bot asks of a platform."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from toli.chatgroups.ports import GroupProvider


@dataclass(frozen=True, slots=True)
class AskedToJoin:
    """Somebody asks to be let into a group."""

    chat_id: int
    person_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PersonMoved:
    """Somebody is in a group, or no longer."""

    chat_id: int
    person_id: int
    inside: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class BotMoved:
    """The bot is in a group, or no longer. ``missing``: what it may not do there and needs."""

    chat_id: int
    title: str
    inside: bool
    missing: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """Somebody started the bot with a code: alone, or in a group."""

    chat_id: int
    person_id: int
    code: str
    alone: bool


@dataclass(frozen=True, slots=True)
class StopSaid:
    """Somebody told the bot alone, in a word of this language, to write no more."""

    person_id: int
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChatMoved:
    """A group has another number now."""

    old_id: int
    new_id: int


News = AskedToJoin | PersonMoved | BotMoved | CodeGiven | StopSaid | ChatMoved


class Act(StrEnum):
    """What a bot can be asked to do. Stored: never renamed, never reused."""

    APPROVE = "approve"
    DECLINE = "decline"  # and say why
    REMOVE = "remove"  # out of the group, free to come back
    TELL = "tell"  # write to somebody
    SET_UP = "set_up"  # name, description, invite link
    LEAVE = "leave"  # a group that nobody connected
    POST = "post"  # write into the group


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. ``text``: to say; ``title``, ``description``: of a group that is set up."""

    act: Act
    chat_id: int
    person_id: int = 0
    text: str = field(default="", repr=False)
    title: str = ""
    description: str = ""


class End(StrEnum):
    """How it ended. ``GONE``: there was nothing to do any more. ``LATER``: to be tried again."""

    DONE = "done"
    GONE = "gone"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``reason``: a short code. ``retry_after``: seconds that the platform asked to wait. ``told``: the text was said,
    and is not to be said again. ``address``: the invite link that was made. ``new_id``: the group's number now."""

    end: End
    reason: str = ""
    retry_after: float | None = None
    told: bool = False
    address: str = ""
    new_id: int | None = None


@dataclass(frozen=True, slots=True)
class BotName:
    """Who the bot is."""

    id: int
    username: str


class BotProvider(GroupProvider, Protocol):
    """A platform on which a bot keeps groups by itself."""

    channel: ClassVar[str]  # of consent: by which the bot writes to members

    @property
    def bot_id(self) -> int:
        """The number of the bot whose secret is set. Raises BotMissing."""
        ...

    def is_genuine(self, headers: Mapping[str, str]) -> bool:
        """Whether an update with these headers came from the platform. Raises BotMissing."""
        ...

    def number_of(self, update: Mapping[str, Any]) -> int:
        """The number under which the platform may send an update again. Raises ValueError."""
        ...

    def is_wanted(self, update: Mapping[str, Any]) -> bool:
        """Whether it can hold news; everything else is not even stored."""
        ...

    def read(self, update: Mapping[str, Any]) -> News | None:
        """What an update says. Raises ValueError: it is none."""
        ...

    def carry_out(self, tasks: Sequence[Task]) -> list[Outcome]:
        """What became of each task. Raises nothing for what the platform or the network does."""
        ...

    def connect(self, address: str) -> BotName:
        """Have updates sent to ``address``. Raises BotMissing, BotRefused."""
        ...

    def count(self, chat_ids: Sequence[int]) -> dict[int, int]:
        """How many people the platform counts in each group, the bot left out; groups that cannot be asked miss."""
        ...

    def person_address(self, username: str, code: str) -> str:
        """Where a person connects their account by a code."""
        ...

    def group_address(self, username: str, code: str) -> str:
        """Where a person puts the bot into a group as an administrator, by a code."""
        ...
