"""What a member reads when a kit comes to them directly: text, own link, who says it, how to stop it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from toli.messaging.domain.kit_templates import PARTS
from toli.messaging.domain.slots import STOP, fill

LINK = "{{1}}"  # each member's own
_SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class Wording:
    """One variant of a kit in one language. ``notes``: imprint, label of AI, certificate: what must not be missing.

    ``way_out``: the line that says how to stop such messages, with the place of the link in it. ``subject``: of an
    e-mail, where it is not the title.
    """

    language: str
    title: str
    text: str
    notes: tuple[str, ...]
    way_out: str
    subject: str = ""

    def free(self) -> str:
        """As free text. The link stands right behind the text, as where members share it."""
        return "\n\n".join((self.title, f"{self.text}\n{LINK}", "\n".join((*self.notes, self.way_out))))

    def params(self, parts: Sequence[str] = PARTS) -> tuple[str, ...]:
        """For a template with these places, each on one line: providers refuse line breaks inside of a place."""
        every = {
            "title": self.title,
            "text": self.text,
            "link": LINK,
            "publisher": _SEPARATOR.join(self.notes),
            "stop": STOP,
        }
        return tuple(" ".join(every[part].split()) for part in parts)

    def read(self, *, link: str, stop: str, parts: Sequence[str] | None = None) -> str:
        """What one member reads; of a template, its places with a blank between each two."""
        text = self.free() if parts is None else " ".join(self.params(parts))
        return fill(text, [link], lambda: stop)
