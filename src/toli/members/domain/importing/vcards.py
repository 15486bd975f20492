"""Contact cards (vCard 2.1, 3.0 and 4.0: versit 1996, RFC 2426, RFC 6350) as telephones and mail programs write them.

Of a card only name, number and language are looked at; everything else is passed over unread, so that a picture or
a note that is folded wrongly spoils nothing.
"""

import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from toli.members.domain.importing.records import Records, frame_of
from toli.members.domain.rows import RowProblem

COLUMNS = ("name", "phone", "language")
_PROPERTY = re.compile(r'(?:[\w-]+\.)?(FN|N|TEL|LANG)((?:;(?:"[^"]*"|[^":;])*)*):(.*)', re.IGNORECASE | re.DOTALL)
_OWN = re.compile(r"(?:[\w-]+\.)?(X-[^:;]{1,60})[^:]*:(.*)", re.IGNORECASE)
_LABEL = "X-ABLABEL"  # holds what another property is called
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PARTS = re.compile(r"(?<!\\);")
_DIGIT = re.compile(r"\d")
_RANKS = ("pref", "cell", "mobile")


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    parameters: str
    value: str


def read_cards(lines: Iterator[str], *, size: int) -> Iterator[Records]:
    """Records of ``size`` cards at a time. The row of a card is its place in the file, from 1."""
    number = row = 0
    rows: list[int] = []
    cells: list[Sequence[str]] = []
    problems: list[RowProblem] = []
    for row, card in enumerate(_cards(lines), start=1):
        found = _read(row, card)
        if isinstance(found, RowProblem):
            problems.append(found)
        else:
            rows.append(row)
            cells.append(found)
        if row % size == 0:
            yield Records(number, frame_of(rows, cells, COLUMNS), tuple(problems), row)
            number, rows, cells, problems = number + 1, [], [], []
    if rows or problems:
        yield Records(number, frame_of(rows, cells, COLUMNS), tuple(problems), row)


def own_properties(lines: Iterable[str]) -> set[str]:
    """The names of properties that programs and people made up themselves."""
    found = (match for line in lines if (match := _OWN.match(line)))
    return {match[2].strip() if match[1].upper() == _LABEL else match[1] for match in found}


def _cards(lines: Iterator[str]) -> Iterator[list[str] | None]:
    """The lines of each card; None for one that begins and does not end."""
    card: list[str] | None = None
    for line in lines:
        mark = line.strip().upper()
        if mark == "BEGIN:VCARD":
            if card is not None:
                yield None
            card = []
        elif mark == "END:VCARD":
            if card is not None:
                yield card
            card = None
        elif card is not None:
            card.append(line.rstrip("\r\n"))
    if card is not None:
        yield None


def _read(row: int, card: list[str] | None) -> tuple[str, str, str] | RowProblem:
    if card is None:
        return RowProblem(row, "card_broken", {})
    properties = [found for line in _unfolded(card) if (found := _parse(line))]
    if any("\ufffd" in item.value or _surrogates(item.value) for item in properties):
        return RowProblem(row, "encoding_broken", {})
    phones = [item for item in properties if item.name == "TEL" and _DIGIT.search(item.value)]
    phone = max(phones, key=_rank).value if phones else ""
    if phone.lower().startswith("tel:"):
        phone = phone[4:].partition(";")[0]
    language = next((item.value for item in properties if item.name == "LANG"), "")
    return _name(properties), phone, language.split("-")[0]


def _unfolded(lines: list[str]) -> Iterator[str]:
    """Whole properties: a line that begins with a blank continues the one before; in quoted-printable text a line
    that ends in ``=`` is continued by the next."""
    whole: str | None = None
    for line in lines:
        if whole is not None and whole.endswith("=") and "QUOTED-PRINTABLE" in whole.upper().partition(":")[0]:
            whole = whole[:-1] + line
        elif whole is not None and line[:1] in (" ", "\t"):
            whole += line[1:]
        else:
            if whole is not None:
                yield whole
            whole = line
    if whole is not None:
        yield whole


def _parse(line: str) -> _Property | None:
    match = _PROPERTY.fullmatch(line)
    if match is None:
        return None
    name, parameters, value = match[1].upper(), match[2].lower(), match[3]
    if "quoted-printable" in parameters:
        charset = re.search(r"charset=\"?([\w-]+)", parameters)
        value = _decoded(quopri.decodestring(value.encode("utf-8", "surrogateescape")), charset[1] if charset else "")
    return _Property(name, parameters, value)


def _decoded(text: bytes, charset: str) -> str:
    try:
        return text.decode(charset or "utf-8", errors="replace")
    except LookupError:  # a charset that does not exist
        return text.decode(errors="replace")


def _rank(item: _Property) -> int:
    """A mobile number goes before others, the preferred one before all, a fax last; of equals the first."""
    if "fax" in item.parameters or "pager" in item.parameters:
        return -1
    return sum(4 - place for place, word in enumerate(_RANKS) if word in item.parameters)


def _name(properties: list[_Property]) -> str:
    """The formatted name, or given and family name."""
    formatted = next((item.value for item in properties if item.name == "FN" and item.value.strip()), "")
    if formatted:
        return _plain(formatted)
    parts = next((_PARTS.split(item.value) for item in properties if item.name == "N"), [])
    family, given = [*map(_plain, parts[:2]), "", ""][:2]
    return f"{given} {family}".strip()


def _plain(value: str) -> str:
    return " ".join(_ESCAPED.sub(lambda match: " " if match[1] in "nN" else match[1], value).split())


def _surrogates(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
