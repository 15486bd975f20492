"""Storing one piece of a list: who is known, who is new, who changed. One transaction, set by set."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date

import polars as pl
from django.db import connection

from toli.access.domain.scope import Scope
from toli.core import clock
from toli.core.copying import copy_in, draw_ids, escaped, hexed
from toli.core.crypto import INDEX_BYTES, cipher_for, index_for
from toli.members import selectors
from toli.members.domain.importing.normalising import NAME_KEYS
from toli.members.domain.importing.records import ROW
from toli.members.domain.rows import RowProblem
from toli.members.models import Drive, HistoryReason, Member
from toli.members.services.erasing import erased_among
from toli.members.services.history import close_versions
from toli.members.services.importing.sorting import KEY, Sorted

Move = tuple[int, str, str]
SEALED_AT_ONCE = 4000  # numbers


@dataclass(slots=True)
class Taken:
    """What became of the rows of a piece. ``moves``: member id, old and new territory code."""

    rows: int
    problems: list[RowProblem]
    updated: int = 0
    moves: list[Move] = field(default_factory=list)
    new: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def made(self) -> list[int]:
        """Ids of the members that were made."""
        return self.new["member_id"].drop_nulls().to_list() if "member_id" in self.new.columns else []

    @property
    def created(self) -> int:
        return self.new.height

    @property
    def unchanged(self) -> int:
        return self.rows - self.created - self.updated - len(self.problems)


@dataclass(frozen=True, slots=True)
class Target:
    """Which run stores the piece, and until when its new members belong."""

    run_id: int
    until: date


def take(scope: Scope, drive: Drive, piece: Sorted, *, into: Target | None) -> Taken:
    """Store what can be stored; without a target say only what would be."""
    taken = Taken(piece.rows, piece.problems)
    known = _known(piece.frame)
    frame = piece.frame
    if known.height:
        frame = frame.with_row_index("place").cast({"place": pl.Int64}).join(known, on="place", how="left")
    new = frame.filter(pl.col("member_id").is_null()) if known.height else frame
    taken.new = _never_erased(new, taken.problems)
    if known.height:
        changed = frame.filter(
            (pl.col("state") == "active")
            & (
                (pl.col("name") != pl.col("old_name"))
                | (pl.col("territory_id") != pl.col("old_territory_id"))
                | (pl.col("language") != pl.col("old_language"))
            )
        )
        changed = _within(scope, changed, taken.problems)
        moved = changed.filter(pl.col("territory_id") != pl.col("old_territory_id"))
        taken.updated = changed.height
        taken.moves = [tuple(row) for row in moved.select("member_id", "old_code", "code").iter_rows()]
        if into:
            _update(changed, into.run_id, moved["member_id"].to_list())
    if into and taken.new.height:
        taken.new = _create(taken.new, drive, into.until)
    return taken


_KNOWN = {
    "place": pl.Int64(),
    "member_id": pl.Int64(),
    "state": pl.String(),
    "old_name": pl.String(),
    "old_territory_id": pl.Int64(),
    "old_language": pl.String(),
    "old_code": pl.String(),
}


def _known(frame: pl.DataFrame) -> pl.DataFrame:
    """Whom the numbers belong to, by place in the frame. Of several, the first who has not left.

    All keys go as one value: as an array they took the server longer to read than to find. While the index is
    moved to a newer key, each number is looked up under the older ones as well.
    """
    older = index_for(selectors.PHONE_INDEX).older_of_many(frame["phone"])
    keys = b"".join([*frame[KEY].to_list(), *older])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off")
        cursor.execute(
            """SELECT DISTINCT ON (s.place) s.place, m.id, m.state, m.name, m.territory_id, m.language, t.code
               FROM (SELECT i %% %(count)s AS place, substr(k.all_keys, i * %(width)s + 1, %(width)s) AS key
                     FROM (SELECT %(keys)s::bytea AS all_keys) k, generate_series(0, %(all)s - 1) i) s
               JOIN members_contactpoint p ON p.kind = 'phone' AND p.value_index = s.key
               JOIN members_member m ON m.id = p.member_id
               JOIN territories_territory t ON t.id = m.territory_id
               ORDER BY s.place, m.state <> 'active', p.ordinal""",
            {"keys": keys, "width": INDEX_BYTES, "count": frame.height, "all": len(keys) // INDEX_BYTES},
        )
        rows = cursor.fetchall()
        cursor.execute("RESET enable_hashjoin; RESET enable_mergejoin; RESET jit")
    return pl.DataFrame(rows, schema=_KNOWN, orient="row")


def _never_erased(new: pl.DataFrame, problems: list[RowProblem]) -> pl.DataFrame:
    """Without the people unknown to us whose owner asked for erasure: a list does not bring them back."""
    erased = erased_among(new["phone"])
    if not erased:
        return new
    gone = pl.col("phone").is_in(list(erased))
    problems += [RowProblem(row, "erased_on_request", {}) for row in new.filter(gone)[ROW]]
    return new.filter(~gone)


def _within(scope: Scope, changed: pl.DataFrame, problems: list[RowProblem]) -> pl.DataFrame:
    """Without rows that would change a member whom the actor has no say about."""
    if scope.everywhere or changed.is_empty():
        return changed
    ids = changed["member_id"].to_list()
    inside = list(Member.objects.within(scope).filter(pk__in=ids).values_list("pk", flat=True))
    ours = pl.col("member_id").is_in(inside)
    problems += [RowProblem(row, "member_elsewhere", {}) for row in changed.filter(~ours)[ROW]]
    return changed.filter(ours)


def _update(changed: pl.DataFrame, run_id: int, moved: list[int]) -> None:
    """Change members, and keep how they were; of those who moved also in the history of their membership."""
    if changed.is_empty():
        return
    now = close_versions(moved, reason=HistoryReason.LIST) if moved else clock.now()
    columns = ("member_id", "name", NAME_KEYS, "territory_id", "language")
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO members_importchange (run_id, member_id, name, territory_id, language, at)
               SELECT %s, id, name, territory_id, language, %s FROM members_member WHERE id = ANY(%s)
               ON CONFLICT (run_id, member_id) DO NOTHING""",
            [run_id, now, changed["member_id"].to_list()],
        )
        cursor.execute(
            """UPDATE members_member m SET name = s.name, name_keys = s.keys, territory_id = s.place,
                 language = s.language, updated_at = %s
               FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[])
                 AS s (id, name, keys, place, language)
               WHERE m.id = s.id""",
            [now, *[changed[name].to_list() for name in columns]],
        )


