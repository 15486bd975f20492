"""How fast a list becomes members, against PostgreSQL's own COPY of the finished rows into the same tables."""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.accounts.domain.actor import SYSTEM
from toli.bench import stage
from toli.bench.processor import processor_seconds
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.cards import selectors as cards
from toli.cards import services as card_services
from toli.members import services as members

Advance = Callable[[int, int], None]
STANDARD = 1_000_000
SAMPLE = 1000  # cards whose signature is checked afterwards
LIST = "members.csv"
GOAL = {"import_to_copy": 0.5, "max_memory_gb": 1.5}
TABLES = ("members_member", "members_contactpoint", "cards_card")
COLUMNS = (
    "serial", "name", "father", "phone", "email", "territory", "language", "house", "street", "village", "pincode",
    "note",
)  # fmt: skip


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Import ``size`` members (standard 1,000,000) from a file of 12 columns, with their cards; import it again; then
    COPY the rows that this made into the emptied tables, all their indexes and foreign keys in place, and into
    tables with the same indexes but no foreign keys.

    Processor seconds are ours and the server's together: on a machine that does other work meanwhile, they say more
    than the time that went by."""
    count = size or STANDARD
    with scratch_database(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stage.set_organisation()
        _write_list(folder / LIST, count)
        advance(1, 5)
        began = processor_seconds()
        first = _import(folder)
        worked = processor_seconds() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # the kernel counts in KiB
        advance(2, 5)
        second = _import(folder)
        advance(3, 5)
        with connection.cursor() as cursor:
            carded = _save_rows(cursor, folder)
            signing = time.perf_counter()
            signed = card_services.sign_cards()
            signing = time.perf_counter() - signing
            _checked, forged = cards.check_signatures(limit=SAMPLE)
            bare = _copy_bare(cursor, folder)
            advance(4, 5)
            began = processor_seconds()
            copied = _copy_again(cursor, folder)
            copy_worked = processor_seconds() - began
        advance(5, 5)
    measured: dict[str, Any] = {
        "rows": first.rows,
        "members": first.created,
        "cards": carded,
        "cards_that_do_not_verify": forged,
        "cards_signed_afterwards_per_second": round(signed / signing),
        "rejected": first.rejected,
        "rows_per_second": round(count / first.seconds),
        "processor_seconds": round(worked, 1),
        "second_run_new": second.created,
        "second_run_changed": second.updated,
        "second_run_rows_per_second": round(count / second.seconds),
    }
    against = {
        "copy_rows_per_second": round(count / copied),
        "copy_processor_seconds": round(copy_worked, 1),
        "copy_without_foreign_keys_rows_per_second": round(count / bare),
    }
    ratio = {
        "import_to_copy": round(copied / first.seconds, 3),
        "import_to_copy_in_processor_time": round(copy_worked / worked, 3),
        "import_to_copy_without_foreign_keys": round(bare / first.seconds, 3),
        "import_and_signing_to_copy": round(copied / (first.seconds + signing), 3),
        "max_memory_gb": round(memory, 3),
    }
    met = (
        ratio["import_to_copy"] >= GOAL["import_to_copy"]
        and memory <= GOAL["max_memory_gb"]
        and (first.created, carded, forged, second.created, second.updated) == (count, count, 0, 0, 0)
    )
    return BenchResult("import", measured, against, ratio, GOAL, met)


def _import(folder: Path) -> members.ImportReport:
    return members.import_members(actor=SYSTEM, drive_code=stage.DRIVE, path=folder / LIST)


def _write_list(path: Path, count: int) -> None:
    """A file as an office has it: what is needed, and eight columns that are not."""
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(COLUMNS) + "\n")
        for number in range(count):
            name = f"{('Sunita', 'सुनीता', 'Ravi', 'Mohan')[number % 4]} {('Devi', 'Kumar', 'Lal')[number % 3]}"
            place = f"{stage.STATE}-AC{number * 7919 % 70 + 1:03d}-B{number % 4 + 1:03d}"
            mobile = stage.phone(number * 7919 % 10**9)[3:]
            file.write(
                f"{number},{name},Ram Lal,0{mobile[:5]} {mobile[5:]},m{number}@example.org,{place},"
                f"{('hi', 'en', '')[number % 3]},{number % 300},Station Road,Rampur,{110001 + number % 90},-\n"
            )


def _save_rows(cursor: Any, folder: Path) -> int:
    """Write the finished rows to files, as COPY reads them. Returns how many cards there are."""
    for table in TABLES:
        with (folder / table).open("wb") as file, cursor.copy(f"COPY {table} TO STDOUT") as copy:
            file.writelines(copy)
    cursor.execute("SELECT count(*) FROM cards_card")
    return int(cursor.fetchone()[0])


def _copy_bare(cursor: Any, folder: Path) -> float:
    """Seconds that COPY takes into tables with the same indexes, but without foreign keys."""
    for table in TABLES:
        cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
    return sum(_copy(cursor, f"bare_{table}", folder / table) for table in TABLES)


def _copy_again(cursor: Any, folder: Path) -> float:
    """Seconds that COPY takes into the tables themselves, emptied before."""
    cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    return sum(_copy(cursor, table, folder / table) for table in TABLES)


def _copy(cursor: Any, table: str, path: Path) -> float:
    started = time.perf_counter()
    with path.open("rb") as file, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        while block := file.read(1 << 20):
            copy.write(block)
    return time.perf_counter() - started


BENCHMARK = Benchmark(
    "import", _("A list of members through the whole import, against COPY of the finished rows."), run
)
