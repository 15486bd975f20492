"""Spreadsheets (XLSX): values only, never formulas, and no archive that swells up when it is opened."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import polars as pl

from toli.members.domain.importing.records import ROW, Records
from toli.members.errors import ListFormatUnknown, ListTooLarge

MOST_BYTES = 1 << 30  # of all parts, unpacked: a full sheet of twelve columns
MOST_PARTS = 2000
_HEAD = 50  # rows in which the header is looked for
_BLOCK = 1 << 20
_LOCAL_HEADER = 30


def check(path: Path) -> None:
    """Unpack every part, counting and keeping nothing: what the archive says about its own size may be a lie.

    Raises:
        ListFormatUnknown: it is no spreadsheet. ListTooLarge: it would take more than the limit.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                raise ListFormatUnknown
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            raise ListTooLarge(megabytes=MOST_BYTES >> 20)
        left = MOST_BYTES
        for part in parts:
            left -= _unpacked(path, part, left)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError):
        raise ListFormatUnknown from None


def head(path: Path, sheet: int) -> list[list[str]]:
    """The cells of the first rows."""
    frame = _load(path, sheet, rows=_HEAD)
    return [[(cell or "").strip() for cell in row] for row in frame.iter_rows()]


def read_sheet(path: Path, sheet: int, columns: tuple[str, ...], *, header_row: int, size: int) -> Iterator[Records]:
    """Records of ``size`` rows at a time, numbered as the spreadsheet shows them; empty rows are left out."""
    frame = _load(path, sheet, rows=None).with_row_index(ROW, offset=1).cast({ROW: pl.Int64})
    frame = frame.filter(pl.col(ROW) > header_row)
    names = [name for name in frame.columns if name != ROW]
    wanted = [
        pl.col(name).fill_null("").str.strip_chars().alias(column)
        for name, column in zip(names, columns, strict=False)
        if column
    ]
    filled = pl.any_horizontal(pl.col(name).fill_null("").str.strip_chars() != "" for name in names)
    for number, piece in enumerate(frame.iter_slices(size)):
        yield Records(number, piece.filter(filled).select(ROW, *wanted), (), int(piece[ROW][-1]))


def rows_of(path: Path, sheet: int) -> int:
    """The number of the last row."""
    return int(fastexcel.read_excel(path).load_sheet(sheet, header_row=None, skip_rows=0, n_rows=1).total_height)


def _load(path: Path, sheet: int, *, rows: int | None) -> pl.DataFrame:
    try:
        book = fastexcel.read_excel(path)
        loaded = book.load_sheet(sheet, header_row=None, skip_rows=0, n_rows=rows, dtypes="string")
    except fastexcel.FastExcelError:
        raise ListFormatUnknown from None
    return loaded.to_polars()


def _unpacked(path: Path, part: zipfile.ZipInfo, most: int) -> int:
    """How many bytes a part really has. Raises ListTooLarge."""
    with path.open("rb") as file:
        file.seek(part.header_offset)
        local = file.read(_LOCAL_HEADER)
        lengths = int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little")
        file.seek(part.header_offset + _LOCAL_HEADER + lengths)
        if part.compress_type == zipfile.ZIP_STORED:
            return part.file_size
        inflate, left, total = zlib.decompressobj(-zlib.MAX_WBITS), part.compress_size, 0
        while left > 0 and not inflate.eof and (packed := file.read(min(_BLOCK, left))):
            left -= len(packed)
            while packed and not inflate.eof:
                total += len(inflate.decompress(packed, _BLOCK))
                packed = inflate.unconsumed_tail
                if total > most:
                    raise ListTooLarge(megabytes=MOST_BYTES >> 20)
    return total
