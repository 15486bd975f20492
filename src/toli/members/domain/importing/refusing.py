"""What columns hold that must not be stored, seen from their values, whatever they are called."""

import re
import unicodedata
from collections.abc import Iterable

_AADHAAR = re.compile(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}")
_SURE_CASTES = (
    "sc|st|obc|obc a|obc b|mbc|bca|bcb|ebc|sebc|vjnt|scheduled caste|scheduled tribe|other backward class"
    "|अनुसूचित जाति|अनुसूचित जनजाति|अन्य पिछड़ा वर्ग|पिछड़ा वर्ग|ओबीसी|एससी|एसटी"
)
_SURE_RELIGIONS = "hindu|muslim|sikh|buddhist|हिंदू|हिन्दू|मुस्लिम|मुसलमान|ईसाई|सिख|बौद्ध"
_KINDS = (  # kind; values of which one at least is there; others that stand beside them, and elsewhere
    ("caste", _SURE_CASTES, "bc|ews|nt|gen|general|ur|unreserved|सामान्य"),
    ("religion", _SURE_RELIGIONS, "islam|christian|jain|parsi|इस्लाम|जैन|पारसी"),
)
_SETS = tuple((kind, frozenset(sure.split("|")), frozenset(other.split("|"))) for kind, sure, other in _KINDS)
_ENOUGH = 2  # values, and at least four of five of all that are filled
_TIMES = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_TURNS = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def refused_values(cells: Iterable[str]) -> str:
    """Which kind of data that is never stored nearly all of the filled cells of a column are; "" for none."""
    filled = [cell for cell in (_plain(text) for text in cells) if cell]
    if len(filled) < _ENOUGH:
        return ""
    numbers = [re.sub("[ -]", "", cell) for cell in filled]
    if _most([is_aadhaar(cell) for cell in filled]) and not _most([number.startswith("91") for number in numbers]):
        return "aadhaar"
    for kind, sure, other in _SETS:
        if _most([cell in sure or cell in other for cell in filled]) and not sure.isdisjoint(filled):
            return kind
    return ""


def is_aadhaar(text: str) -> bool:
    """Whether it is a number of twelve digits with the check digit of an Aadhaar number (Verhoeff, 1969)."""
    if not _AADHAAR.fullmatch(text):
        return False
    check = 0
    for place, digit in enumerate(int(char) for char in reversed(text) if char.isdigit()):
        check = int(_TIMES[check][int(_TURNS[place % 8][digit])])
    return check == 0


def _most(signs: list[bool]) -> bool:
    return sum(signs) * 5 >= len(signs) * 4 and sum(signs) >= _ENOUGH


def _plain(cell: str) -> str:
    shown = "".join(char for char in cell if unicodedata.category(char) != "Cf")
    folded = unicodedata.normalize("NFKC", shown).casefold()
    digits = "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in folded)
    return " ".join(digits.replace(".", "").split())
