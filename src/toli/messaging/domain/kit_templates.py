"""By which template a sender sends kits, as it is written in the sender's settings. Pure.

``toli_kit``: the template of this name, with all five places in their order. ``kit_{kit}: link, stop``: a template for
each kit, named after it, with these places only; the rest are its registered words. ``picture``, anywhere among the
places: a heading that is the kit's picture.
"""

import re
from dataclasses import dataclass

PARTS = ("title", "text", "link", "publisher", "stop")
PICTURE = "picture"
OF_KIT = "{kit}"
_NAME = re.compile(r"[\w.{}-]{1,200}")


@dataclass(frozen=True, slots=True)
class KitTemplate:
    """``name``: as the provider knows it, with ``{kit}`` for the short name of the kit. ``parts``: its places.
    ``picture``: its heading is a picture, without which the provider refuses it."""

    name: str
    parts: tuple[str, ...]
    picture: bool = False

    @property
    def of_one_kit(self) -> bool:
        """Whether its registered words are those of one kit."""
        return OF_KIT in self.name

    def for_kit(self, code: str) -> str:
        """The name for this kit."""
        return self.name.replace(OF_KIT, code)


def parse(text: str) -> KitTemplate | None:
    """What was written; None: nothing, so kits go out as free text. Raises ValueError: with what is wrong."""
    name, colon, rest = (part.strip() for part in text.partition(":"))
    if not name and not rest:
        return None
    parts = tuple(part.strip() for part in rest.split(",")) if colon else PARTS
    words = tuple(part for part in parts if part != PICTURE)
    if unknown := [part for part in words if part not in PARTS]:
        raise ValueError(", ".join(unknown))
    if not _NAME.fullmatch(name) or set("{}") & set(name.replace(OF_KIT, "")):
        raise ValueError(name)
    return KitTemplate(name, words, picture=PICTURE in parts)
