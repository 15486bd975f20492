"""Looking at a file before anything of it is stored: what it is, what its columns hold, how its rows begin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from toli.core.domain.phone import masked
from toli.members.domain.importing import columns as meanings
from toli.members.domain.importing.normalising import people_of, place_shown
from toli.members.domain.importing.records import ROW
from toli.members.services.importing.list_file import ListFile, examine, kind_names, remap
from toli.members.services.importing.mappings import recall
from toli.members.services.importing.reports import problem_of

PREVIEW = 20
_LOOKED_AT = 200  # lines: enough for twenty rows among blank ones


@dataclass(frozen=True, slots=True)
class Refusal:
    """A column that is not read, as the file calls it, and what it holds in English and Hindi."""

    header: str
    kind: str


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it would be taken (with a masked number), or why it would not."""

    row: int
    name: str = ""
    phone: str = ""
    place: str = ""
    language: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FileLook:
    """``columns``: heading by field. ``missing``: fields without which nobody can be taken."""

    format: str
    encoding: str
    delimiter: str
    header_language: str
    headers: tuple[str, ...]
    columns: dict[str, str]
    refused: tuple[Refusal, ...]
    missing: tuple[str, ...]
    rows: tuple[PreviewRow, ...] = field(default=())


def look_at_file(*, path: Path, mapping: Mapping[str, str] | None = None, territory: str = "") -> FileLook:
    """What the file was found to be, with its first 20 rows. Nothing is stored.

    Raises:
        ListFileMissing, ListFormatUnknown, ListTooLarge, ColumnUnknown, ColumnRefused.
    """
    file = recall(examine(path, territory=territory))
    return look_of(remap(file, mapping) if mapping else file)


def look_of(file: ListFile) -> FileLook:
    """The same of a file that has been examined."""
    plan = file.plan
    return FileLook(
        plan.format,
        plan.encoding,
        plan.delimiter,
        file.header_language,
        file.headers,
        {column: heading for column, heading in zip(plan.columns, file.headers, strict=True) if column},
        tuple(Refusal(column.header, kind_names(column.kind)) for column in file.refused),
        tuple(meanings.missing(plan.columns, with_territory=bool(plan.territory))),
        tuple(_preview(file)),
    )


def _preview(file: ListFile) -> list[PreviewRow]:
    rows: list[PreviewRow] = []
    for records in islice(file.records(_LOOKED_AT), 1):
        people = people_of(records, default_language=file.plan.language, default_territory=file.plan.territory)
        rows += [
            PreviewRow(row, name, masked(phone), place_shown(place), language)
            for row, name, phone, place, language in people.frame.select(
                ROW, "name", "phone", "territory", "language"
            ).iter_rows()
        ]
        rows += [PreviewRow(problem.row, problem=problem_of(problem).message) for problem in people.problems]
    return sorted(rows, key=lambda row: row.row)[:PREVIEW]
