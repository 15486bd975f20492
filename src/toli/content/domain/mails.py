"""What mail programs show of a message before somebody opens it: one line for the subject, one from the text. Pure."""

import re

from toli.core.domain.shortened import shortened

SUBJECT_LIMIT = 120  # characters; telephones show about 40 of them
PREHEADER_LENGTH = 100
JOINERS = "\u200c\u200d"  # how signs of Hindi join, or do not; and several emoji become one
_ADDRESS = re.compile(r"https?://\S+")


def subject_fits(text: str) -> bool:
    """Whether it can be the subject: one line, not too long. None at all is one, too: the title takes its place."""
    return len(text) <= SUBJECT_LIMIT and all(sign.isprintable() or sign in JOINERS for sign in text)


def preheader_of(text: str) -> str:
    """What stands behind the subject in a list of messages: how the text begins, without addresses."""
    return shortened(" ".join(_ADDRESS.sub(" ", text).split()), PREHEADER_LENGTH)


def paragraphs_of(text: str) -> list[str]:
    """The text as it is set: an empty line begins another paragraph."""
    return [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
