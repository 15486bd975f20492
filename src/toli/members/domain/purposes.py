"""What an address may be used for, and by which way; consent is given and withdrawn for each pair of the two."""

from collections.abc import Mapping
from enum import StrEnum


class Purpose(StrEnum):
    """``MEMBERSHIP``: card, group, notices about the membership itself. ``CONTENT``: daily material."""

    MEMBERSHIP = "membership"
    CONTENT = "content"


class Channel(StrEnum):
    """The ways by which a person can be reached. New ones go to the end (see domain/withdrawal.py)."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    CALL = "call"
    PUSH = "push"
    EMAIL = "email"


PURPOSES = tuple(purpose.value for purpose in Purpose)
CHANNELS = tuple(channel.value for channel in Channel)

# What the notice asks about: a word that names no channel is a word on these. A no always covers every channel.
# Notifications and e-mail are asked about on their own, where somebody has seen what they are good for.
ASKED: Mapping[str, tuple[str, ...]] = {
    Purpose.MEMBERSHIP: (Channel.SMS.value, Channel.WHATSAPP.value, Channel.TELEGRAM.value, Channel.CALL.value),
    Purpose.CONTENT: (Channel.SMS.value, Channel.WHATSAPP.value),
}
# No message at all: to stand by name beside those of one's own team who agreed to it as well. Off until said yes to.
RECOGNITION = "recognition"
PAGES = "pages"

# Being a member is the ground for writing about the membership, until the member says no to a channel.
ALLOWED_UNTIL_REFUSED = frozenset({Purpose.MEMBERSHIP.value})

# No purpose that anybody could agree to or refuse: what the law obliges us to tell people, and nothing else. Each
# kind of text that may leave this way stands here with its law. It carries no link that stops it, as nothing can.
DUTY = "duty"
DUTIES: Mapping[str, str] = {"breach": "Digital Personal Data Protection Act 2023, section 8(6)"}

# No purpose either: one answer to what somebody has just written to us. It carries no link that stops it.
ANSWER = "answer"


def purpose_of_message(text: str) -> str:
    """What a message is sent for. Raises ValueError: there is no such purpose."""
    return ANSWER if text == ANSWER else Purpose(text).value


def stands(word: bool | None, purpose: str) -> bool:
    """Whether an address may be used, given the latest word on purpose and channel (None: never asked)."""
    return purpose in ALLOWED_UNTIL_REFUSED if word is None else word
