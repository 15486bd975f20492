"""Which places are divided, and the units that groups are made of."""

from array import array
from collections import defaultdict
from dataclasses import dataclass

from toli.chatgroups.domain.planning.branch import Branch, Existing
from toli.chatgroups.domain.planning.limits import Limits


@dataclass(slots=True)
class Layout:
    """Units are places that are not divided, and the members who live at a divided place itself.

    ``unit_of``: the unit in which a place counts. ``homes``: units by the divided place above them, in
    natural order. ``loads``: members of a unit, 0 for what is none. ``below``: places with groups below.
    """

    unit_of: "array[int]"
    homes: dict[int, list[int]]
    loads: "array[int]"
    divided: bytearray
    below: bytearray


def lay_out(branch: Branch, limits: Limits, existing: Existing) -> Layout:
    """From the top down and no deeper than needed: what fits one group stays together (R5).

    A branch that has one group keeps it up to the capacity; one that has groups below stays divided.
    """
    size = len(branch)
    below, together = bytearray(size), bytearray(size)
    for places in existing.serves:
        for place in places:
            together[place] = 1
            for higher in branch.above(place):
                if below[higher]:
                    break
                below[higher] = 1
    layout = Layout(array("i", range(size)), defaultdict(list), array("q", bytes(8 * size)), bytearray(size), below)
    counts, ends, parents, own = branch.counts, branch.ends, branch.parents, branch.own
    unit_of, homes, loads, divided = layout.unit_of, layout.homes, layout.loads, layout.divided
    target, capacity, place = limits.target, limits.capacity, 0
    while place < size:
        end, count = ends[place], counts[place]
        if end > place + 1 and (below[place] or count > (capacity if together[place] else target)):
            divided[place] = 1
            if own[place]:
                homes[place].append(place)
                loads[place] = own[place]
            place += 1
            continue
        homes[parents[place] if place else 0].append(place)
        loads[place] = count
        if end > place + 1:
            unit_of[place:end] = array("i", [place]) * (end - place)
        place = end
    return layout
