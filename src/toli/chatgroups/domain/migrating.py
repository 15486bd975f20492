"""Rules of a division that is carried out in waves: docs/algorithms/waves.md has their numbers.

Pure: no clock, no database.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from toli.chatgroups.domain.planning import Branch

PER_PERSON = 5  # groups that one person is asked to create in one wave
DAYS = 7  # for the people of a wave to come over
DRIFT = 0.05  # of the members: a plan that is further from the truth than this is made anew
MAY_BECOME: Mapping[str, frozenset[str]] = {
    "planned": frozenset({"running", "dropped"}),
    "running": frozenset({"paused", "done", "rolled_back"}),
    "paused": frozenset({"running", "done", "rolled_back"}),
    "done": frozenset(),
    "rolled_back": frozenset(),
    "dropped": frozenset(),
}


def may_become(state: str, new: str) -> bool:
    """Whether a migration in ``state`` can be brought to ``new``."""
    return new in MAY_BECOME[state]


def into_waves(askers: Sequence[int], per_person: int) -> list[int]:
    """The wave, from 1, in which each new group is asked for; ``askers``: whom, in the order of the tree.

    W1: nobody is asked for more than ``per_person`` groups in one wave. W2: as few waves as W1 allows. W3: what one
    person is asked for goes along the tree, so that neighbours change at the same time.
    """
    asked: Counter[int] = Counter()
    waves = []
    for person in askers:
        waves.append(asked[person] // per_person + 1)
        asked[person] += 1
    return waves


def content_hash(rows: Iterable[Mapping[str, Any]]) -> str:
    """What a plan says, as 64 characters: whoever approves it names them, and no other plan is carried out (W4)."""
    text = json.dumps([dict(row) for row in rows], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def drift(planned: Mapping[int, int], found: Mapping[int, int]) -> float:
    """How far the members of the places have come from the plan: people too many or too few, by all planned (W5)."""
    apart = sum(abs(found.get(place, 0) - members) for place, members in planned.items())
    apart += sum(members for place, members in found.items() if place not in planned)
    return apart / max(1, sum(planned.values()))


def next_above(path: str, holders: Mapping[str, Sequence[int]], passed: Iterable[int]) -> int | None:
    """Who is told that work at ``path`` is late: the nearest person at or above it who was not asked before (W9)."""
    known = set(passed)
    parts = path.split("/")[:-1]
    for length in range(len(parts), 1, -1):
        for person in holders.get("/".join(parts[:length]) + "/", ()):
            if person not in known:
                return person
    return None


def loads(branch: Branch, places: Iterable[int]) -> dict[int, int]:
    """Members of the places: with everything below, or only those of the place itself where a part of it is served."""
    found = {}
    order = sorted(set(places))
    for index, place in enumerate(order):
        divided = index + 1 < len(order) and order[index + 1] < branch.ends[place]
        found[place] = branch.own[place] if divided else branch.counts[place]
    return found
