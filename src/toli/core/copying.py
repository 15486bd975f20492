"""Bulk rows by COPY, from frames of columns."""

from collections.abc import Iterable, Sequence
from io import BytesIO

import polars as pl
from django.db import connection
from django.db.models.expressions import RawSQL


def copy_in(target: str, parts: Iterable[pl.DataFrame]) -> None:
    """COPY frames into ``table (columns)``; the server works on a part while the next is made.

    Not possible behind the second wall. Texts go through :func:`escaped`, bytes through :func:`hexed`.
    """
    statement = f"COPY {target} FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for part in parts:
            lines = BytesIO()
            part.write_csv(lines, separator="\t", include_header=False, quote_style="never", null_value="\\N")
            copy.write(lines.getvalue())


def escaped(column: str) -> pl.Expr:
    """A column of text without control characters, as COPY reads it."""
    return pl.col(column).str.replace_all("\\", "\\\\", literal=True)


def hexed(values: pl.Expr | Sequence[bytes]) -> pl.Expr:
    """Bytes as COPY reads them."""
    column = values if isinstance(values, pl.Expr) else pl.lit(pl.Series(values, dtype=pl.Binary))
    return pl.lit("\\\\x") + column.bin.encode("hex")


def array_of(values: Iterable[str | int]) -> str:
    """An array as PostgreSQL reads it, to be cast (``%s::bigint[]``). Works behind the second wall, too.

    One text for the driver, which takes ten times as long over a list of ten thousand elements. Bytes go in as
    ``\\x`` and hexadecimal digits.
    """
    texts = [str(value).replace("\\", r"\\").replace('"', r"\"") for value in values]
    return '{"' + '","'.join(texts) + '"}' if texts else "{}"


def these(ids: Iterable[int]) -> RawSQL:
    """Many ids for ``filter(pk__in=...)`` as one parameter: with thousands of them, each costs more than its row."""
    return RawSQL("SELECT unnest(%s::bigint[])", [array_of(ids)])


def draw_ids(table: str, count: int) -> list[int]:
    """New ids for rows of a table, rising. The sequence is looked up once: for each row it took longer than COPY."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        (sequence,) = cursor.fetchone()
        cursor.execute("SELECT array_agg(nextval(%s::regclass)) FROM generate_series(1, %s)", [sequence, count])
        return list(cursor.fetchone()[0])
