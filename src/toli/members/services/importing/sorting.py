"""Where the rows of a list belong, and which of them have a number that stood in an earlier row."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from toli.members.domain.importing.normalising import People, place_shown
from toli.members.domain.importing.records import ROW
from toli.members.domain.rows import RowProblem, shown, unknown_territory
from toli.members.services.importing.places import Places

KEY = "key"


@dataclass(slots=True)
class Sorted:
    """A piece of a list with everybody's place and blind index (columns ``territory_id`` and ``key``), without
    the rows that name no territory or a number that stood in an earlier row."""

    rows: int
    frame: pl.DataFrame
    problems: list[RowProblem]
    last_row: int


class Sorter:
    """Finds places, and rows whose number an earlier row has. Remembers both for the whole list: some 200 bytes
    for each row."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._seen: dict[bytes, int] = {}

    def sort(self, people: People, keys: Sequence[bytes]) -> Sorted:
        """``keys``: the blind index of each person. Pieces must come in the order of the list."""
        frame = people.frame.with_columns(pl.Series(KEY, keys, dtype=pl.Binary))
        problems = list(people.problems)
        frame = self._placed(frame, problems)
        rows, doubles = frame[ROW].to_list(), []
        for row, key in zip(rows, frame[KEY], strict=True):
            first = self._seen.setdefault(key, row)
            if first != row:
                doubles.append(row)
                problems.append(RowProblem(row, "phone_twice", {"first": first}))
        if doubles:
            frame = frame.filter(~pl.col(ROW).is_in(doubles))
        return Sorted(people.rows, frame, problems, people.last_row)

    def _placed(self, frame: pl.DataFrame, problems: list[RowProblem]) -> pl.DataFrame:
        names = frame["territory"].unique().to_list()
        self._places.look_up(names)
        found = {name: place for name in names if (place := self._places.get(name)) and place.in_drive}
        name = pl.col("territory")
        frame = frame.with_columns(
            territory_id=name.replace_strict(
                {key: place.id for key, place in found.items()}, default=None, return_dtype=pl.Int64
            ),
            code=name.replace_strict(
                {key: place.code for key, place in found.items()}, default=None, return_dtype=pl.String
            ),
        )
        for row, asked in frame.filter(pl.col("territory_id").is_null()).select(ROW, "territory").iter_rows():
            problems.append(_misplaced(row, asked, known=self._places.get(asked) is not None))
        return frame.filter(pl.col("territory_id").is_not_null())


def _misplaced(row: int, name: str, *, known: bool) -> RowProblem:
    if known:
        return RowProblem(row, "territory_not_in_drive", {"territory": shown(place_shown(name))})
    return unknown_territory(row, place_shown(name))
