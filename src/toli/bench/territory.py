"""How fast a branch is counted, at every level of the tree, against a bare index scan."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import EVERYWHERE
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.bench.stage import load_territories
from toli.territories import selectors

if TYPE_CHECKING:
    from toli.territories.models import Territory

Advance = Callable[[int, int], None]
GOAL = 0.5  # of the speed of a bare index scan, in the middle over all levels
BARE = "SELECT count(*) FROM territories_node WHERE path >= %s AND path < %s AND valid_to IS NULL"
LEVELS = ("country", "state", "zone", "district", "ac", "booth")


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Count branches of each level through the selector that pages use, and by bare SQL.

    ``size``: repetitions per level (standard 40). Uses the real files where they are at hand, else
    the shipped geography with all booths.
    """
    repetitions = size or 40
    with scratch_database():
        imported = load_territories()
        measured: dict[str, Any] = {"rows": imported.rows, "import_rows_per_second": imported.rows_per_second}
        against: dict[str, Any] = {}
        ratio: dict[str, float] = {}
        for done, level in enumerate(LEVELS):
            advance(done, len(LEVELS))
            places = selectors.list_level(EVERYWHERE, selectors.get_territory(EVERYWHERE, "IN"), level)
            if not places:
                continue  # the shipped geography has neither zones nor districts
            ours, bare, below = _level(places, repetitions)
            measured[f"{level}_ms"], against[f"{level}_ms"] = round(ours * 1000, 3), round(bare * 1000, 3)
            measured[f"{level}_branch"] = below
            ratio[level] = round(bare / ours, 3)
        again = load_territories()
    measured["second_import_changes"] = sum(file.created + file.updated for file in again.files)
    ratio["median"] = round(statistics.median(ratio.values()), 3)
    met = ratio["median"] >= GOAL and measured["second_import_changes"] == 0
    return BenchResult("territory", measured, against, ratio, {"median": GOAL}, met)


def _level(places: Sequence["Territory"], repetitions: int) -> tuple[float, float, int]:
    """Median seconds of one count through the selector and by bare SQL, and the branch's mean size."""
    chosen = [places[number * len(places) // repetitions % len(places)] for number in range(repetitions)]
    paths = [selectors.path_of(place.pk) for place in chosen]
    ours, bare, sizes = [], [], []
    with connection.cursor() as cursor:
        for place, path in zip(chosen, paths, strict=True):
            started = time.perf_counter()
            sizes.append(selectors.count_branch(EVERYWHERE, path))
            ours.append(time.perf_counter() - started)
            started = time.perf_counter()
            cursor.execute(BARE, [path, path[:-1] + "0"])
            assert cursor.fetchone()[0] == sizes[-1], place.code  # noqa: S101 a wrong count must not be timed
            bare.append(time.perf_counter() - started)
    return statistics.median(ours), statistics.median(bare), round(statistics.mean(sizes))


BENCHMARK = Benchmark("territory", _("Counting a branch at every level of the tree, against a bare index scan."), run)
