"""Which old group lives on as which new one: as few people as possible change their group."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

EXACT = 64  # groups on the smaller side of what hangs together, up to which the best choice is worked out
Edges = Mapping[tuple[int, int], int]


def match(edges: Edges, slots: Mapping[int, int]) -> dict[int, list[int]]:
    """For each new kind of group, the old groups that live on as one of its ``slots``; each old one once at most.

    ``edges``: how much (old, new) is worth. Where up to 64 groups hang together it is the greatest worth
    there is; beyond that the most valuable pairs are taken first, which reaches half of it at least.
    """
    found: dict[int, list[int]] = defaultdict(list)
    for olds, news, inside in _components(edges):
        columns = [new for new in news for _slot in range(min(slots[new], len(olds)))]
        if min(len(olds), len(columns)) > EXACT or len(olds) == 1 or len(news) == 1:
            pairs = _greedy(inside, edges, slots)  # the best choice where one side is a single one
        else:
            table = [[edges.get((old, new), 0) for new in columns] for old in olds]
            pairs = [(olds[row], columns[column]) for row, column in best_pairs(table) if table[row][column]]
        for old, new in pairs:
            found[new].append(old)
    return dict(found)


def at_most(edges: Edges, slots: Mapping[int, int]) -> int:
    """No choice is worth more: each new group may take its best old ones, or each old one its best new one."""
    by_new: defaultdict[int, list[int]] = defaultdict(list)
    by_old: defaultdict[int, int] = defaultdict(int)
    for (old, new), worth in edges.items():
        by_new[new].append(worth)
        by_old[old] = max(by_old[old], worth)
    best = sum(sum(sorted(worths, reverse=True)[: slots[new]]) for new, worths in by_new.items())
    return min(best, sum(by_old.values()))


def _components(edges: Edges) -> list[tuple[list[int], list[int], list[tuple[int, int]]]]:
    """Old and new groups that hang together, directly or through others, and their edges."""
    news_of: defaultdict[int, list[int]] = defaultdict(list)
    olds_of: defaultdict[int, list[int]] = defaultdict(list)
    for old, new in edges:
        news_of[old].append(new)
        olds_of[new].append(old)
    found, seen = [], set()
    for start in news_of:
        if start in seen:
            continue
        olds, news, reached, waiting = [], [], set(), [start]
        seen.add(start)
        while waiting:
            old = waiting.pop()
            olds.append(old)
            for new in news_of[old]:
                if new in reached:
                    continue
                reached.add(new)
                news.append(new)
                for other in olds_of[new]:
                    if other not in seen:
                        seen.add(other)
                        waiting.append(other)
        olds.sort()
        found.append((olds, sorted(news), [(old, new) for old in olds for new in news_of[old]]))
    return found


def _greedy(inside: Sequence[tuple[int, int]], edges: Edges, slots: Mapping[int, int]) -> list[tuple[int, int]]:
    taken: set[int] = set()
    used: defaultdict[int, int] = defaultdict(int)
    pairs = []
    for _worth, old, new in sorted((-edges[pair], *pair) for pair in inside):
        if old not in taken and used[new] < slots[new]:
            taken.add(old)
            used[new] += 1
            pairs.append((old, new))
    return pairs


def best_pairs(table: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Rows and columns paired for the greatest sum (Kuhn and Munkres, by shortest augmenting paths).

    Shape: rows of one length; the smaller side is paired completely. O(n^2 * m) for n <= m.
    """
    if len(table) > len(table[0]):
        turned = [list(column) for column in zip(*table, strict=True)]
        return [(row, column) for column, row in best_pairs(turned)]
    width = len(table[0])
    row_price, column_price = [0] * (len(table) + 1), [0] * (width + 1)
    owner = [0] * (width + 1)  # row that holds the column, counted from 1
    for row in range(1, len(table) + 1):
        owner[0], column = row, 0
        slack: list[float] = [float("inf")] * (width + 1)
        came_from, done = [0] * (width + 1), [False] * (width + 1)
        while owner[column]:
            done[column] = True
            held, step, following = owner[column], float("inf"), 0
            for other in range(1, width + 1):
                if done[other]:
                    continue
                cost = -table[held - 1][other - 1] - row_price[held] - column_price[other]
                if cost < slack[other]:
                    slack[other], came_from[other] = cost, column
                if slack[other] < step:
                    step, following = slack[other], other
            for other in range(width + 1):
                if done[other]:
                    row_price[owner[other]] += int(step)
                    column_price[other] -= int(step)
                else:
                    slack[other] -= step
            column = following
        while column:
            owner[column] = owner[came_from[column]]
            column = came_from[column]
    return [(owner[column] - 1, column - 1) for column in range(1, width + 1) if owner[column]]
