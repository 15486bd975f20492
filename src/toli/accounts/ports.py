"""What signing in asks of the outside world."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A short text to one phone (E.164). ``kind`` says what for: ``code`` or ``welcome``."""

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
