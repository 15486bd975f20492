"""What messaging asks of the outside world."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

import aiohttp

from toli.core.domain.storable import readable, storable
from toli.messaging.domain.slots import fill
from toli.messaging.domain.states import Tidings
from toli.messaging.domain.verdicts import Verdict

REF_LENGTH, CODE_LENGTH, TEXT_LENGTH = 120, 40, 4096  # of what providers say that is kept


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry. ``body_length``: characters; ``template_length``: of a template that is filled in;
    ``caption_length``: of free text with a picture (0: no limit of its own), beyond which it goes without.
    ``needs_template``: free text is refused outside of a conversation. ``reports``: the provider tells what became of
    a message, so that an unknown one can be settled. ``answers_freely``: whoever has just written to us may be answered
    in free text, though templates are needed otherwise. ``free``: a message costs nothing unless a price is written
    down for the sender."""

    media: tuple[str, ...] = ()
    buttons: int = 0
    body_length: int = 4096
    template_length: int = 1024
    caption_length: int = 0
    needs_template: bool = False
    reports: bool = True
    answers_freely: bool = False
    free: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What a batch says. With ``template``: the name that the provider approved, and ``text`` is for our own eyes.

    ``subject``: the line above the text where a channel has one; empty: the text's first line. ``media``: a kind
    (``image``, ``video``, ``document``) with the address it is at, or the provider's id of it, and what it shows.
    ``notes``: parts of ``text`` that the law wants read, such as the imprint: where a channel shows less, these stay.
    ``buttons``: what a reader can answer with, as (id, label). ``slots``: ``text`` and ``params`` hold places that the
    words of each message fill (messaging/domain/slots.py); else those words are the ``params``.
    """

    text: str = ""
    template: str = ""
    language: str = "en"
    params: tuple[str, ...] = ()
    media: str = ""
    media_link: str = ""
    media_id: str = ""
    media_alt: str = ""
    subject: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    slots: bool = False
    notes: tuple[str, ...] = ()

    def told(self, words: Sequence[str], stop: Callable[[], str]) -> "Content":
        """What one member reads, whose own words these are. ``stop``: the link that ends such messages for them."""
        if not self.slots:
            return replace(self, params=tuple(words)) if words else self
        params = tuple(fill(param, words, stop) for param in self.params)
        return replace(self, text=fill(self.text, words, stop), params=params)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Content":
        """As it was stored."""
        buttons = tuple((str(key), str(label)) for key, label in found.get("buttons", ()))
        lists = {name: tuple(found.get(name, ())) for name in ("params", "notes")}
        return cls(**{**found, **lists, "buttons": buttons})


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address: a number, or whatever the channel's address book keeps. ``correlation`` comes back
    in what the provider reports about it. ``stop``: the link that ends such messages for its reader, for providers
    that have a place of their own for it; empty where nothing can be stopped."""

    to: str = field(repr=False)
    content: Content
    params: tuple[str, ...] = field(repr=False)
    correlation: str
    stop: Callable[[], str] = field(default=str, repr=False)


Payload = bytes


@dataclass(frozen=True, slots=True)
class SendReceipt:
    """What became of one payload. ``code``: the provider's own, for people; never what it wrote. ``expired``: keys of
    addresses that lead nowhere any more, where an address of a member is made of several."""

    verdict: Verdict
    ref: str = ""
    code: str = ""
    retry_after: float | None = None
    expired: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _keepable(self, ref=REF_LENGTH, code=CODE_LENGTH)


class Flight(Protocol):
    """The journey of a batch: an open line, a limit of time, and a place in time for each payload."""

    session: aiohttp.ClientSession

    async def each(
        self,
        payloads: Sequence[Payload],
        send: Callable[[Payload], Awaitable[SendReceipt]],
        *,
        at_once: int | None = None,
    ) -> list[SendReceipt]:
        """``send`` for each payload, none faster than the limits and none after the time is over. Receipts in order.

        ``at_once``: no more than so many calls side by side, where they share one line.
        """
        ...


