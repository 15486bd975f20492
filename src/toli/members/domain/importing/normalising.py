"""Rows as people to enrol, a whole frame at a time.

Nearly all rows of a list are plain: these are settled by vectorised expressions. Whatever they do not settle goes
through :func:`toli.members.domain.rows.parse_row` alone, which is the rule; the expressions only know cases in
which its answer is certain.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from toli.members.domain.importing.records import ROW, Records
from toli.members.domain.legacy_fonts import HINT
from toli.members.domain.names import kept_keys
from toli.members.domain.rows import LANGUAGES, NAME_LIMIT, ParsedRow, RowProblem, parse_row

_NOISE = r"[\s().\-\x{00a0}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]+"
_INDIAN = r"^(?:\+91|0{0,2}91|0)?([0-9]{10})$"
_WORD = r"[\p{L}\p{M}.'’\-]+"
_NAME = rf"^{_WORD}(?: {_WORD})*$"
PART_SIGN = "|"
_CODE = r"^[A-Z0-9|][A-Z0-9._/|\- ]*$"
_PARTS = ("state", "ac", "booth")
_NUMBER = re.compile(r"[^\d]{0,12}?0*(\d+ ?[A-Z]?(?:\([A-Z]\))?)(?![\dA-Z])")
FIELDS = ("name", "phone", "territory", "language")
NAME_KEYS = "name_keys"
PEOPLE = {ROW: pl.Int64(), **{field: pl.String() for field in FIELDS}}


@dataclass(frozen=True, slots=True)
class People:
    """Rows that can be taken, if their territory exists (``row``, ``name``, ``phone`` in E.164, ``territory``,
    ``language``, and ``name_keys``), in the order of the file; and the problems of the others."""

    number: int
    frame: pl.DataFrame
    problems: tuple[RowProblem, ...]
    last_row: int

    @property
    def rows(self) -> int:
        return self.frame.height + len(self.problems)


def number_of(text: str) -> str:
    """The number in ``34``, ``034 - Rampur`` or ``Booth No. 12 A``; text without one as it is, in small letters."""
    match = _NUMBER.match(text.upper())
    return match[1].replace(" ", "") if match else text.casefold()


def place_shown(name: str) -> str:
    """A place as a message quotes it."""
    return " / ".join(part for part in name.split(PART_SIGN) if part)


def people_of(records: Records, *, default_language: str, default_territory: str = "") -> People:
    """Each record as a person or a problem."""
    frame = _whole(records.frame, default_territory)
    settled = frame.select(ROW, *_expressions(default_language)).with_columns(
        plain=pl.all_horizontal(pl.col(field).is_not_null() for field in FIELDS)
    )
    good = settled.filter("plain").select(*PEOPLE)
    rest = frame.filter(~settled["plain"])
    problems = list(records.problems)
    if rest.height:
        parsed = [parse_row(record[ROW], record, default_language=default_language) for record in rest.to_dicts()]
        problems += [item for item in parsed if isinstance(item, RowProblem)]
        good = pl.concat([good, _frame(item for item in parsed if isinstance(item, ParsedRow))]).sort(ROW)
    good = good.with_columns(pl.Series(NAME_KEYS, [kept_keys(name) for name in good["name"]], dtype=pl.String))
    return People(records.number, good, tuple(problems), records.last_row)


def _whole(frame: pl.DataFrame, default_territory: str) -> pl.DataFrame:
    """With a column for each field: names put together, places from their parts or the one for all rows."""
    given = set(frame.columns)

    def column(field: str) -> pl.Expr:
        return pl.col(field) if field in given else pl.lit("")

    name = column("name")
    if given & {"given_name", "family_name"}:
        joined = pl.concat_str(column("given_name"), column("family_name"), separator=" ").str.strip_chars()
        name = pl.when(name == "").then(joined).otherwise(name)
    territory = column("territory").str.replace_all(PART_SIGN, " ", literal=True)
    if given & set(_PARTS):
        base = pl.when(column("state") == "").then(pl.lit(default_territory)).otherwise(pl.lit(""))
        steps = [column(part).str.strip_chars().str.replace_all(PART_SIGN, " ", literal=True) for part in _PARTS]
        named = pl.any_horizontal(step != "" for step in steps)
        joined = pl.concat_str(base, *steps, separator=PART_SIGN)
        territory = pl.when((territory == "") & named).then(joined).otherwise(territory)
    territory = pl.when(territory == "").then(pl.lit(default_territory)).otherwise(territory)
    return frame.select(
        ROW,
        name.alias("name"),
        column("phone").alias("phone"),
        territory.alias("territory"),
        column("language").alias("language"),
    )


def _expressions(default_language: str) -> list[pl.Expr]:
    """A value for each field where it is certain, null where :func:`parse_row` has to look."""
    name = pl.col("name").str.strip_chars().str.normalize("NFC")
    fine = name.str.contains(_NAME) & name.str.contains(r"\p{L}") & (name.str.len_chars() <= NAME_LIMIT)
    fine = fine & ~name.str.contains(HINT)
    phone = pl.col("phone").str.replace_all(_NOISE, "").str.extract(_INDIAN)
    territory = pl.col("territory").str.strip_chars().str.to_uppercase()
    language = pl.col("language").str.strip_chars().str.to_lowercase()
    language = pl.when(language == "").then(pl.lit(default_language)).otherwise(language)
    return [
        pl.when(fine).then(name).alias("name"),
        (pl.lit("+91") + phone).alias("phone"),
        pl.when(territory.str.contains(_CODE)).then(territory).alias("territory"),
        pl.when(language.is_in(LANGUAGES)).then(language).alias("language"),
    ]


def _frame(rows: Iterable[ParsedRow]) -> pl.DataFrame:
    people = list(rows)
    return pl.DataFrame(
        {ROW: [person.row for person in people], **{f: [getattr(person, f) for person in people] for f in FIELDS}},
        schema=PEOPLE,
    )
