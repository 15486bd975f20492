"""What signing in asks of the outside world."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A short text to one phone (E.164). ``kind`` says what for: ``code``, ``link`` or ``welcome``."""

    to: str
    text: str
    kind: str


class TextSender(Protocol):
    """A way to bring short texts to phones. The one in use is named by the setting TOLI_SENDER."""

    def send_many(self, messages: Iterable[TextMessage]) -> None:
        """Hand over all messages. Returns when they are durably accepted.

        Raises:
            DomainError of kind unavailable: none or not all could be handed over.
        """


@runtime_checkable
class KeepsTexts(Protocol):
    """A sender that keeps copies of what it sent, such as one that writes files. Others need not have these."""

    def count_texts(self, numbers: Sequence[str]) -> int:
        """How many kept messages went to these numbers (E.164) or mention one."""

    def forget_texts(self, numbers: Sequence[str]) -> int:
        """Remove them. Returns how many."""
