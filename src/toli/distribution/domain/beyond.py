"""What of a recalled kit is in people's own hands already, and what is done instead of taking it back. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from toli.members.domain.purposes import Channel
from toli.messaging.domain.states import State

MAY_HAVE_GONE = (State.SENDING, State.UNKNOWN)


class Instead(StrEnum):
    """What is done about a message that nobody can take back."""

    PAGE_REPLACED = "page_replaced"  # its link leads to a page that says that the kit was withdrawn
    LEFT_TODAY = "left_today"  # a tap on it leads to today's page, where the kit does not stand any more


@dataclass(frozen=True, slots=True)
class Beyond:
    """Messages of one channel: that surely arrived, that a provider took and has said no more of, that may have gone.

    ``channel``: what members agree to, such as ``email``.
    """

    channel: str
    delivered: int
    accepted: int
    uncertain: int

    @property
    def out(self) -> int:
        """How many had gone, as far as anybody knows."""
        return self.delivered + self.accepted

    @property
    def instead(self) -> Instead:
        return Instead.LEFT_TODAY if self.channel == Channel.PUSH else Instead.PAGE_REPLACED


def beyond_recall(fates: Iterable[tuple[str, Mapping[str, int]]]) -> tuple[Beyond, ...]:
    """By channel, what is out of our hands, most first; ``fates``: a channel with its messages by state, repeatable."""
    totals: dict[str, Counter[str]] = {}
    for channel, states in fates:
        totals.setdefault(channel, Counter()).update(states)
    found = [
        Beyond(
            channel,
            delivered=states[State.DELIVERED] + states[State.READ],
            accepted=states[State.SENT],
            uncertain=sum(states[state] for state in MAY_HAVE_GONE),
        )
        for channel, states in totals.items()
    ]
    left = [item for item in found if item.out or item.uncertain]
    return tuple(sorted(left, key=lambda item: (-item.out, -item.uncertain, item.channel)))
