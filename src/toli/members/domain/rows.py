"""One row of a membership list: what it must hold, and what is wrong with it otherwise."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from toli.core.domain.phone import InvalidPhone, to_e164
from toli.members.domain.legacy_fonts import is_legacy_hindi

REQUIRED = ("name", "phone", "territory")
OPTIONAL = ("language",)
LANGUAGES = ("hi", "en")
_LANGUAGE_NAMES = {
    **dict.fromkeys(("hindi", "hin", "हिन्दी", "हिंदी"), "hi"),
    **dict.fromkeys(("english", "eng", "अंग्रेज़ी", "अंग्रेजी"), "en"),
}
NAME_LIMIT = 120
_REFUSED = {"Cc", "Co", "Cs", "Zl", "Zp"}  # control, private, surrogate, line and paragraph separators
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LONG_NUMBER = re.compile(r"\d(?: ?\d){6,}")
_NUMBER_IN_NAME = re.compile(r"\d(?:[ -]?\d){6,}")
_FORMULA = ("=", "+", "@")  # how a spreadsheet knows one
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row that can be taken, if its territory exists. ``phone`` is E.164."""

    row: int
    name: str
    phone: str
    territory: str
    language: str


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was not taken: a stable code and values for its message. Never a number or a name."""

    row: int
    code: str
    params: Mapping[str, str | int]


def parse_row(row: int, record: Mapping[str, str | None], *, default_language: str) -> ParsedRow | RowProblem:
    """The row as a person to enrol, or its first problem."""
    try:
        name = clean_name(record.get("name") or "")
    except ValueError:
        return RowProblem(row, "name_invalid", {})
    if is_legacy_hindi(name):
        return RowProblem(row, "name_legacy_font", {})
    try:
        phone = to_e164(record.get("phone") or "")
    except InvalidPhone:
        return RowProblem(row, "phone_invalid", {})
    territory = (record.get("territory") or "").strip().upper()
    if not territory:
        return RowProblem(row, "territory_missing", {})
    if not territory.isprintable():
        return unknown_territory(row, territory)
    language = (record.get("language") or "").strip().lower() or default_language
    language = _LANGUAGE_NAMES.get(language, language)
    if language not in LANGUAGES:
        return RowProblem(row, "language_unknown", {"language": shown(language)})
    return ParsedRow(row, name, phone, territory, language)


def clean_name(text: str) -> str:
    """NFC, single spaces.

    Raises:
        ValueError: empty, overlong, without a letter, like a formula, with a number of seven digits or more, or with
            characters that hide or turn text around (the joiners that Indian scripts need are kept).
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    kinds = [unicodedata.category(char) for char in name]
    if (
        name[:1] in _FORMULA
        or len(name) > NAME_LIMIT
        or not any(kind[0] == "L" for kind in kinds)
        or _NUMBER_IN_NAME.search(name)
    ):
        raise ValueError("not a name")
    if not _REFUSED.isdisjoint(kinds) or not _TURNS.isdisjoint(name):
        raise ValueError("control characters in a name")
    return name


def unknown_territory(row: int, territory: str) -> RowProblem:
    """The same answer for a code that does not exist and for one outside the reader's area."""
    return RowProblem(row, "territory_unknown", {"territory": shown(territory)})


def shown(text: str) -> str:
    """``text`` as a problem may quote it: short, printable, and no number that could be a telephone's."""
    printable = "".join(char if char.isprintable() else "?" for char in text[:_SHOWN])
    return _LONG_NUMBER.sub("…", printable)
