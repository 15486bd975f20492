"""Three divisions of a state in waves: all its booths by counts, and a small part of it with real rows."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.analytics import integrity
from toli.bench import stage
from toli.bench.one_state import STEPS, booths, three_divisions
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.chatgroups import selectors as groups
from toli.chatgroups import services, waves
from toli.chatgroups.domain.planning import Limits
from toli.chatgroups.errors import NothingChanges

Advance = Callable[[int, int], None]
STANDARD, ROWS = 5_000_000, 2500  # members by counts; and one in so many of them with rows of their own
LIMITS = Limits(capacity=1024, target=900, minimum=90)
NOTHING = (
    "overfull_groups_at_any_moment",
    "members_without_a_seat_at_any_moment",
    "rows_unseated_at_any_moment",
    "rows_broken_rules_at_any_moment",
)
GOAL = {"max_groups_to_bound": 1.02, "max_moves_to_bound": 1.05}
UNSEATED = """SELECT count(*) FROM members_member m WHERE NOT EXISTS (
  SELECT 1 FROM chatgroups_seat s WHERE s.member_id = m.id AND s.state IN ('reserved', 'invited', 'joined'))"""


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Divide ``size`` members (standard 5 million) of 138,771 booths; and ``size`` / 2,500 of them with rows.

    By counts: each plan is carried out move by move, and after each wave every group and every seat is looked at.
    With rows: planned, approved, groups opened by hand, people moved and confirmed, by the services; after
    each of these steps the database is asked.
    """
    members = size or STANDARD
    places, real = booths(members)
    started = time.process_time()
    steps = three_divisions(places, LIMITS)
    seconds = time.process_time() - started
    advance(1, 2)
    rows = _with_rows(max(60, members // ROWS))
    advance(2, 2)
    measured: dict[str, Any] = {
        "members": sum(count for _zone, _ac, count in places),
        "booths": len(places),
        "real_booths": real,
        **{f"{name}_groups": step.groups for name, step in zip(STEPS, steps, strict=True)},
        **{f"{name}_moves": step.moves for name, step in zip(STEPS, steps, strict=True)},
        "waves": sum(step.waves for step in steps),
        "overfull_groups_at_any_moment": sum(step.overfull for step in steps),
        "members_without_a_seat_at_any_moment": sum(step.unseated for step in steps),
        "seconds": round(seconds, 1),
        **rows,
    }
    against = {f"{name}_groups_bound": step.bound for name, step in zip(STEPS, steps, strict=True)}
    against |= {f"{name}_moves_bound": step.moves_bound for name, step in zip(STEPS, steps, strict=True)}
    ratio = {
        "max_groups_to_bound": round(max(step.groups / step.bound for step in steps), 4),
        "max_moves_to_bound": round(max(step.moves / max(1, step.moves_bound) for step in steps), 4),
    }
    met = all(ratio[name] <= limit for name, limit in GOAL.items()) and not any(measured[name] for name in NOTHING)
    return BenchResult("waves", measured, against, ratio, GOAL, met and rows["rows_divisions_done"] == len(STEPS))


# -- with rows -----------------------------------------------------------------------------------------


def _with_rows(count: int) -> dict[str, Any]:
    with scratch_database():
        campaign_id = _set_the_stage(count)
        started = time.perf_counter()
        watch = _Watch()
        watch.look()
        done = begun = 0
        for depth in ("zone", "ac", "booth"):
            number = _divide(campaign_id, depth, watch)
            begun += number > 0
            done += number == 0 or waves.get_migration(EVERYWHERE, number).state == "done"
        states = groups.counts_by_state()
        return {
            "rows_members": count,
            "rows_divisions_begun": begun,
            "rows_divisions_done": done,
            "rows_groups_open": states.get("open", 0),
            "rows_moves": _one("SELECT count(*) FROM chatgroups_seat WHERE state = 'moved'"),
            "rows_looks": watch.looks,
            "rows_unseated_at_any_moment": watch.unseated,
            "rows_broken_rules_at_any_moment": watch.broken,
            "rows_seconds": round(time.perf_counter() - started, 1),
        }


class _Watch:
    """Asks the database, between any two steps, whether everybody has a seat and no group is above its capacity."""

    def __init__(self) -> None:
        self.looks = self.unseated = self.broken = 0

    def look(self) -> None:
        self.looks += 1
        self.unseated += _one(UNSEATED)
        self.broken += len(integrity.broken())


def _one(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def _set_the_stage(count: int) -> int:
    """Members with seats in the groups of their state, and somebody who creates groups."""
    stage.set_organisation()
    campaign_id = stage.begin_groups(count, capacity=24, target=20, minimum=2)
    stage.open_asked_groups()
    for member_id in stage.member_ids():
        services.take_seat(member_id=member_id, campaign_id=campaign_id)
    _everybody_comes(campaign_id)
    return campaign_id


def _divide(campaign_id: int, depth: str, watch: _Watch) -> int:
    """One division, from the plan to its end. Returns its number; 0 if all groups were as they should be."""
    about: dict[str, Any] = {"actor": SYSTEM, "campaign_code": "bench", "territory_code": stage.STATE}
    try:
        planned = services.plan_migration(**about, depth=depth, per_person=20)
    except NothingChanges:
        return 0
    services.approve_migration(actor=SYSTEM, migration_id=planned.pk, plan_hash=planned.plan_hash)
    while True:
        watch.look()
        opened = stage.open_asked_groups()
        watch.look()
        moved = services.move_members(actor=SYSTEM, campaign_code="bench", territory_code=stage.STATE).moved
        watch.look()
        _everybody_comes(campaign_id)
        services.tend_migrations(actor=SYSTEM)
        if not opened and not moved:
            return planned.pk


def _everybody_comes(campaign_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id FROM chatgroups_seat WHERE state IN ('reserved', 'invited') ORDER BY id")
        waiting = [row[0] for row in cursor.fetchall()]
    for member_id in waiting:
        services.confirm_joined(member_id=member_id, campaign_id=campaign_id)


BENCHMARK = Benchmark("waves", _("Dividing a state three times in waves: nobody without a seat at any moment."), run)
