"""What posting asks of a platform."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Protocol, runtime_checkable

from toli.core.domain.storable import is_storable, storable
from toli.posting.domain.states import Verdict


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform takes.

    ``most``: signs of a text, counted by ``count``; ``most_with_picture``: of one that stands below a picture.
    ``needs_picture``, ``needs_video``: without one nothing can be posted. ``deletes``: a program can take a post back.
    ``per_second``: posts of all accounts together. ``gap``: seconds between two posts of one account.
    ``counts_posts``: the platform allows so many in a day, and tells how many are used.
    ``video``: which of the kit's videos it takes (content/domain/video.py); empty: none. ``carries_video``: its bytes
    are handed over, as the platform does not fetch it. ``most_title``: signs of the title, where it has a field of its
    own. ``per_day``: posts that may begin in a day of ``day_in`` by all accounts with the same setting ``day_of``,
    where the platform tells nobody how many are used.
    """

    most: int
    most_with_picture: int
    count: Callable[[str], int]
    per_second: float
    gap: float
    needs_picture: bool = False
    deletes: bool = True
    counts_posts: bool = False
    video: str = ""
    needs_video: bool = False
    carries_video: bool = False
    most_title: int = 0
    per_day: int = 0
    day_in: str = "UTC"
    day_of: str = ""

    @property
    def can_be_tried(self) -> bool:
        """Whether a line of words can be posted, and is gone again."""
        return self.deletes and not self.needs_picture and not self.needs_video


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a kit: its bytes, and the address at which everybody can fetch it while the kit is live."""

    data: bytes = field(repr=False)
    address: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Video:
    """A video of a kit: the address at which the platform can fetch it while the kit is live; ``data``: its bytes, for
    a platform that does not."""

    address: str
    title: str = ""
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One post for one account. ``settings``: of the account, an instance of the provider's ``settings_schema``.
    ``video``: goes instead of the picture where the platform takes one. ``progress``: what an earlier call began, in
    the provider's own words."""

    settings: Any = field(repr=False)
    text: str = field(repr=False)
    link: str = ""
    picture: Picture | None = None
    video: Video | None = None
    language: str = ""
    made_with_ai: bool = False
    progress: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """A post of which nobody knows whether it stands. ``progress``: what was begun for it; empty: nothing that could
    be seen. ``link``: stands in its words, and in no other post's."""

    settings: Any = field(repr=False)
    progress: str = field(repr=False)
    link: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A post that stands somewhere. ``ref``: what the platform called it when it took it."""

    settings: Any = field(repr=False)
    ref: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one call. ``code``: the platform's own word for it, never what it wrote at length.
    ``address``: where people can see the post, if the platform says so. ``progress``: with BEGUN, what the next call
    goes on from; kept as a secret."""

    verdict: Verdict
    ref: str = ""
    code: str = ""
    retry_after: float | None = None
    address: str = ""
    progress: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """A name that cannot be kept as it is names nothing any more: a person is asked to delete such a post."""
        object.__setattr__(self, "ref", self.ref if is_storable(self.ref, 120) else "")
        object.__setattr__(self, "code", storable(self.code, 80))
        object.__setattr__(self, "address", self.address if is_storable(self.address, 300) else "")
        if self.verdict is Verdict.BEGUN and not (self.progress and is_storable(self.progress, 1000)):
            raise ValueError("progress: 1 ≤ len ≤ 1000")


@dataclass(frozen=True, slots=True)
class Quota:
    """What an account has used of what it may post in ``period``, as the platform tells it at this moment."""

    used: int
    total: int
    period: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether an account can be posted to. ``name``: what the platform calls it. ``problem``: a stable word."""

    name: str = ""
    problem: str = ""
    quota: Quota | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", storable(self.name, 200))
        object.__setattr__(self, "problem", storable(self.problem, 80))


class PostProvider(Protocol):
    """A platform on which the organisation's own accounts post by themselves.

    Every provider in settings.POST_PROVIDERS runs tests/contracts/test_post_provider.py.
    """

    key: ClassVar[str]  # stored in the database: never renamed, never reused
    platform: ClassVar[str]  # of content/domain/platforms.py
    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    settings_schema: ClassVar[type]  # a frozen dataclass; secret fields are marked as in messaging/ports.py

    def publish(self, posts: Sequence[Outgoing]) -> list[Receipt]:
        """Post each, in order, within CALLS. Raises nothing for what the platform or the network does."""
        ...

    def delete(self, posts: Sequence[Standing]) -> list[Receipt]:
        """Take each back. What is gone already is DONE. Raises nothing."""
        ...

    def examine(self, settings: Sequence[Any]) -> list[Health]:
        """Whether each account can be posted to, with its quota read live. Posts nothing, raises nothing."""
        ...


@runtime_checkable
class Asking(Protocol):
    """A provider whose platform can be asked what became of a call.

    Its ``publish`` goes in steps: what is begun can be seen by nobody, and going on from it twice makes one post.
    """

    def ask(self, posts: Sequence[Begun]) -> list[Receipt]:
        """What became of each: DONE, LATER (surely not there), REFUSED (never will be), else UNKNOWN. Reads only."""
        ...


CALLS = timedelta(seconds=90)  # a provider gives up its own calls by then, well before the lease of a post ends
Known = Mapping[str, type[PostProvider]]
