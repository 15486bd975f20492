"""Records of a list on their way through the import: a frame of text columns and the rows that cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from toli.members.domain.rows import RowProblem

ROW = "row"


@dataclass(frozen=True, slots=True)
class Records:
    """Consecutive records. ``frame``: the row's number in the file (``row``) and a text column for each field.

    ``last_row`` is the last row of the file that was looked at, for progress.
    """

    number: int
    frame: pl.DataFrame
    problems: tuple[RowProblem, ...]
    last_row: int

    @property
    def rows(self) -> int:
        return self.frame.height + len(self.problems)


def frame_of(rows: Sequence[int], cells: Sequence[Sequence[str]], columns: Sequence[str]) -> pl.DataFrame:
    """A frame from cells that were read one by one; missing cells are empty. Columns named "" are left out."""
    data: dict[str, list[object]] = {ROW: list(rows)}
    for place, column in enumerate(columns):
        if column:
            data[column] = [line[place] if place < len(line) else "" for line in cells]
    return pl.DataFrame(data, schema=schema(columns))


def schema(columns: Sequence[str]) -> dict[str, pl.DataType]:
    """The types of a frame with these columns."""
    return {ROW: pl.Int64(), **{column: pl.String() for column in columns if column}}