@dataclass(frozen=True, slots=True)
class Callback:
    """What a provider sent us. ``headers`` in lower case."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"


class CallbackRejected(Exception):
    """The signature is wrong, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """What became of a message. Found by ``correlation`` where it was echoed, else by ``ref``."""

    tidings: Tidings
    ref: str
    correlation: str
    at: datetime
    verdict: Verdict | None = None
    code: str = ""

    def __post_init__(self) -> None:
        _keepable(self, ref=REF_LENGTH, correlation=REF_LENGTH, code=CODE_LENGTH)


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """Somebody wrote to us."""

    ref: str
    sender: str = field(repr=False)
    text: str = field(repr=False)
    kind: str
    at: datetime

    def __post_init__(self) -> None:
        _keepable(self, ref=REF_LENGTH, sender=20, kind=20)
        object.__setattr__(self, "text", readable(self.text, TEXT_LENGTH))


def _keepable(found: object, **fields: int) -> None:
    """What providers call things reaches no statement before it can be kept, whichever provider it is."""
    for name, most in fields.items():
        object.__setattr__(found, name, storable(getattr(found, name), most))


ProviderEvent = StatusEvent | InboundEvent


class ChannelProvider(Protocol):
    """One way to reach people, such as the WhatsApp Cloud API or SMTP, with the settings of one sender.

    Every provider in settings.CHANNEL_PROVIDERS runs tests/contracts/test_channel_provider.py.
    """

    key: ClassVar[str]  # stored in the database: never renamed, never reused
    channel: ClassVar[str]  # what members consent to (members/domain/purposes.py)
    capabilities: ClassVar[Capabilities]
    settings_schema: ClassVar[type]  # a frozen dataclass; the console builds the sender form from its fields
    lingers: timedelta  # how long what was taken can still arrive, where it is ours to say: so far the law is asked

    def __init__(self, settings: Any) -> None: ...

    def render(self, letter: Letter) -> Payload:
        """Build the request body. Pure. Raises MessageRefused if it cannot be expressed."""
        ...

    async def send(self, payloads: Sequence[Payload], *, flight: Flight) -> list[SendReceipt]:
        """Hand payloads over, by ``flight.each``. One receipt for each, in order; raises nothing."""
        ...

    def greet(self, callback: Callback) -> bytes:
        """The answer to the provider's question whether this address is ours. Raises CallbackRejected."""
        ...

    def verify(self, callback: Callback) -> None:
        """Whether the provider signed these bytes, in constant time. Raises CallbackRejected."""
        ...

    def parse_callback(self, body: bytes) -> Sequence[ProviderEvent]:
        """What a verified callback says. Pure; what is not understood is left out. Raises CallbackRejected."""
        ...


class ReadsBySettings(Protocol):
    """A provider whose reports are read as its sender's settings say, by those that everybody may know."""

    @classmethod
    def reader(cls, config: Mapping[str, Any]) -> ChannelProvider:
        """What reads reports and does nothing else: it has no keys."""
        ...


class Queue(Protocol):
    """What else waits to go out, kept by a context above this one."""

    def cancel_queued(self) -> int:
        """Call off what waits, as it may have gone out after a backup was made. Returns how much."""
        ...


_queues: list[Queue] = []


def register_queue(queue: Queue) -> None:
    """Ask this one as well when a backup was restored. Called once, when the application starts."""
    _queues.append(queue)


def queues() -> tuple[Queue, ...]:
    """Everybody who has to be asked."""
    return tuple(_queues)


class NotifiesDevices(Protocol):
    """What a provider of notifications is asked for beside sending."""

    public_key: str  # what browsers have to know of us, in base 64 for addresses

    def accepts(self, endpoint: str) -> bool:
        """Whether this is the address of a push service that we send to: browsers can name any."""
        ...
