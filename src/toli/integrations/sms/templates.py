"""Texts registered with the operators (DLT, a duty in India), and whether a message is one of them.

Operators compare what is sent with what was registered, character by character, and drop what differs after it was
paid for. So it is compared here first. A variable ``{#var#}`` stands for 30 characters at most and is repeated
where more are needed; tagged ones (``{#numeric#}``, ``{#alphanumeric#}``, ``{#url#}`` ...) say what may stand there.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

_VARIABLE = re.compile(r"\{#(\w+)#\}")
_TAGS = {
    "var": r"[^\n]{0,30}",
    "numeric": r"[0-9]{1,30}",
    "number": r"[0-9]{1,30}",
    "alphanumeric": r"[^\n]{0,40}",
    "url": r"\S+",
    "urlott": r"\S+",
    "cbn": r"[0-9+ -]{3,20}",
    "email": r"\S+@\S+",
}


@dataclass(frozen=True)
class Template:
    """A registered text: the operator's id of it, and its words with variables in them."""

    id: str
    text: str

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        literal = _VARIABLE.split(self.text)
        parts = [re.escape(part) if place % 2 == 0 else _TAGS[part] for place, part in enumerate(literal)]
        return re.compile("".join(parts))

    def filled(self, words: Sequence[str]) -> str:
        """The text with these in place of its variables, in their order. Raises ValueError: there are more or fewer."""
        literal = _VARIABLE.split(self.text)[::2]
        if len(words) != len(literal) - 1:
            raise ValueError(len(words))
        return literal[0] + "".join(word + part for word, part in zip(words, literal[1:], strict=True))

    def fits(self, message: str) -> bool:
        """Whether the operators would find the message in this text."""
        return self._pattern.fullmatch(message) is not None


Templates = Mapping[tuple[str, str], Template]  # by kind and language


def problem_with(template_id: str, text: str) -> str:
    """Why this cannot be a registered template; empty when it can."""
    if not re.fullmatch(r"[0-9]{12,19}", template_id):
        return "id: write the 12 to 19 digits that the operator gave for it"
    unknown = sorted({tag for tag in _VARIABLE.findall(text) if tag not in _TAGS})
    if unknown:
        return f"text: unknown variable {{#{unknown[0]}#}}; known are {', '.join(_TAGS)}"
    return "" if text.strip() else "text: write the registered text"
