"""What signing in asks of the outside world."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, runtime_checkable

from toli.accounts.domain.sending import Outcome


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A short text to one phone (E.164). ``kind`` says what for (``code``, ``welcome`` ...): one kind, one
    wording, registered as such with operators.

    ``code``: the digits alone, of a one-time code, for senders that write the words around it themselves.
    Number and words are not shown in tracebacks.
    """

    to: str = field(repr=False)
    text: str = field(repr=False)
    kind: str
    language: str = "hi"
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one text. ``sender``: the key of who had it last. ``reason``: a stable word, nothing that the
    provider wrote; ``reference``: the provider's own name for the text, for asking them about it."""

    outcome: Outcome
    sender: str = ""
    reason: str = ""
    reference: str = ""


class TextSender(Protocol):
    """A way to bring short texts to phones.

    Each is named in settings.TEXT_SENDERS and passes tests/contracts/test_text_sender.py. Which are used, in which
    order, says the setting TOLI_SENDER.
    """

    key: ClassVar[str]
    distant: ClassVar[bool]  # asks somebody over a network, so that whoever sends may have to wait

    def objection(self, message: TextMessage) -> str:
        """Why this sender cannot carry the message, as a stable word; empty when it can. Asks nobody."""

    def send_many(self, messages: Sequence[TextMessage]) -> Sequence[Receipt]:
        """Hand over all messages. One receipt for each, in order; never raises for what the provider does.

        Bounded in time: what could not be begun any more is ``down`` with the reason ``not_tried``.
        """


@runtime_checkable
class KeepsTexts(Protocol):
    """A sender that keeps copies of what it sent, such as one that writes files. Others need not have these."""

    def count_texts(self, numbers: Sequence[str]) -> int:
        """How many kept messages went to these numbers (E.164) or mention one."""

    def forget_texts(self, numbers: Sequence[str]) -> int:
        """Remove them. Returns how many."""


@runtime_checkable
class ShowsRequests(Protocol):
    """A sender that can show what it would ask of its provider, without the secret."""

    def preview(self, message: TextMessage) -> dict[str, object]:
        """The request as JSON values: method, address, headers and body; the secret and the number masked."""


def all_accepted(sender: str, messages: Sequence[TextMessage]) -> list[Receipt]:
    """Receipts of a sender that has brought every message to where it belongs."""
    return [Receipt(Outcome.ACCEPTED, sender) for _ in messages]
