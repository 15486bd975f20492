"""The race for the last seats: joiners by the dozen, groups that divide, processes that are killed; against bare
conditional updates of the same groups by as many processes."""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.bench import enrol, processor, storm
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.bench.stage import STATE

Advance = Callable[[int, int], None]
STANDARD = 12_000  # members
JOINERS = 64
GROUPS = 200
KILLS = 100
ROUNDS = 3
SUPPLY = 0.93  # seats for each member: not everybody finds one before the division brings more
GOAL = 0.2  # of bare updates


@dataclass(slots=True)
class _Rounds:
    """Joins and bare updates by turns: a second, and processor seconds for each, of all processes and the server's."""

    joins: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    join_costs: list[float] = field(default_factory=list)
    bare_costs: list[float] = field(default_factory=list)
    calm: list[storm.Aftermath] = field(default_factory=list)


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Seat ``size`` members (standard 12,000) in 200 groups: undisturbed and bare by turns, then in the storm."""
    count = size or STANDARD
    joiners, groups = min(JOINERS, max(4, count // 60)), min(GROUPS, max(4, count // 60))
    rounds = _Rounds()
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        campaign_id, group_ids, members = enrol.set_the_stage(count, groups=groups, capacity=-(-count // groups))
        _shrink(round(count * SUPPLY / groups))
        steps = 2 + (ROUNDS if size is None else 1)
        for number in range(1, steps - 1):
            advance(number, steps)
            _calmly(rounds, campaign_id, members, joiners, _made(folder, f"calm-{number}"))
            _barely(rounds, group_ids, count, joiners)
        advance(steps - 1, steps)
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
        advance(steps, steps)
    counted = [*rounds.calm, found]
    measured = {
        "joiners": joiners,
        "groups": len(group_ids),
        "members": count,
        "joins_per_second": round(statistics.median(rounds.joins)),
        "processor_us_of_a_join": round(1e6 * statistics.median(rounds.join_costs)),
        "joins_per_second_in_the_storm": round((found.answers - found.refused) / found.seconds),
        "refused_in_the_storm": found.refused,
        "killed": found.kills,
        "groups_divided": divided,
        "over_capacity": sum(each.over_capacity for each in counted),
        "lost": sum(each.lost for each in counted),
        "double": sum(each.double for each in counted),
        "errors": sum(each.errors for each in counted),
        "broken_rules": sum(each.broken_rules for each in counted),
    }
    against = {
        "bare_updates_per_second": round(statistics.median(rounds.bare)),
        "processor_us_of_a_bare_update": round(1e6 * statistics.median(rounds.bare_costs)),
    }
    ratio = {
        "joins_to_bare": round(statistics.median(map(_over, rounds.joins, rounds.bare)), 3),
        "joins_to_bare_by_processor": round(statistics.median(map(_over, rounds.bare_costs, rounds.join_costs)), 3),
    }
    clean = not any(measured[name] for name in ("over_capacity", "lost", "double", "errors", "broken_rules"))
    met = clean and found.answers == count and ratio["joins_to_bare"] >= GOAL
    return BenchResult("seats", measured, against, ratio, {"joins_to_bare": GOAL}, met)


def _over(ours: float, theirs: float) -> float:
    return ours / theirs if theirs else 0.0


def _calmly(rounds: _Rounds, campaign_id: int, members: Sequence[int], joiners: int, folder: Path) -> None:
    """Seat them all, undisturbed. Those who are refused cost as much as those who are seated, and are not counted."""
    enrol.empty()
    before = processor.of_the_ended()
    calm = storm.rage(campaign_id=campaign_id, members=members, joiners=joiners, kills=0, folder=folder)
    seated = calm.answers - calm.refused
    rounds.calm.append(calm)
    rounds.joins.append(seated / calm.seconds)
    rounds.join_costs.append((processor.of_the_ended() - before) / max(1, seated))


def _barely(rounds: _Rounds, group_ids: Sequence[int], count: int, processes: int) -> None:
    """As many bare updates by as many processes."""
    enrol.empty()
    before = processor.of_the_ended()
    rounds.bare.append(count / storm.hammer(group_ids, updates=count, processes=processes))
    rounds.bare_costs.append((processor.of_the_ended() - before) / count)
    enrol.empty()


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
