"""Lines of separated values. The plain ones, nearly all of a list, are split together; the others one by one."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import polars as pl

from toli.members.domain.importing.records import ROW, Records, frame_of
from toli.members.domain.rows import RowProblem

LONGEST_CELL = 30  # lines: a cell that runs on for longer is a quotation mark that somebody forgot
_BLANKS = " \t\r\n"
_NO_TEXT = re.compile("[\ud800-\udfff\ufffd]")  # bytes kept as surrogates, and the sign for what was lost before


@dataclass(slots=True)
class _Odd:
    """Records that were read one by one, and which lines of the block they took."""

    taken: set[int] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


def read_lines(
    lines: Iterator[str], columns: Sequence[str], *, delimiter: str, first_row: int, size: int
) -> Iterator[Records]:
    """Records from the lines below a header, ``size`` lines at a time and whole records only.

    ``columns``: the field of each column, "" for one that is not taken. ``first_row`` is the number of the first
    line. A record has the number of its first line; blank lines are left out. A lone surrogate in a line stands
    for a byte that could not be decoded, U+FFFD for one that was lost before.
    """
    ahead: list[str] = []
    number, row = 0, first_row
    while True:
        ahead += islice(lines, size + LONGEST_CELL - len(ahead))
        if not ahead:
            return
        odd = _read_odd(ahead, size, columns, delimiter, row)
        used = max([min(size, len(ahead)), *(place + 1 for place in odd.taken)])
        simple = _read_simple(ahead[:used], odd.taken, columns, delimiter, row)
        frame = pl.concat([simple, frame_of(odd.rows, odd.cells, columns)]).sort(ROW) if odd.rows else simple
        yield Records(number, frame, tuple(odd.problems), row + used - 1)
        ahead, number, row = ahead[used:], number + 1, row + used


def cells_of(lines: Sequence[str], delimiter: str = ",") -> tuple[list[str], int]:
    """The cells of the record that begins on the first line, without spaces around them, and how many lines it has.

    Raises:
        ValueError: a quotation mark is not closed, or stands where none can.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        return [cell.strip() for cell in next(reader, [])], reader.line_num
    except csv.Error as error:
        raise ValueError(str(error)) from None


def _read_odd(lines: list[str], size: int, columns: Sequence[str], delimiter: str, first_row: int) -> _Odd:
    """What cannot be split at each delimiter: quotation marks, too many cells, bytes that are no text."""
    odd, width = _Odd(), len(columns)
    broken = _undecoded(lines)
    for place, line in enumerate(lines[:size]):
        if place in odd.taken or not (place in broken or '"' in line or line.count(delimiter) >= width):
            continue
        odd.taken.add(place)
        if place in broken:
            odd.problems.append(RowProblem(first_row + place, "encoding_broken", {}))
        else:
            _read_one(odd, lines, place, columns, delimiter, first_row)
    return odd


def _read_one(odd: _Odd, lines: list[str], place: int, columns: Sequence[str], delimiter: str, first_row: int) -> None:
    """One record. One of several lines must fill the header's columns exactly, so that a forgotten quotation
    mark spoils its own row and not all that follow."""
    row, width = first_row + place, len(columns)
    try:
        cells, length = cells_of(lines[place : place + LONGEST_CELL], delimiter)
    except ValueError:
        cells, length = [], 0
    if length == 0 or (length > 1 and len(cells) != width):
        odd.problems.append(RowProblem(row, "row_broken", {}))
    elif any(cells[width:]):
        odd.problems.append(RowProblem(row, "too_many_cells", {"columns": width}))
    elif any(cells):
        odd.rows.append(row)
        odd.cells.append(cells)
    odd.taken.update(range(place, place + length))


def _undecoded(lines: list[str]) -> frozenset[int]:
    """Places of lines with bytes that are no text in the file's encoding."""
    text = "".join(lines)
    if text.isascii() or not _NO_TEXT.search(text):
        return frozenset()
    return frozenset(place for place, line in enumerate(lines) if _NO_TEXT.search(line))


def _read_simple(
    lines: list[str], taken: set[int], columns: Sequence[str], delimiter: str, first_row: int
) -> pl.DataFrame:
    """Lines with at most as many delimiters as the header, none of them in a cell."""
    rows = [first_row + place for place in range(len(lines)) if place not in taken]
    plain = [line for place, line in enumerate(lines) if place not in taken] if taken else lines
    frame = pl.DataFrame({ROW: rows, "line": plain}, schema={ROW: pl.Int64(), "line": pl.String()})
    frame = frame.filter(pl.col("line").str.strip_chars(_BLANKS + delimiter) != "")
    cells = pl.col("line").str.strip_chars_end("\r\n").str.split_exact(delimiter, len(columns) - 1)
    names = [f"c{place}" for place in range(len(columns))]
    frame = frame.select(ROW, cells.struct.rename_fields(names).alias("cells")).unnest("cells")
    return frame.select(
        ROW,
        *[
            pl.col(name).fill_null("").str.strip_chars().alias(column)
            for name, column in zip(names, columns, strict=True)
            if column
        ],
    )
