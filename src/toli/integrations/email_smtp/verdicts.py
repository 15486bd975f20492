"""What the replies of mail servers mean (RFC 5321, section 4.2; RFC 3463; RFC 7504; RFC 4954).

The same code says different things at different moments: 550 to our own address is about us, to the reader's address
about their mailbox, to the text about the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from toli.messaging.domain.verdicts import Verdict
from toli.messaging.ports import SendReceipt


class Step(StrEnum):
    """How far a conversation has come. Nothing was taken before ``TEXT`` is out."""

    CONNECT = "connect"
    LOGIN = "login"
    FROM = "from"
    TO = "to"
    DATA = "data"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Said:
    """A reply. ``enhanced``: the status of RFC 3463, such as 5.1.1; empty where the server knows none."""

    code: int
    enhanced: str = ""

    @classmethod
    def of(cls, code: int, text: str) -> "Said":
        """What of a reply is kept: never its words, in which addresses stand."""
        found = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", text)
        return cls(code, found[0] if found else "")

    @property
    def about(self) -> str:
        """What it is about: ``1`` address, ``2`` mailbox, ``7`` policy; empty: not said."""
        return self.enhanced.split(".")[1] if self.enhanced else ""

    @property
    def name(self) -> str:
        """For people."""
        return f"smtp_{self.code}" + (f"_{self.enhanced}" if self.enhanced else "")


# Wherever it is said.
ALWAYS: Mapping[int, Verdict] = {
    421: Verdict.SLOW_SENDER,  # too many connections, or the server goes down
    454: Verdict.SLOW_SENDER,  # it cannot look at passwords now
    530: Verdict.PAUSE_SENDER,  # a login, or TLS, is asked for
    534: Verdict.PAUSE_SENDER,
    535: Verdict.PAUSE_SENDER,  # login or password is wrong
    538: Verdict.PAUSE_SENDER,
}
# About the reader's address: it cannot be used any more.
NO_MAILBOX = frozenset({550, 551, 553, 556})
SLOW = frozenset({450, 451})


def receipt_of(step: Step, said: Said, *, mailbox: str) -> SendReceipt:
    """What became of a message whose step was answered with an error. ``mailbox``: the key of the reader's address."""
    verdict = _verdict(step, said)
    gone = verdict is Verdict.OTHER_CHANNEL
    return SendReceipt(verdict, code=said.name, expired=(mailbox,) if gone and mailbox else ())


def _verdict(step: Step, said: Said) -> Verdict:
    if said.code in ALWAYS:
        return ALWAYS[said.code]
    if 400 <= said.code < 500:
        about_reader = step is Step.TO and (said.about in {"1", "2"} or said.code not in SLOW)
        return Verdict.SLOW_RECIPIENT if about_reader else Verdict.SLOW_SENDER
    if 500 <= said.code < 600:
        return _refusal(step, said)
    return Verdict.UNKNOWN if step is Step.TEXT else Verdict.NOT_REACHED  # no reply that SMTP knows


def _refusal(step: Step, said: Said) -> Verdict:
    if step in {Step.CONNECT, Step.LOGIN}:
        return Verdict.PAUSE_SENDER  # they do not talk to us: nobody fares better
    if step is Step.FROM and said.code not in {552, 554}:
        return Verdict.PAUSE_SENDER  # it is our own address that they do not like
    if step is Step.TO and is_gone(said):
        return Verdict.OTHER_CHANNEL
    return Verdict.REFUSED


def is_gone(said: Said) -> bool:
    """Whether a refusal of the reader's address means that nobody is there. Not when it is a matter of policy, nor
    when the mailbox is full."""
    return said.code in NO_MAILBOX and said.about != "7" and said.enhanced != "5.2.2"
