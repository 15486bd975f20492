"""One row of a membership list: what it must hold, and what is wrong with it otherwise."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from toli.core.domain.phone import InvalidPhone, to_e164

REQUIRED = ("name", "phone", "territory")
OPTIONAL = ("language",)
LANGUAGES = ("hi", "en")
NAME_LIMIT = 120


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


def clean_name(text: str) -> str:
    """NFC, single spaces. Raises ValueError for an empty, overlong or letterless name."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > NAME_LIMIT or not any(unicodedata.category(char)[0] == "L" for char in name):
        raise ValueError("not a name")
    if any(unicodedata.category(char) in {"Cc", "Co", "Cs"} for char in name):
        raise ValueError("control characters in a name")
    return name


def parse_row(row: int, record: Mapping[str, str | None], *, default_language: str) -> ParsedRow | RowProblem:
    """The row as a person to enrol, or its first problem."""
    try:
        name = clean_name(record.get("name") or "")
    except ValueError:
        return RowProblem(row, "name_invalid", {})
    try:
        phone = to_e164(record.get("phone") or "")
    except InvalidPhone:
        return RowProblem(row, "phone_invalid", {})
    territory = (record.get("territory") or "").strip().upper()
    if not territory:
        return RowProblem(row, "territory_missing", {})
    language = (record.get("language") or "").strip().lower() or default_language
    if language not in LANGUAGES:
        return RowProblem(row, "language_unknown", {"language": language[:20]})
    return ParsedRow(row, name, phone, territory, language)
