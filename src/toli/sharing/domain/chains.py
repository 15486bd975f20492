"""Who is credited, and how far, when somebody joins by a link: chains of members over several hops.

Asha's link brings Bilal, Bilal's brings Chhaya: Chhaya is one hop from Bilal and two from Asha. Only counts are kept
(how many people stand how many hops from a member), so that they can outlive the knowledge of who brought whom.

    Everybody's counts at one hop add up to the number of people who joined by a link.
    The order in which joinings become known does not change any count.

The second holds because whoever becomes known as brought by somebody takes along those whom they themselves brought.
"""

from collections.abc import Mapping, Sequence

MOST_HOPS = 5


def credits_for(ancestors: Sequence[int], brought: Mapping[int, int]) -> list[tuple[int, int, int]]:
    """(member, hop, people) to be added.

    ``ancestors``: whoever brought the newcomer, then whoever brought those, and so on. ``brought``: how many people
    stand how many hops from the newcomer already.
    """
    return [
        (ancestor, hop + depth, people)
        for hop, ancestor in enumerate(ancestors, start=1)
        for depth, people in sorted({0: 1, **brought}.items())
        if hop + depth <= MOST_HOPS and people
    ]
