"""A country made up for measuring: states, districts, constituencies and booths with skewed numbers of members."""

from array import array
from collections.abc import Sequence
from random import Random

from toli.chatgroups.domain.planning import Branch, Existing, Plan

BOOTHS = 1_000_000
STATES, DISTRICTS, CONSTITUENCIES = 36, 800, 4123  # with a million booths; fewer constituencies with fewer
GROWTH = 0.15  # of the members of a booth; in one booth of five twice that


def country(members: int, booths: int) -> list[Branch]:
    """States of very different sizes, the largest first, with districts, constituencies and booths.

    Members of a booth are skewed (log-normal): many have a handful, a few have hundreds.
    """
    scale = booths / BOOTHS
    constituencies = max(STATES, round(CONSTITUENCIES * scale))
    random = Random(2029)
    weights = [1 / (rank + 2) for rank in range(STATES)]
    share = [max(1, round(constituencies * weight / sum(weights))) for weight in weights]
    per_constituency = booths / sum(share)
    mean = members / booths
    states = []
    for number in share:
        parents, own = array("i", [-1]), array("i", [0])
        per_district = max(1, round(CONSTITUENCIES / DISTRICTS))
        district = 0
        for constituency in range(number):
            if constituency % per_district == 0:
                district = len(parents)
                parents.append(0)
                own.append(0)
            here = len(parents)
            parents.append(district)
            own.append(0)
            strength = random.lognormvariate(-0.08, 0.4)  # of the organisation in this constituency
            count = max(1, round(random.gauss(per_constituency, per_constituency / 6)))
            parents.extend([here] * count)
            typical = mean * strength
            own.extend(int(typical * random.lognormvariate(-0.245, 0.7) + random.random()) for _ in range(count))
        states.append(Branch(range(len(parents)), parents, own))
    return states


def grown(state: Branch, seed: int) -> Branch:
    """The same state with more members: a seventh more in most booths, twice that in one of five."""
    random = Random(seed)
    more = (GROWTH, GROWTH, GROWTH, GROWTH, 2 * GROWTH)
    own = array("i", (int(here * (1 + random.choice(more)) + random.random()) if here else 0 for here in state.own))
    return Branch(state.ids, state.parents, own)


def seated(plan: Plan, state: Branch, larger: Branch, capacity: int) -> Existing:
    """Everybody of the first plan in their group, and of the newcomers as many as have room below the capacity."""
    groups, places, members = array("i"), array("i"), array("i")
    rooms = [capacity - group.members for group in plan.groups]
    for index, group in enumerate(plan.groups):
        for unit in group.units:
            for place in range(unit, state.ends[unit]):
                here = min(state.own[place], group.members)  # a large booth has several groups of its own
                if not here:
                    continue
                new = min(rooms[index], larger.own[place] - state.own[place]) if here == state.own[place] else 0
                rooms[index] -= new
                groups.append(index)
                places.append(place)
                members.append(here + new)
    return Existing([group.units for group in plan.groups], (), groups, places, members)


def constituencies_only(state: Branch) -> tuple[Branch, "array[int]"]:
    """The state without its booths, and where each of its places stands in the whole state."""
    places = array("i", (place for place in range(len(state)) if state.ends[place] > place + 1))
    position = {place: index for index, place in enumerate(places)}
    parents = array("i", (position.get(state.parents[place], -1) for place in places))
    own = array("i", (0 if place + 1 in position else state.counts[place] for place in places))
    return Branch(places, parents, own), places


def scattered(plan: Plan, places: Sequence[int], state: Branch) -> Existing:
    """Members of each booth spread evenly over the groups of their constituency, as people join in any order."""
    by_unit: dict[int, list[int]] = {}
    for index, group in enumerate(plan.groups):
        for unit in group.units:
            by_unit.setdefault(unit, []).append(index)
    groups, booths, members = array("i"), array("i"), array("i")
    for unit, choices in by_unit.items():
        turn = 0
        for booth in range(places[unit], state.ends[places[unit]]):
            here = state.own[booth]
            each, rest = divmod(here, len(choices))
            for offset in range(min(here, len(choices))):
                groups.append(choices[(turn + offset) % len(choices)])
                booths.append(booth)
                members.append(each + (offset < rest))
            turn += rest
    return Existing([[places[unit] for unit in group.units] for group in plan.groups], (), groups, booths, members)
