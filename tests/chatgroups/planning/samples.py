"""Small trees, and what has happened in the groups that a plan made for them."""

from collections import defaultdict

from hypothesis import strategies as st

from toli.chatgroups.domain.planning import Branch, Existing, Limits, Plan


def branch_of(tree) -> Branch:
    """A branch from nested lists: a number is a place, a list a divided one, ``(own, [...])`` one with own members."""
    ids, parents, own = [], [], []

    def add(node, parent):
        place = len(ids)
        here, below = node if isinstance(node, tuple) else (0, node) if isinstance(node, list) else (node, [])
        ids.append(100 + place)
        parents.append(parent)
        own.append(here)
        for child in below:
            add(child, place)

    add(tree, -1)
    return Branch(ids, parents, own)


def settled(plan: Plan, branch: Branch, old: Existing | None = None) -> Existing:
    """The groups of a plan once all have moved and those without a seat have taken one, never above the plan."""
    seats = defaultdict(int)
    numbers = {group.lives_on: index for index, group in enumerate(plan.groups) if group.lives_on >= 0}
    if old is not None:
        for group, place, members in zip(old.groups, old.places, old.members, strict=True):
            seats[numbers.get(group, -1 - group), place] += members
        for group, place, new, members in plan.moves:
            seats[numbers.get(group, -1 - group), place] -= members
            seats[new, place] += members
    assert all(group >= 0 for (group, _place), members in seats.items() if members)
    seated, full = defaultdict(int), defaultdict(int)
    for (group, place), members in seats.items():
        seated[place] += members
        full[group] += members
    by_unit = defaultdict(list)
    for index, group in enumerate(plan.groups):
        for unit in group.units:
            by_unit[unit].append(index)
    for place in range(len(branch)):
        without = branch.own[place] - seated[place]
        unit = next((unit for unit in [place, *branch.above(place)] if unit in by_unit), place)
        for index in by_unit[unit]:
            part = min(without, plan.groups[index].members - full[index])
            seats[index, place] += part
            full[index] += part
            without -= part
        assert without == 0
    rows = [(group, place, members) for (group, place), members in sorted(seats.items()) if members]
    return Existing(
        serves=[group.units for group in plan.groups],
        groups=[row[0] for row in rows],
        places=[row[1] for row in rows],
        members=[row[2] for row in rows],
    )


def _trees(most: int):
    leaf = st.integers(0, most)
    constituency = st.lists(leaf, min_size=1, max_size=12)
    own = st.tuples(st.integers(0, most), st.lists(leaf, min_size=1, max_size=5))
    district = st.lists(constituency | own | leaf, min_size=1, max_size=4)
    return st.lists(district | leaf, min_size=1, max_size=3)


trees = _trees(60)
limits = st.builds(
    lambda target, more, share: Limits(target + more, target, max(1, round(target * share))),
    st.integers(4, 50),
    st.integers(0, 10),
    st.floats(0, 0.45),
)
