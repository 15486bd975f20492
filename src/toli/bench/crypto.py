"""What protecting numbers and areas costs: encryption with index against plain text, pages with the second wall
and without it."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any
from unittest import mock

from django.db import connection
from django.test import Client
from django.utils.translation import gettext_lazy as _

from toli.access import services as access
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.bench import stage
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.core import wall
from toli.core.crypto import cipher_for, index_for
from toli.core.domain.limits import LIMITS
from toli.members.services.looking import LISTS

Advance = Callable[[int, int], None]
STANDARD = 100_000
ROUNDS = 40  # of each page, with the wall and without it in turn
FINDS = 2000
PAGES = {"territory": f"/console/t/{stage.STATE}", "members": f"/console/t/{stage.STATE}/members"}
BACKEND = "django.contrib.auth.backends.ModelBackend"
GOAL = {
    "sealed_insert_to_plain": 0.1,  # a sealed row is three times as long, and made by two ciphers in Python
    "sealed_find_to_plain": 0.8,
    "max_encryption_share_of_import": 0.3,
    "territory_page_with_wall_to_without": 0.8,
    "members_page_with_wall_to_without": 0.8,
}


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Seal, store, find and read ``size`` numbers (standard 100,000), then open pages over as many members."""
    count = size or STANDARD
    numbers = [stage.phone(number) for number in range(count)]
    measured: dict[str, Any] = {}
    against: dict[str, Any] = {}
    with scratch_database():
        sealing, sealed = _timed(lambda: _seal(numbers))
        reading, _plain = _timed(lambda: _open(sealed))
        measured |= {"encrypt_and_index_rows_per_second": round(count / sealing)}
        measured |= {"decrypt_rows_per_second": round(count / reading)}
        advance(1, 5)
        measured["sealed_insert_rows_per_second"] = round(count / (sealing + _insert("sealed", "bytea", sealed)))
        against["plain_insert_rows_per_second"] = round(count / _insert("plain", "text", _pairs(numbers)))
        advance(2, 5)
        wanted = numbers[:: max(1, count // FINDS)]
        found, bare = _find(wanted)
        measured["sealed_finds_per_second"] = round(len(wanted) / found)
        against["plain_finds_per_second"] = round(len(wanted) / bare)
        advance(3, 5)
        stage.set_organisation()
        imported = stage.import_members(count)
        measured["import_rows_per_second"] = round(count / imported.seconds)
        advance(4, 5)
        ratio = {
            "sealed_insert_to_plain": _ratio(measured, "sealed_insert", against, "plain_insert", "rows"),
            "sealed_find_to_plain": _ratio(measured, "sealed", against, "plain", "finds"),
            "max_encryption_share_of_import": round(sealing / imported.seconds, 3),
        }
        for name, (walled, open_) in _pages().items():
            measured[f"{name}_page_ms"] = round(walled * 1000, 1)
            against[f"{name}_page_without_wall_ms"] = round(open_ * 1000, 1)
            ratio[f"{name}_page_with_wall_to_without"] = round(open_ / walled, 3)
        advance(5, 5)
    met = all(_kept(name, ratio[name]) for name in GOAL)
    return BenchResult("crypto", measured, against, ratio, GOAL, met)


def _kept(name: str, ratio: float) -> bool:
    return ratio <= GOAL[name] if name.startswith("max_") else ratio >= GOAL[name]


def _ratio(measured: dict[str, Any], ours: str, against: dict[str, Any], theirs: str, unit: str) -> float:
    return float(round(measured[f"{ours}_{unit}_per_second"] / against[f"{theirs}_{unit}_per_second"], 3))


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result


# -- numbers -------------------------------------------------------------------------------------------


def _seal(numbers: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """Cipher text and blind index of each, as the import makes them."""
    cipher, index = cipher_for("bench"), index_for("bench")
    return [(cipher.encrypt(number, row=row), index.of(number)) for row, number in enumerate(numbers)]


def _open(sealed: Sequence[tuple[bytes, bytes]]) -> list[str]:
    cipher = cipher_for("bench")
    return [cipher.decrypt(blob, row=row) for row, (blob, _index) in enumerate(sealed)]


def _pairs(numbers: Sequence[str]) -> list[tuple[str, str]]:
    return [(number, number) for number in numbers]


def _insert(table: str, kind: str, rows: Sequence[tuple[Any, Any]]) -> float:
    """Seconds to copy the rows into a table whose second column has a unique index."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_{table} (id bigint PRIMARY KEY, value {kind}, found_by {kind} UNIQUE)")
        started = time.perf_counter()
        with cursor.copy(f"COPY bench_{table} FROM STDIN") as copy:
            for number, (value, found_by) in enumerate(rows):
                copy.write_row((number, value, found_by))
        seconds = time.perf_counter() - started
        cursor.execute(f"ANALYZE bench_{table}")
    return seconds


def _find(wanted: Sequence[str]) -> tuple[float, float]:
    """Seconds to find the numbers by blind index and by plain text, in turn; the index is made within its time."""
    sealed = plain = 0.0
    index = index_for("bench")
    with connection.cursor() as cursor:
        for number in wanted:
            started = time.perf_counter()
            cursor.execute("SELECT id FROM bench_sealed WHERE found_by = %s", [index.of(number)])
            first = cursor.fetchone()
            sealed, started = sealed + time.perf_counter() - started, time.perf_counter()
            cursor.execute("SELECT id FROM bench_plain WHERE found_by = %s", [number])
            assert first == cursor.fetchone(), number  # noqa: S101 a search that finds another must not be timed
            plain += time.perf_counter() - started
    return sealed, plain


# -- pages ---------------------------------------------------------------------------------------------


def _pages() -> dict[str, tuple[float, float]]:
    """Median seconds of each page with the second wall and without, asked for in turn."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = _browser()
    endless = replace(LIMITS[LISTS], times=10**9)  # nobody on the staff reads as much as a measurement does
    with mock.patch.dict(LIMITS, {LISTS: endless}):
        return {name: _page(client, address) for name, address in PAGES.items()}


def _page(client: Client, address: str) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(2 * (ROUNDS + 1)):
        with nullcontext() if turn % 2 == 0 else _no_wall():
            seconds, answer = _timed(lambda: client.get(address))
        assert answer.status_code == 200, (address, answer.status_code)  # noqa: S101 a refusal must not be timed
        if turn > 1:  # the first two fill caches
            times[turn % 2].append(seconds)
    return statistics.median(times[0]), statistics.median(times[1])


@contextmanager
def _no_wall() -> Iterator[None]:
    with mock.patch.object(wall, "behind", lambda **_outlook: nullcontext()):
        yield


def _browser() -> Client:
    """Somebody who holds every permission in the state."""
    access.ensure_standard_roles()
    account = accounts.create_account(actor=SYSTEM, login="bench", display_name="Bench", kind="staff")
    access.grant_role(actor=SYSTEM, account_id=account.pk, role_code="headquarters", territory_code=stage.STATE)
    client = Client(SERVER_NAME="localhost")
    client.force_login(account, backend=BACKEND)
    return client


BENCHMARK = Benchmark(
    "crypto", _("Encrypted numbers against plain ones, and pages with the second wall against without it."), run
)
