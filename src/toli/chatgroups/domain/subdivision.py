"""Plan how members are spread over groups along the territory tree.

Pure: no clock, no database, no network. Rules and bounds: docs/algorithms/subdivision.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A territory in the part of the tree that may be divided. ``count`` includes everything below."""

    territory_id: int
    count: int
    children: tuple["Unit", ...] = ()


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """One group to exist: the territories it serves and how many members it is planned for."""

    territory_ids: tuple[int, ...]
    member_count: int


def plan_division(unit: Unit, *, target_size: int) -> list[tuple[int, GroupPlan]]:
    """Groups for everything below ``unit``, each with the territory under which it is formed.

    R5: from the top down, and no deeper than needed: a branch that fits one group stays together, one
    that does not is divided into its children, as far down as the tree given here reaches.
    """
    placed: list[tuple[int, GroupPlan]] = []
    run: dict[int, int] = {}

    def close_run() -> None:
        plans = plan_subdivision(run, target_size=target_size)
        placed.extend((unit.territory_id, plan) for plan in plans)
        run.clear()

    for child in unit.children:
        if child.count > target_size and child.children:
            close_run()  # groups are formed of neighbours only
            placed.extend(plan_division(child, target_size=target_size))
        else:
            run[child.territory_id] = child.count
    close_run()
    return placed


def plan_subdivision(counts: Mapping[int, int], *, target_size: int) -> list[GroupPlan]:
    """Groups of at most ``target_size`` for sibling territories, given in their natural order.

    R1: neighbours share a group while they fit. R2: a territory that fits one group is not cut.
    R3: a larger one gets the fewest groups of its own that hold it, evenly filled. R4: a territory
    without members gets a place in a neighbour's group, so that nobody who comes later stands outside.

    Raises:
        ValueError: the target is below 1.
    """
    if target_size < 1:
        raise ValueError("a group must hold at least one member")
    plans: list[GroupPlan] = []
    ids: tuple[int, ...] = ()
    total = 0
    for territory_id, count in counts.items():
        if count > target_size:
            plans += _own_groups(territory_id, count, target_size)
            continue
        if ids and total + count > target_size:
            plans.append(GroupPlan(ids, total))
            ids, total = (), 0
        ids, total = (*ids, territory_id), total + count
    return [*plans, GroupPlan(ids, total)] if ids else plans


def fewest_groups(total: int, *, target_size: int) -> int:
    """No plan can do with fewer groups than this."""
    return -(-total // target_size)


def even_parts(total: int, parts: int) -> list[int]:
    """``total`` in ``parts`` whole numbers that differ by one at most, larger ones first."""
    size, rest = divmod(total, parts)
    return [size + (index < rest) for index in range(parts)]


def _own_groups(territory_id: int, count: int, target_size: int) -> list[GroupPlan]:
    groups = fewest_groups(count, target_size=target_size)
    return [GroupPlan((territory_id,), part) for part in even_parts(count, groups)]
