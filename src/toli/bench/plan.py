"""The subdivision planner on a country's tree: time, memory, and the distance to what no plan can do better."""

import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

from django.utils.translation import gettext_lazy as _

from toli.bench.country import constituencies_only, country, grown, scattered, seated
from toli.bench.result import Benchmark, BenchResult
from toli.chatgroups.domain.planning import Branch, Existing, Limits, Plan, in_waves, plan_branch

Advance = Callable[[int, int], None]
MEMBERS, BOOTHS = 26_000_000, 1_000_000
LIMITS = Limits(capacity=1024, target=900, minimum=90)
GOAL = {
    "max_seconds_to_goal": 1.0,
    "max_groups_to_bound": 1.02,
    "max_growth_moves_to_bound": 1.05,
    "max_booth_moves_to_bound": 1.05,
    "max_time_per_booth_to_tenth": 1.5,
}
TURNS = 3
SECONDS = 60.0  # for the plan of the standard size; smaller ones in proportion


def run(*, size: int | None, advance: Advance, booths: int | None = None) -> BenchResult:
    """Plan ``size`` members (standard 26 million) over ``booths`` (standard 1 million), one state at a time.

    First from nothing; then after growth, with the groups of the first plan; then from groups of
    constituencies to booths; and the first plan for a tenth of it. Counts in, plan out: the tree is made
    outside of the time.

    The goal for groups is about the bound in which constituencies stay apart, as they do by decision; what that
    costs against the bound whatsoever is printed as well (docs/algorithms/subdivision.md).
    """
    members = size or MEMBERS
    booths = booths or max(10, members * BOOTHS // MEMBERS)
    states = country(members, booths)
    fresh, plans = _timed(states, [None] * len(states))
    advance(1, 5)
    fresh, tenth = _by_turns(fresh, states, country(max(1, members // 10), booths // 10))
    reading = _clock(lambda: [sum(state.own) for state in states])
    plain = sum(_first_fit(state) for state in states)
    advance(2, 5)
    larger = [grown(state, number) for number, state in enumerate(states)]
    before = [seated(plan, state, new, LIMITS.capacity) for plan, state, new in zip(plans, states, larger, strict=True)]
    growth, replans = _timed(larger, before)
    advance(3, 5)
    spread = []
    for state in states:
        above, places = constituencies_only(state)
        spread.append(scattered(plan_branch(above, LIMITS), places, state))
    deepening, deeper = _timed(states, spread)
    advance(4, 5)
    memory = _memory(states[0])
    moved = [*zip(replans, before, strict=True), *zip(deeper, spread, strict=True)]
    over = sum(group.members > LIMITS.capacity for plan in (*plans, *replans, *deeper) for group in plan.groups)
    unseated = sum(_left_behind(plan, old) for plan, old in moved)
    advance(5, 5)
    measured: dict[str, Any] = {
        "members": sum(state.counts[0] for state in states),
        "booths": booths,
        "plan_seconds": round(fresh, 2),
        "tenth_plan_seconds": round(tenth, 2),
        "growth_replan_seconds": round(growth, 2),
        "to_booths_plan_seconds": round(deepening, 2),
        "largest_state_plan_megabytes": round(memory / 1e6, 1),
        "groups": _groups(plans),
        "groups_of_neighbours_only": sum(_run(group.units) for plan in plans for group in plan.groups),
        "growth_groups": _groups(replans),
        "growth_moves": _moves(replans),
        "growth_kept_groups": sum(group.lives_on >= 0 for plan in replans for group in plan.groups),
        "booth_moves": _moves(deeper),
        "groups_above_capacity": over,
        "moves_that_find_no_seat": unseated,
    }
    against: dict[str, Any] = {
        "groups_bound_constituencies_apart": sum(plan.bound for plan in plans),
        "groups_bound_whatsoever": sum(plan.any_bound for plan in plans),
        "first_fit_groups": plain,
        "growth_moves_bound": sum(plan.moves_bound for plan in replans),
        "booth_moves_bound": sum(plan.moves_bound for plan in deeper),
        "reading_counts_seconds": round(reading, 3),
        "growth_groups_bound_from_nothing": sum(plan.bound for plan in replans),
        "seconds_goal": round(SECONDS * members / MEMBERS, 2),
    }
    ratio = {
        "max_seconds_to_goal": round(fresh * MEMBERS / members / SECONDS, 3),
        "max_groups_to_bound": round(measured["groups"] / against["groups_bound_constituencies_apart"], 4),
        "max_growth_moves_to_bound": _share(measured["growth_moves"], against["growth_moves_bound"]),
        "max_booth_moves_to_bound": _share(measured["booth_moves"], against["booth_moves_bound"]),
        "max_time_per_booth_to_tenth": round(fresh / (10 * tenth), 3),
        "growth_groups_to_bound_from_nothing": round(
            measured["growth_groups"] / against["growth_groups_bound_from_nothing"], 4
        ),
        "groups_to_bound_whatsoever": round(measured["groups"] / against["groups_bound_whatsoever"], 4),
        "groups_to_first_fit": round(measured["groups"] / plain, 4),
        "plan_to_reading_counts": round(fresh / reading),
    }
    met = all(ratio[name] <= limit for name, limit in GOAL.items()) and not over and not unseated
    return BenchResult("plan", measured, against, ratio, GOAL, met)


def _share(moves: int, bound: int) -> float:
    return round(moves / bound, 4) if bound else 1.0 + moves


def _groups(plans: Iterable[Plan]) -> int:
    return sum(len(plan.groups) for plan in plans)


def _moves(plans: Iterable[Plan]) -> int:
    return sum(plan.moves.total for plan in plans)


def _run(units: Sequence[int]) -> bool:
    return units[-1] - units[0] == len(units) - 1


def _clock(act: Callable[[], Any]) -> float:
    started = time.process_time()
    act()
    return max(1e-6, time.process_time() - started)


def _timed(states: Sequence[Branch], existing: Sequence[Existing | None]) -> tuple[float, list[Plan]]:
    """Processor seconds on one core, and the plans."""
    plans: list[Plan] = []
    seconds = _clock(
        lambda: plans.extend(plan_branch(state, LIMITS, old) for state, old in zip(states, existing, strict=True))
    )
    return seconds, plans


def _by_turns(first: float, states: Sequence[Branch], small: Sequence[Branch]) -> tuple[float, float]:
    """Seconds for the whole and for its tenth: medians of turns, as a tenth of a second is easily disturbed."""
    whole, tenth = [first], [_timed(small, [None] * len(small))[0]]
    for _turn in range(TURNS - 1):
        whole.append(_timed(states, [None] * len(states))[0])
        tenth.append(_timed(small, [None] * len(small))[0])
    return median(whole), median(tenth)


def _memory(state: Branch) -> int:
    tracemalloc.start()
    try:
        plan_branch(state, LIMITS)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _left_behind(plan: Plan, old: Existing) -> int:
    """People who cannot be moved in waves without a group above its capacity: nobody, or the plan is wrong."""
    taken = [0] * len(old)
    for group, members in zip(old.groups, old.members, strict=True):
        taken[group] += members
    waves = in_waves(plan.moves, taken, [group.lives_on for group in plan.groups], LIMITS.capacity)
    return plan.moves.total - sum(members for wave in waves for _position, members in wave)


# -- the peer ------------------------------------------------------------------------------------------


def _first_fit(state: Branch) -> int:
    """Groups by the plain way: neighbours share until the next does not fit; large places get their own."""
    groups, run, parent = 0, 0, -1
    for place, load in enumerate(state.own):
        if state.ends[place] > place + 1:
            continue
        if state.parents[place] != parent or run + load > LIMITS.target:
            groups += run > 0
            run, parent = 0, state.parents[place]
        whole, rest = divmod(load, LIMITS.target)
        if whole:
            groups += whole + (rest > 0)
        else:
            run += load
    return groups + (run > 0)


BENCHMARK = Benchmark("plan", _("Planning the groups of a country, against what no plan can do better."), run)
