"""What the planner is given: the branch with its members, and the groups that exist, out of the database."""

from array import array
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connection

from toli.chatgroups import selectors
from toli.chatgroups.domain.planning import Branch, Existing
from toli.chatgroups.models import Campaign, ChatGroup, DivisionPolicy, GroupState, GroupTerritory
from toli.core import clock
from toli.territories import selectors as territories
from toli.territories.domain.paths import natural_key
from toli.territories.models import Level, Node, Territory

_PEOPLE = """SELECT n.path, count(*) FROM territories_node n
JOIN members_member m ON m.territory_id = n.territory_id
WHERE n.path >= %s AND n.path < %s AND n.valid_to IS NULL AND (
  (m.state = 'active' AND EXISTS (SELECT 1 FROM cards_card c WHERE c.member_id = m.id AND c.revoked_at IS NULL))
  OR EXISTS (SELECT 1 FROM chatgroups_seat s JOIN chatgroups_chatgroup g ON g.id = s.group_id
             WHERE s.member_id = m.id AND s.campaign_id = %s AND s.state IN ('reserved', 'invited', 'joined')))
GROUP BY n.path"""
_SEATS = """SELECT s.group_id, n.path, count(*) FROM chatgroups_seat s
JOIN members_member m ON m.id = s.member_id
JOIN territories_node n ON n.territory_id = m.territory_id AND n.valid_to IS NULL
WHERE s.group_id = ANY(%s) AND s.state IN ('reserved', 'invited', 'joined') AND n.path >= %s AND n.path < %s
GROUP BY s.group_id, n.path"""
_ADMINS = """SELECT a.account_id, n.path FROM access_roleassignment a
JOIN territories_node n ON n.territory_id = a.territory_id AND n.valid_to IS NULL
WHERE a.account_id = ANY(%s) AND a.valid_from <= %s AND (a.valid_to IS NULL OR a.valid_to > %s)
  AND n.path >= %s AND n.path < %s ORDER BY length(n.path)"""


@dataclass(slots=True)
class Counted:
    """The branch by position; ``groups`` are the existing ones in the order of ``existing``."""

    branch: Branch
    existing: Existing
    groups: list[ChatGroup]


def count_branch(campaign: Campaign, territory: Territory, level: Level) -> Counted:
    """The branch of a territory down to a level, in which branches below keep to their own policy."""
    path = territories.path_of(territory.pk)
    bounds = [path, path[:-1] + "0"]
    paths, ids, parents = _places(campaign, path, level)
    position = {place: index for index, place in enumerate(paths)}
    own = array("q", bytes(8 * len(ids)))
    for place, people in _rows(_PEOPLE, [*bounds, campaign.pk]):
        own[_nearest(position, place)] += people
    groups, serves = _groups(campaign, territory)
    by_id = dict(zip(ids, range(len(ids)), strict=True))
    everywhere = {node: _nearest(position, place) for node, place in _deeper(path, serves, by_id)} | by_id
    number = {group.pk: index for index, group in enumerate(groups)}
    columns: tuple[list[int], list[int], list[int]] = ([], [], [])
    for group_id, place, people in _rows(_SEATS, [list(number), *bounds]):
        for column, value in zip(columns, (number[group_id], _nearest(position, place), people), strict=True):
            column.append(value)
    today = clock.today()
    acts_at: dict[int, str] = dict(_rows(_ADMINS, [[group.admin_id for group in groups], today, today, *bounds]))
    existing = Existing(
        serves=[
            sorted({everywhere[place] for place in serves[group.pk]}) if group.state != GroupState.DIVIDING else ()
            for group in groups
        ],
        admins=[_nearest(position, acts_at[group.admin_id]) if group.admin_id in acts_at else -1 for group in groups],
        groups=columns[0],
        places=columns[1],
        members=columns[2],
        renamed=False,
    )
    return Counted(Branch(ids, parents, own), existing, groups)


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _nearest(position: dict[str, int], path: str) -> int:
    """Where the place stands in the branch, or the nearest one above it that does."""
    while path not in position:
        path = path[: path.rindex("/", 0, -1) + 1]
    return position[path]


def _places(campaign: Campaign, path: str, level: Level) -> tuple[list[str], list[int], "array[int]"]:
    """Paths, territory ids and parents' positions in preorder, siblings in natural order."""
    depth = {path: level.rank}
    policies = DivisionPolicy.objects.filter(campaign=campaign, territory__in=territories.within_path(path))
    known = dict(policies.values_list("territory_id", "depth__rank"))
    for below, territory_id in (
        Node.objects.within_paths((path,)).filter(territory_id__in=known).values_list("path", "territory_id")
    ):
        depth[below] = level.rank if below == path else known[territory_id]
    rows = (
        Node.objects.within_paths((path,))
        .order_by("path")
        .values_list("path", "territory_id", "territory__code", "territory__number", "territory__level__rank")
    )
    below_of: defaultdict[str, list[tuple[tuple[object, ...], str, int]]] = defaultdict(list)
    limit: dict[str, int] = {}
    root = 0
    for place, territory_id, code, number, rank in rows.iterator():
        above = place[: -len(code) - 1]
        if place == path:
            root, limit[place] = territory_id, level.rank
        elif above in limit and rank <= (most := depth.get(place, limit[above])):
            limit[place] = most
            below_of[above].append(((rank, natural_key(number), natural_key(code)), place, territory_id))
    paths, ids, parents = [path], [root], array("i", [-1])
    waiting = [(0, entry) for entry in sorted(below_of[path], reverse=True)]
    while waiting:
        parent, (_order, place, territory_id) = waiting.pop()
        here = len(ids)
        paths.append(place)
        ids.append(territory_id)
        parents.append(parent)
        waiting.extend((here, entry) for entry in sorted(below_of.get(place, ()), reverse=True))
    return paths, ids, parents


def _groups(campaign: Campaign, territory: Territory) -> tuple[list[ChatGroup], dict[int, set[int]]]:
    """Current groups that serve the territory or parts of it and nothing outside, with the places they serve."""
    inside = territories.descendant_ids(territory)
    mine = GroupTerritory.objects.filter(
        group__campaign=campaign, group__seated=True, group__state__in=selectors.CURRENT
    )
    outside = mine.exclude(territory_id__in=inside).values("group_id")
    serves: dict[int, set[int]] = defaultdict(set)
    rows = mine.filter(territory_id__in=inside).exclude(group_id__in=outside)
    for group_id, territory_id, giving_up in rows.values_list("group_id", "territory_id", "giving_up"):
        serves[group_id] |= set() if giving_up else {territory_id}
    found = ChatGroup.objects.filter(pk__in=list(serves)).select_related("territory")
    return list(found.order_by("pk")), serves


def _deeper(path: str, serves: dict[int, set[int]], known: dict[int, int]) -> list[tuple[int, str]]:
    """Served places below the level of this plan, with their paths."""
    missing = {place for places in serves.values() for place in places if place not in known}
    found = Node.objects.within_paths((path,)).filter(territory_id__in=missing)
    return list(found.values_list("territory_id", "path"))
