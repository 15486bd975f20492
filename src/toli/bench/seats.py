"""The race for the last seats: joiners by the dozen, groups that divide, processes that are killed; against bare
conditional updates of the same groups by as many processes."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.bench import enrol, storm
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.bench.stage import STATE

Advance = Callable[[int, int], None]
STANDARD = 12_000  # members
JOINERS = 64
GROUPS = 200
KILLS = 100
SUPPLY = 0.93  # seats for each member: not everybody finds one before the division brings more
GOAL = 0.2  # of bare updates


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Seat ``size`` members (standard 12,000) in 200 groups: undisturbed, bare, and in the storm."""
    count = size or STANDARD
    joiners, groups = min(JOINERS, max(4, count // 60)), min(GROUPS, max(4, count // 60))
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        campaign_id, group_ids, members = enrol.set_the_stage(count, groups=groups, capacity=-(-count // groups))
        _shrink(round(count * SUPPLY / groups))
        advance(1, 4)
        calm = storm.rage(
            campaign_id=campaign_id, members=members, joiners=joiners, kills=0, folder=_made(folder, "calm")
        )
        advance(2, 4)
        enrol.empty()
        bare = storm.hammer(group_ids, updates=count, processes=joiners)
        advance(3, 4)
        enrol.empty()
        found = storm.rage(
            campaign_id=campaign_id,
            members=members,
            joiners=joiners,
            kills=KILLS if size is None else max(3, count // 120),
            folder=_made(folder, "storm"),
            divide=STATE,
            depth="ac",
        )
        divided = _divided()
        advance(4, 4)
    measured = {
        "joiners": joiners,
        "groups": len(group_ids),
        "members": count,
        "joins_per_second": round((calm.answers - calm.refused) / calm.seconds),
        "joins_per_second_in_the_storm": round((found.answers - found.refused) / found.seconds),
        "refused_in_the_storm": found.refused,
        "killed": found.kills,
        "groups_divided": divided,
        "over_capacity": calm.over_capacity + found.over_capacity,
        "lost": calm.lost + found.lost,
        "double": calm.double + found.double,
        "errors": calm.errors + found.errors,
        "broken_rules": calm.broken_rules + found.broken_rules,
    }
    ratio = {"joins_to_bare": round(((calm.answers - calm.refused) / calm.seconds) / (count / bare), 3)}
    clean = not any(measured[name] for name in ("over_capacity", "lost", "double", "errors", "broken_rules"))
    met = clean and found.answers == count and ratio["joins_to_bare"] >= GOAL
    against = {"bare_updates_per_second": round(count / bare)}
    return BenchResult("seats", measured, against, ratio, {"joins_to_bare": GOAL}, met)


def _shrink(capacity: int) -> None:
    """Leave the groups fewer seats than there are people, until the division brings more."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chatgroups_chatgroup SET capacity = %s", [capacity])


def _made(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


def _divided() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM chatgroups_chatgroup WHERE state IN ('dividing', 'divided')")
        return int(cursor.fetchone()[0])


BENCHMARK = Benchmark("seats", _("The race for the last seats, while groups divide and processes are killed."), run)
