"""Reading a folder of territory files: states, zones, districts, constituencies, booths.

The column names are those of public Indian reference files. Where a state has no zones, its districts
hang below the state itself; parliamentary constituencies without assembly hang below their state in
both trees, and booths may hang below them.
"""

import csv
import gzip
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import connection, transaction

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core.errors import Forbidden
from toli.territories.errors import TerritoryEncodingBroken, TerritoryFileMissing, TerritoryHeaderWrong
from toli.territories.services.loading import ImportReport, TerritoryRow, load_rows, refresh_statistics
from toli.territories.services.structure import MAIN, PARLIAMENT, ROOT, ensure_structure

Advance = Callable[[int, int], None]
Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How one kind of file is read: which files, which columns it must have, how a record becomes a row."""

    pattern: str
    level: str
    columns: tuple[str, ...]
    to_row: Callable[[int, Record], TerritoryRow]


def _facts(record: Record, *names: str) -> dict[str, str | int]:
    values = {name: (record.get(name) or "").strip() for name in names}
    return {name: int(text) if text.isdecimal() else text for name, text in values.items() if text}


def _state(row: int, record: Record) -> TerritoryRow:
    facts = _facts(record, "eci_state_code", "type", "parliamentary_constituencies", "assembly_constituencies")
    parents = {MAIN: ROOT, PARLIAMENT: ROOT}
    return TerritoryRow(row, record["state_code"], "state", record["name_en"], record["name_hi"], "", facts, parents)


def _zone(row: int, record: Record) -> TerritoryRow:
    return TerritoryRow(row, record["zone_code"], "zone", record["name_en"], parents={MAIN: record["state_code"]})


def _district(row: int, record: Record) -> TerritoryRow:
    facts = _facts(record, "lgd_district_code", "census_2011_code")
    parents = {MAIN: record["zone_code"] or record["state_code"]}
    return TerritoryRow(row, record["district_code"], "district", record["name_en"], "", "", facts, parents)


def _pc_reader(without_assembly: Callable[[], set[str]]) -> Callable[[int, Record], TerritoryRow]:
    def read(row: int, record: Record) -> TerritoryRow:
        parents = {PARLIAMENT: record["state_code"]}
        if record["state_code"] in without_assembly():
            parents[MAIN] = record["state_code"]
        facts = _facts(record, "reservation", "delimitation")
        number, code = record["pc_no"], record["pc_code"]
        return TerritoryRow(row, code, "pc", record["name_en"], record["name_hi"], number, facts, parents)

    return read


def _ac(row: int, record: Record) -> TerritoryRow:
    facts = _facts(record, "reservation", "delimitation")
    parents = {MAIN: record["district_code"] or record["state_code"], PARLIAMENT: record["pc_code"]}
    number, code = record["ac_no"], record["ac_code"]
    return TerritoryRow(row, code, "ac", record["name_en"], record["name_hi"], number, facts, parents)


def _booth(row: int, record: Record) -> TerritoryRow:
    hindi = record["name"] if record["name_lang"].endswith("Deva") else ""
    parents = {MAIN: record["ac_code"], PARLIAMENT: record["ac_code"]}
    facts = _facts(record, "part_no", "locality", "pincode")
    return TerritoryRow(row, record["booth_code"], "booth", record["name"], hindi, record["booth_no"], facts, parents)


def import_directory(
    *, actor: Actor, directory: Path, dry_run: bool = False, advance: Advance | None = None
) -> ImportReport:
    """Load every territory file of ``directory``, upper levels first. Safe to repeat.

    Files: states.csv, zones.csv, districts.csv, parliamentary_constituencies.csv,
    assembly_constituencies.csv and booths_*.csv, each also with .gz. A missing one is passed over.

    Raises:
        TerritoryFileMissing: none of them is there.
        TerritoryHeaderWrong, TerritoryEncodingBroken: nothing of that file was loaded.
        Forbidden: only the operator may redraw the map.
    """
    if not actor.is_system:
        raise Forbidden
    started = time.perf_counter()
    report = ImportReport()
    with transaction.atomic():
        ensure_structure()
        found = [(layout, path) for layout in _layouts() for path in _files(directory, layout.pattern)]
        if not found:
            raise TerritoryFileMissing(folder=str(directory))
        for layout, path in found:
            rows = _read(path, layout, advance)
            report.files.append(load_rows(path.name, layout.level, rows))
        report.seconds = time.perf_counter() - started
        audit.record_act(
            actor,
            action="territories.import",
            target="territories",
            details={file.file: file.rows for file in report.files},
        )
        if dry_run:
            transaction.set_rollback(True)
    if not dry_run:
        refresh_statistics()
    return report


def _layouts() -> Sequence[Layout]:
    cache: list[set[str]] = []

    def without_assembly() -> set[str]:
        if not cache:
            with connection.cursor() as cursor:
                cursor.execute(
                    """SELECT t.code FROM territories_territory t JOIN territories_level l ON l.id = t.level_id
                       WHERE l.code = 'state'
                         AND coalesce((t.facts ->> 'assembly_constituencies')::int, 0) = 0"""
                )
                cache.append({row[0] for row in cursor.fetchall()})
        return cache[0]

    names = ("name_en", "name_hi")
    return (
        Layout("states.csv", "state", ("state_code", *names), _state),
        Layout("zones.csv", "zone", ("zone_code", "state_code", "name_en"), _zone),
        Layout("districts.csv", "district", ("district_code", "state_code", "zone_code", "name_en"), _district),
        Layout(
            "parliamentary_constituencies.csv",
            "pc",
            ("pc_code", "state_code", "pc_no", *names),
            _pc_reader(without_assembly),
        ),
        Layout(
            "assembly_constituencies.csv",
            "ac",
            ("ac_code", "state_code", "ac_no", "pc_code", "district_code", *names),
            _ac,
        ),
        Layout("booths_*.csv", "booth", ("booth_code", "ac_code", "booth_no", "name", "name_lang"), _booth),
    )


def _files(directory: Path, pattern: str) -> list[Path]:
    return sorted([*directory.glob(pattern), *directory.glob(pattern + ".gz")])


def _read(path: Path, layout: Layout, advance: Advance | None) -> Iterator[TerritoryRow]:
    size = path.stat().st_size
    with path.open("rb") as raw:
        binary: IO[bytes] = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw  # type: ignore[assignment]
        reader = csv.DictReader(_lines(binary, path.name), restval="")
        missing = [column for column in layout.columns if column not in (reader.fieldnames or ())]
        if missing:
            raise TerritoryHeaderWrong(file=path.name, columns=", ".join(missing))
        for number, record in enumerate(reader, start=2):
            yield layout.to_row(number, {key: (text or "").strip() for key, text in record.items() if key})
            if advance and number % 2000 == 0:
                advance(raw.tell(), size)
    if advance:
        advance(size, size)


def _lines(binary: IO[bytes], name: str) -> Iterator[str]:
    """Lines as text; the row number is known when one of them is not UTF-8."""
    for number, line in enumerate(binary, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise TerritoryEncodingBroken(file=name, row=number) from None
