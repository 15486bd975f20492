"""What a notification says. Pure.

Push services cannot read it, but it stands on a locked screen: so it holds a few words and nothing of the person. Lines
with links are left out, as links are somebody's own; a tap opens the page of today, where everything stands. What the
law wants read, such as the imprint, is there whole, however long the rest is.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from toli.core.domain.shortened import shortened
from toli.integrations.web_push.vapid import encoded
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Capabilities, Letter

CAPABILITIES = Capabilities(media=("image",), body_length=4096, reports=False, free=True)
SHOWN = 120  # characters; phones show no more without a touch
LEAST = 40  # characters of the words themselves, also below a long imprint
PAGE = "/me"


def note_of(letter: Letter, title: str) -> dict[str, str]:
    """What the browser shows. ``tag``: the same for each try of a message, so that the later takes the place of the
    earlier. Raises MessageRefused."""
    text = letter.content.text
    if len(text) > CAPABILITIES.body_length:
        raise MessageRefused(reason="too_long")
    notes = [" ".join(item.split()) for item in letter.content.notes if item.strip()]
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip() and "://" not in line]
    words = [line for line in lines if line not in notes]
    if not words:
        raise MessageRefused(reason="empty")
    note = {"title": title, "body": body_of(" ".join(words), notes), "path": PAGE, "tag": tag_of(letter.correlation)}
    if letter.content.media == "image":
        note["image"] = urlsplit(letter.content.media_link).path  # shown from our own origin, whatever the address says
    elif letter.content.media:
        raise MessageRefused(reason="media")
    return note


def body_of(words: str, notes: Sequence[str]) -> str:
    """The words, shortened as far as the notes below them need the room; the notes are never cut."""
    foot = " · ".join(notes)
    if not foot:
        return shortened(words, SHOWN)
    return f"{shortened(words, max(SHOWN - len(foot) - 1, LEAST))}\n{foot}"


def tag_of(correlation: str) -> str:
    """32 characters for the message, whichever call it is (also its Topic, RFC 8030, section 5.4)."""
    return encoded(hashlib.sha256(correlation.partition(".")[0].encode()).digest()[:24])


def devices_of(letter: Letter) -> list[dict[str, str]]:
    """Where it goes. Raises MessageRefused: the address is none of ours."""
    try:
        found: Any = json.loads(letter.to)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise MessageRefused(reason="no_device")
    return found