def _create(new: pl.DataFrame, drive: Drive, until: date) -> pl.DataFrame:
    """COPY new members in; returns the frame with their ids (``member_id``).

    Ids come first: a sealed number is bound to the id of its row. Numbers are sealed while the members go in. They go
    in by their index, which keeps the writes to it close together.
    """
    new = new.with_columns(pl.Series("member_id", draw_ids("members_member", new.height), dtype=pl.Int64))
    points = draw_ids("members_contactpoint", new.height)
    numbers = new.select("member_id", "phone", KEY).sort(KEY).with_columns(pl.Series("id", points))
    with ThreadPoolExecutor(1) as worker:
        sealed = [worker.submit(_sealed, part) for part in numbers.iter_slices(SEALED_AT_ONCE)]
        _copy_people(new, drive, until)
        copy_in(
            "members_contactpoint (id, member_id, kind, value_sealed, value_index, tail_index, ordinal)",
            (part.result() for part in sealed),
        )
    return new


def _copy_people(new: pl.DataFrame, drive: Drive, until: date) -> None:
    now, today = clock.now().isoformat(), clock.today()
    people = new.select(
        "member_id",
        escaped("name"),
        NAME_KEYS,
        "territory_id",
        "language",
        state=pl.lit("active"),
        source=pl.lit("import"),
        drive=pl.lit(drive.pk),
        begins=pl.lit(today.isoformat()),
        ends=pl.lit(until.isoformat()),
        created=pl.lit(now),
        updated=pl.lit(now),
    )
    copy_in(
        """members_member (id, name, name_keys, territory_id, language, state, source, drive_id, member_from,
           member_until, created_at, updated_at)""",
        [people],
    )


def _sealed(numbers: pl.DataFrame) -> pl.DataFrame:
    ids = numbers["id"].to_list()
    sealed = cipher_for(selectors.CONTACT_CONTEXT).encrypt_many(numbers["phone"], rows=ids)
    return numbers.select(
        "id",
        "member_id",
        pl.lit("phone").alias("kind"),
        hexed(sealed).alias("sealed"),
        hexed(pl.col(KEY)).alias("index"),
        hexed(selectors.tail_indexes(numbers["phone"])).alias("tail"),
        ordinal=pl.lit(0),
    )
