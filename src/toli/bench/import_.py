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
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.members import services as members

Advance = Callable[[int, int], None]
STANDARD = 1_000_000
GOAL = {"import_to_copy": 0.5, "max_memory_gb": 1.5}
TABLES = ("members_member", "members_contactpoint")
COLUMNS = (
    "serial", "name", "father", "phone", "email", "territory", "language", "house", "street", "village", "pincode",
    "note",
)  # fmt: skip


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Import ``size`` members (standard 1,000,000) from a file of 12 columns, import it again, then copy the rows
    that this made into the emptied tables, with all their indexes and constraints in place."""
    count = size or STANDARD
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        stage.set_organisation()
        path = Path(folder) / "members.csv"
        _write_list(path, count)
        advance(1, 4)
        first = members.import_members(actor=SYSTEM, drive_code=stage.DRIVE, path=path)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        advance(2, 4)
        second = members.import_members(actor=SYSTEM, drive_code=stage.DRIVE, path=path)
        advance(3, 4)
        copied = _copy_again(Path(folder))
        advance(4, 4)
    measured: dict[str, Any] = {
        "rows": first.rows,
        "members": first.created,
        "rejected": first.rejected,
        "rows_per_second": round(count / first.seconds),
        "second_run_new": second.created,
        "second_run_changed": second.updated,
        "second_run_rows_per_second": round(count / second.seconds),
        "memory_gb": round(memory, 3),
    }
    against = {"copy_rows_per_second": round(count / copied)}
    ratio = {"import_to_copy": round(copied / first.seconds, 3), "max_memory_gb": round(memory, 3)}
    met = (
        ratio["import_to_copy"] >= GOAL["import_to_copy"]
        and memory <= GOAL["max_memory_gb"]
        and (first.created, second.created, second.updated) == (count, 0, 0)
    )
    return BenchResult("import", measured, against, ratio, GOAL, met)


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


def _copy_again(folder: Path) -> float:
    """Seconds that COPY takes for the same rows, table by table in one transaction each."""
    files = {table: folder / f"{table}.copy" for table in TABLES}
    with connection.cursor() as cursor:
        for table, path in files.items():
            with path.open("wb") as file, cursor.copy(f"COPY {table} TO STDOUT") as copy:
                file.writelines(copy)
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        started = time.perf_counter()
        for table, path in files.items():
            with path.open("rb") as file, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                while block := file.read(1 << 20):
                    copy.write(block)
        return time.perf_counter() - started


BENCHMARK = Benchmark(
    "import", _("A list of members through the whole import, against COPY of the finished rows."), run
)
