"""A membership list on disk: looked at from beginning to end first, then read piece by piece."""

import codecs
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from toli.members.domain.importing import columns as meanings
from toli.members.domain.importing import detecting, vcards
from toli.members.domain.importing.columns import FIELDS, REFUSED, RefusedColumn
from toli.members.domain.importing.plans import Plan
from toli.members.domain.importing.records import Records
from toli.members.domain.importing.separated import cells_of, read_lines
from toli.members.domain.legacy_fonts import is_legacy_hindi
from toli.members.errors import (
    ColumnRefused,
    ColumnUnknown,
    ListFileMissing,
    ListFormatUnknown,
    ListHeaderWrong,
    ListLegacyFont,
)
from toli.members.services.importing import spreadsheets

_HEAD = 64 << 10  # bytes that the kind of file is judged by
_HEAD_LINES = 50
_BLOCK = 1 << 20
_LOOKED_AT = 200  # lines that the font of the names is judged by


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file and how it is read. ``lines``: the number of its last row (0: not counted), for progress."""

    path: Path
    plan: Plan
    headers: tuple[str, ...]
    refused: tuple[RefusedColumn, ...]
    header_language: str
    lines: int
    sha256: str

    def records(self, size: int) -> Iterator[Records]:
        """All rows below the header, numbered as an editor shows them, in pieces of ``size`` lines."""
        plan = self.plan
        if plan.format == detecting.XLSX:
            yield from spreadsheets.read_sheet(
                self.path, plan.sheet, plan.columns, header_row=plan.header_row, size=size
            )
            return
        with self.path.open(encoding=plan.encoding, errors=_errors(plan.encoding)) as lines:
            if plan.format == detecting.VCARD:
                yield from vcards.read_cards(lines, size=size)
                return
            for _line in islice(lines, plan.header_row):
                pass
            yield from read_lines(
                lines, plan.columns, delimiter=plan.delimiter, first_row=plan.header_row + 1, size=size
            )


def examine(path: Path, *, territory: str = "", language: str = "hi") -> ListFile:
    """Find out what the file is and propose what its columns mean.

    Raises:
        ListFileMissing, ListFormatUnknown, ListTooLarge.
    """
    if not path.is_file():
        raise ListFileMissing(file=path.name)
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    plan = Plan(detecting.format_of(head), territory=territory.strip().upper(), language=language)
    if plan.format == detecting.UNKNOWN:
        raise ListFormatUnknown
    if plan.format == detecting.XLSX:
        spreadsheets.check(path)
        rows, lines = spreadsheets.head(path, plan.sheet), spreadsheets.rows_of(path, plan.sheet)
    else:
        plan = replace(plan, encoding=_encoding(path, head))
        rows, plan, lines = _text_head(path, plan)
    if plan.format == detecting.VCARD:
        return ListFile(
            path, replace(plan, columns=vcards.COLUMNS), vcards.COLUMNS, _barred(path, plan), "en", lines, sha256
        )
    header = next((place for place, cells in enumerate(rows) if meanings.looks_like_header(cells)), 0)
    headers = tuple(rows[header]) if rows else ()
    proposal = meanings.propose(headers, rows[header + 1 :])
    plan = replace(plan, header_row=header + 1, columns=proposal.columns)
    return ListFile(path, plan, headers, proposal.refused, proposal.language, lines, sha256)


def remap(file: ListFile, mapping: Mapping[str, str]) -> ListFile:
    """The same file, with these fields (field -> heading, "" for none) instead of what was proposed.

    Raises:
        ColumnUnknown: there is no such field or heading. ColumnRefused: such data is never stored.
    """
    by_heading = {meanings.plain(header): place for place, header in reversed(list(enumerate(file.headers)))}
    places: dict[str, int | None] = {}
    for field, heading in mapping.items():
        places[field] = by_heading.get(meanings.plain(heading)) if heading else None
        if field not in FIELDS or (heading and places[field] is None):
            raise ColumnUnknown(column=heading or field)
    return place_fields(file, places)


def place_fields(file: ListFile, places: Mapping[str, int | None]) -> ListFile:
    """The same file, with these fields at these columns (counted from 0; None: nowhere). Raises ColumnRefused."""
    columns = list(file.plan.columns)
    barred = {column.place: column for column in file.refused}
    for field, place in places.items():
        if place in barred:
            raise ColumnRefused(column=barred[place].header, kind=kind_names(barred[place].kind))
        columns = ["" if column == field else column for column in columns]
        if place is not None:
            columns[place] = field
    return replace(file, plan=replace(file.plan, columns=tuple(columns)))


def require_columns(file: ListFile) -> None:
    """Raises ListHeaderWrong, naming what is missing. ListLegacyFont: many of the first names are not in Unicode."""
    lacks = meanings.missing(file.plan.columns, with_territory=bool(file.plan.territory))
    if lacks:
        raise ListHeaderWrong(columns=", ".join(lacks))
    for records in islice(file.records(_LOOKED_AT), 1):
        given = [name for name in ("name", "given_name", "family_name") if name in records.frame.columns]
        names = [name for column in given for name in records.frame[column] if name]
        legacy = sum(map(is_legacy_hindi, names))
        if legacy > 1 and legacy * 5 >= len(names):  # such a list holds others that we do not know
            raise ListLegacyFont


def kind_names(kind: str) -> str:
    """What is refused, in English and in Hindi, whatever the language of the page."""
    english, hindi = REFUSED[kind]
    return f"{english} / {hindi}"


def _barred(path: Path, plan: Plan) -> tuple[RefusedColumn, ...]:
    """Properties of contact cards that hold what must not be stored. No card is read for them."""
    with path.open(encoding=plan.encoding, errors=_errors(plan.encoding)) as lines:
        found = {name: kind for name in vcards.own_properties(lines) if (kind := meanings.refused_kind(name))}
    return tuple(RefusedColumn(-1, name, kind) for name, kind in found.items())


def _errors(encoding: str) -> str:
    return "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"


def _encoding(path: Path, head: bytes) -> str:
    seen = detecting.encoding_by_sight(head)
    if seen and not seen.startswith("utf-8"):
        return seen
    decode = codecs.getincrementaldecoder("utf-8")().decode
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decode(block)
            decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            return seen or detecting.encoding_of_lines(file)
    return "utf-8-sig"


def _text_head(path: Path, plan: Plan) -> tuple[list[list[str]], Plan, int]:
    """The cells of the first rows, the delimiter, and the number of lines."""
    with path.open(encoding=plan.encoding, errors=_errors(plan.encoding)) as file:
        head = list(islice(file, _HEAD_LINES))
        lines = len(head)
        if plan.format == detecting.VCARD:
            return [], plan, sum(line.strip().upper() == "BEGIN:VCARD" for line in [*head, *file])
        lines += sum(1 for _line in file)
    delimiter = detecting.named_delimiter(head[0]) if head else ""
    plan = replace(plan, delimiter=delimiter or detecting.delimiter_of(head))
    return [_cells(head, place, plan.delimiter) for place in range(len(head))], plan, lines


def _cells(lines: Sequence[str], place: int, delimiter: str) -> list[str]:
    try:
        return cells_of(lines[place : place + 1], delimiter)[0]
    except ValueError:
        return []
