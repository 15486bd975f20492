"""What the audit trail costs whoever is recorded, and whether its chain holds anybody up.

An entry is compared with the same row put into a plain table: no index but the key, no triggers, no second wall.
Both commit one row at a time, in turn, by one writer and by four; then four writers record while somebody seals
without a pause. Writers and sealer share this process, which is harder on them than a worker of its own would be.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import override_settings
from django.utils.translation import gettext_lazy as _

from toli.audit import services as audit
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.core import clock

Advance = Callable[[int, int], None]
STANDARD = 20_000
ROUNDS = 5
WRITERS = 4
GOAL = {
    "recording_to_plain": 0.4,  # an entry is found by place, person, action, thing and time: eight indexes, not one
    "recording_to_plain_4_writers": 0.5,
    "while_sealing_to_undisturbed": 0.5,  # one of five threads seals instead of writing, on the cores that are there
    "sealing_to_recording_4_writers": 1.0,  # the chain keeps up with whatever four writers can add
}
_PLAIN = """
CREATE TABLE bench_plain (id bigserial PRIMARY KEY, at timestamptz, actor_kind text, actor_id bigint, address text,
  action text, target text, territory_id bigint, details jsonb)
"""
_INSERT = """
INSERT INTO bench_plain (at, actor_kind, actor_id, address, action, target, territory_id, details)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Record ``size`` entries (standard 20,000) in each way, seal them all and verify them."""
    count = size or STANDARD
    share = max(1, count // ROUNDS)
    found: dict[str, list[float]] = {name: [] for name in ("plain_1", "trail_1", "plain_4", "trail_4", "sealing_4")}
    with scratch_database(), _heads_apart():
        with connection.cursor() as cursor:
            cursor.execute(_PLAIN)
        for number in range(ROUNDS):
            found["plain_1"].append(_rate(share, 1, _plain))
            found["trail_1"].append(_rate(share, 1, _record))
            found["plain_4"].append(_rate(share, WRITERS, _plain))
            found["trail_4"].append(_rate(share, WRITERS, _record))
            advance(number + 1, ROUNDS + 2)
        sealed, seconds = _timed(audit.seal)
        sealing = sealed / seconds
        with _somebody_seals():
            found["sealing_4"] += [_rate(share, WRITERS, _record) for _round in range(ROUNDS)]
        audit.seal()
        advance(ROUNDS + 1, ROUNDS + 2)
        report, seconds = _timed(audit.verify)
        verifying = report.checked / seconds
        advance(ROUNDS + 2, ROUNDS + 2)
    rate = {name: statistics.median(rates) for name, rates in found.items()}
    measured: dict[str, Any] = {
        "recorded_per_second": round(rate["trail_1"]),
        "recorded_per_second_4_writers": round(rate["trail_4"]),
        "recorded_per_second_4_writers_while_sealing": round(rate["sealing_4"]),
        "sealed_per_second": round(sealing),
        "verified_per_second": round(verifying),
        "entries": report.checked,
        "faults": len(report.faults),
        "not_sealed": report.waiting,
    }
    against = {
        "plain_inserts_per_second": round(rate["plain_1"]),
        "plain_inserts_per_second_4_writers": round(rate["plain_4"]),
    }
    ratio = {
        "recording_to_plain": round(rate["trail_1"] / rate["plain_1"], 3),
        "recording_to_plain_4_writers": round(rate["trail_4"] / rate["plain_4"], 3),
        "while_sealing_to_undisturbed": round(rate["sealing_4"] / rate["trail_4"], 3),
        "sealing_to_recording_4_writers": round(sealing / rate["trail_4"], 3),
    }
    met = all(ratio[name] >= least for name, least in GOAL.items()) and not report.faults and not report.waiting
    return BenchResult("audit", measured, against, ratio, GOAL, met)


@contextmanager
def _heads_apart() -> Iterator[None]:
    """The heads of this chain must not get into the file of the real one."""
    with tempfile.TemporaryDirectory() as folder, override_settings(AUDIT_DIR=folder):
        yield


def _record(number: int) -> None:
    audit.record(
        actor_kind="staff",
        actor_id=number,
        address="192.0.2.1",
        action="members.view",
        target=f"member:{number}",
        territory_id=number % 1000,
        details={"n": number},
    )


def _plain(number: int) -> None:
    row = (
        clock.now(),
        "staff",
        number,
        "192.0.2.1",
        "members.view",
        f"member:{number}",
        number % 1000,
        f'{{"n": {number}}}',
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)


def _rate(count: int, writers: int, act: Callable[[int], None]) -> float:
    """How many a second, when ``writers`` threads do ``count`` of them together. An error in one is raised here."""
    errors: list[BaseException] = []
    start = threading.Barrier(writers + 1)

    def work(first: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            for number in range(first, count, writers):
                act(number)
        except BaseException as error:
            errors.append(error)
            start.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(first,)) for first in range(writers)]
    for thread in threads:
        thread.start()
    start.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return count / (time.perf_counter() - started)


@contextmanager
def _somebody_seals() -> Iterator[None]:
    """Sealing goes on without a pause, in a thread of its own."""
    over = threading.Event()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while not over.is_set():
                audit.seal()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if errors:
        raise errors[0]


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    result = act()
    return result, time.perf_counter() - started


BENCHMARK = Benchmark("audit", _("Recording, sealing and verifying the audit trail, against plain inserts."), run)
