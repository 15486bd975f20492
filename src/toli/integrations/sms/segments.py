"""How many pieces a text is sent, and paid for, in.

GSM 03.38 (3GPP TS 23.038): 160 characters of the default alphabet fit into one piece, 153 into each of several.
Text with any other character is sent as UTF-16: 70, and 67. Characters of the extension table count twice.
"""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Size:
    """``unicode``: it does not fit into the GSM alphabet. ``units``: septets, or UTF-16 units. ``segments``: pieces."""

    unicode: bool
    units: int
    segments: int


def size_of(text: str) -> Size:
    """How large a text is on its way."""
    unicode = not all(char in BASIC or char in EXTENSION for char in text)
    if unicode:
        costs = [2 if ord(char) > 0xFFFF else 1 for char in text]
    else:
        costs = [2 if char in EXTENSION else 1 for char in text]
    alone, each = (70, 67) if unicode else (160, 153)
    units = sum(costs)
    return Size(unicode, units, 1 if units <= alone else _pieces(costs, each))


def _pieces(costs: list[int], room: int) -> int:
    """A character that takes two places is never cut in two."""
    pieces, filled = 1, 0
    for cost in costs:
        if filled + cost > room:
            pieces, filled = pieces + 1, 0
        filled += cost
    return pieces
