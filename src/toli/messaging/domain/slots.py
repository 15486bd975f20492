"""Places in the words of a batch that each message fills with its own: ``{{1}}`` its first word, ``{{stop}}`` the link
that stops such messages. Pure.
"""

import re
from collections.abc import Callable, Sequence

STOP = "{{stop}}"
_SLOT = re.compile(r"\{\{(\d|stop)\}\}")


def fill(text: str, words: Sequence[str], stop: Callable[[], str]) -> str:
    """The text with every place filled; a place for which there is no word is left as it stands."""

    def word(found: re.Match[str]) -> str:
        if found[1] == "stop":
            return stop()
        number = int(found[1])
        return words[number - 1] if 0 < number <= len(words) else found[0]

    return _SLOT.sub(word, text)
