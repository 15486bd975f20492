"""A branch of the territory tree with its members counted, in columns: no object for each place."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Branch:
    """Places in preorder, siblings in their natural order; the first one is the root.

    ``ids``: whatever the caller knows them by. ``parents``: position of the parent, -1 for the root.
    ``own``: members who live at the place itself. Worked out: ``counts``, with everything below; ``ends``,
    the position behind the last place below.

    Raises:
        ValueError: not in preorder, or columns of different lengths.
    """

    ids: Sequence[int]
    parents: Sequence[int]
    own: Sequence[int]
    counts: "array[int]" = field(init=False)
    ends: "array[int]" = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.ids)
        if not size or len(self.parents) != size or len(self.own) != size:
            raise ValueError("a branch has a root, and a parent and a count for each place")
        self.counts = array("q", self.own)
        sizes = array("i", [1]) * size
        counts, parents = self.counts, self.parents
        for place in range(size - 1, 0, -1):
            parent = parents[place]
            if not 0 <= parent < place:
                raise ValueError("a place stands behind its parent")
            counts[parent] += counts[place]
            sizes[parent] += sizes[place]
        ends = self.ends = array("i", (place + below for place, below in enumerate(sizes)))
        if any(place >= ends[parents[place]] for place in range(1, size)):
            raise ValueError("the places are not in preorder")

    def __len__(self) -> int:
        return len(self.ids)

    def above(self, place: int) -> Iterator[int]:
        """The places above, the nearest first."""
        while place:
            place = self.parents[place]
            yield place

    def meeting(self, places: Iterable[int]) -> int:
        """The smallest place that holds all of them; of a single one, the place above it."""
        first, *rest = sorted(places)
        low = self.parents[first] if first else 0
        last = rest[-1] if rest else first
        while self.ends[low] <= last:
            low = self.parents[low]
        return low


@dataclass(slots=True)
class Existing:
    """Groups that exist. ``serves``: places of each; none for one that is being given up.

    ``renamed``: whether a group may live on as that of other places; else only where it keeps some of its own.

    ``admins``: where the admin of each lives or acts, -1 if nowhere here; none at all is all -1. The seats
    in three columns: ``members[i]``, at least 1, of the group ``groups[i]`` live at the place ``places[i]``.
    """

    serves: Sequence[Sequence[int]] = ()
    admins: Sequence[int] = ()
    groups: Sequence[int] = ()
    places: Sequence[int] = ()
    members: Sequence[int] = ()
    renamed: bool = True

    def __len__(self) -> int:
        return len(self.serves)
