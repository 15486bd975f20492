"""A membership list on disk: checked to its end first, then read piece by piece."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from toli.members.domain.importing.records import Records
from toli.members.domain.importing.separated import cells_of, read_lines
from toli.members.domain.rows import REQUIRED
from toli.members.errors import ListEncodingBroken, ListFileMissing, ListHeaderWrong

DEFAULT_LANGUAGE = "hi"


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file that is UTF-8 to its end and has the columns that are needed. ``lines`` includes the header."""

    path: Path
    columns: tuple[str, ...]
    lines: int
    sha256: str

    def records(self, size: int) -> Iterator[Records]:
        """All rows, numbered as an editor shows them (the header is 1), in pieces of ``size`` lines."""
        with self.path.open(encoding="utf-8-sig") as file:
            next(file, None)
            yield from read_lines(file, self.columns, delimiter=",", first_row=2, size=size)


def examine(path: Path) -> ListFile:
    """Read the file once, so that nothing of it is stored when its last row is broken.

    Raises:
        ListFileMissing, ListHeaderWrong (naming the columns), ListEncodingBroken (naming the row).
    """
    if not path.is_file():
        raise ListFileMissing(file=path.name)
    header, row = "", 0
    with path.open("rb") as file:
        for row, line in _numbered(file):
            header = line if row == 1 else header
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return ListFile(path, _columns(header), row, sha256)


def _columns(header: str) -> tuple[str, ...]:
    try:
        columns = tuple(cell.lower() for cell in cells_of([header])[0])
    except ValueError:
        columns = ()
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise ListHeaderWrong(columns=", ".join(missing))
    return tuple(column if column in (*REQUIRED, "language") else "" for column in columns)


def _numbered(file: IO[bytes]) -> Iterator[tuple[int, str]]:
    for row, line in enumerate(file, start=1):
        try:
            yield row, line.decode("utf-8-sig" if row == 1 else "utf-8")
        except UnicodeDecodeError:
            raise ListEncodingBroken(row=row) from None
