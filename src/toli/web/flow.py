"""A picture of people who go from groups to groups: bars on both sides, bands between them. Pure.

Said in a table beside it as well: whoever cannot see it misses nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

WIDTH, BAR, GAP, LETTERS = 340, 10, 30, 17
SCALE = 150  # height of all people together


@dataclass(slots=True)
class Node:
    """A group. ``y``, ``height``: of its bar; ``used``: how much of it bands have taken."""

    label: str
    people: int = 0
    y: float = 0
    height: float = 0
    used: float = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """What the page draws, ``WIDTH`` wide. ``bands``: paths."""

    olds: list[Node]
    news: list[Node]
    bands: list[str] = field(default_factory=list)
    height: int = 0
    width: int = WIDTH


def draw(moves: Iterable[tuple[str, str, int]], *, most: int = 8, others: str = "…") -> Flow | None:
    """The picture of who goes where; None when nobody moves. Beyond ``most`` on a side, the smallest share a bar."""
    rows = [move for move in moves if move[2]]
    if not rows:
        return None
    olds = _nodes([(old, people) for old, _new, people in rows], most, others)
    news = _nodes([(new, people) for _old, new, people in rows], most, others)
    total = sum(people for _old, _new, people in rows)
    height = max(_place(side.values(), total) for side in (olds, news))
    between: dict[tuple[str, str], int] = {}
    for old, new, people in rows:
        pair = (old if old in olds else others, new if new in news else others)
        between[pair] = between.get(pair, 0) + people
    order = {label: index for index, label in enumerate([*olds, *news])}
    pairs = sorted(between, key=lambda pair: (order[pair[0]], order[pair[1]]))
    bands = [_band(olds[old], news[new], between[old, new] / total * SCALE) for old, new in pairs]
    return Flow(list(olds.values()), list(news.values()), bands, round(height))


def shortened(label: str) -> str:
    """A name that fits beside a bar."""
    return label if len(label) <= LETTERS else label[: LETTERS - 1].rstrip() + "…"


def _nodes(sides: Sequence[tuple[str, int]], most: int, others: str) -> dict[str, Node]:
    people: dict[str, int] = {}
    for label, number in sides:
        people[label] = people.get(label, 0) + number
    kept = set(people)
    if len(people) > most:
        kept = set(sorted(people, key=lambda label: -people[label])[: most - 1])
    nodes = {label: Node(shortened(label), number) for label, number in people.items() if label in kept}
    rest = sum(number for label, number in people.items() if label not in kept)
    if rest:
        nodes[others] = Node(others, rest)
    return nodes


def _place(nodes: Iterable[Node], total: int) -> float:
    y = 20.0
    for node in nodes:
        node.y, node.height = y, max(2.0, node.people / total * SCALE)
        y += node.height + GAP
    return y - GAP + 4


def _band(old: Node, new: Node, thick: float) -> str:
    left, right, middle = BAR, WIDTH - BAR, WIDTH / 2
    a, b = old.y + old.used, new.y + new.used
    old.used += thick
    new.used += thick
    return (
        f"M{left} {a:.1f}C{middle:.0f} {a:.1f} {middle:.0f} {b:.1f} {right} {b:.1f}"
        f"V{b + thick:.1f}C{middle:.0f} {b + thick:.1f} {middle:.0f} {a + thick:.1f} {left} {a + thick:.1f}Z"
    )
