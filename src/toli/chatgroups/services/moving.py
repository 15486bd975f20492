"""Moving people out of groups that are divided or give up some of their places, as the successors open.

A member gets the seat in the new group in the same transaction that ends the seat in the old one: nobody
is without a seat and nobody has two at any moment that others can see.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from toli.access.domain.permissions import GROUPS_DIVIDE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.chatgroups import selectors
from toli.chatgroups.models import (
    ACTIVE_SEATS,
    Campaign,
    ChatGroup,
    GroupState,
    GroupTerritory,
    Migration,
    MigrationGroup,
    MigrationState,
    Seat,
    SeatState,
)
from toli.chatgroups.services.locking import hold_campaign
from toli.core import clock
from toli.territories import selectors as territories

BATCH = 500


@dataclass(slots=True)
class MoveReport:
    """``waiting``: people whose new group is not open yet. ``divided``: old groups that are empty now."""

    moved: int = 0
    waiting: int = 0
    divided: int = 0


@dataclass(slots=True)
class _Target:
    group_id: int
    taken: int
    capacity: int


def move_members(*, actor: Actor, campaign_code: str, territory_code: str) -> MoveReport:
    """Give the people of dividing groups of a territory their seats in the groups that are open.

    In batches, each a transaction of its own that holds the campaign's lock alone; stopped at any
    point, the next call goes on. Raises TerritoryNotFound, CampaignNotFound.
    """
    territory = territories.get_territory(scope_for(actor, GROUPS_DIVIDE), territory_code)
    campaign = selectors.get_campaign(campaign_code)
    path, report, after = territories.path_of(territory.pk), MoveReport(), 0
    while True:
        with transaction.atomic():
            hold_campaign(campaign.pk)
            seats = _seats_to_move(campaign, path, after)
            if not seats:
                break
            after = seats[-1][0]
            moves = _choose(campaign, path, seats)
            move_seats(campaign, moves)
            report.moved += len(moves)
            report.waiting += len(seats) - len(moves)
    with transaction.atomic():
        hold_campaign(campaign.pk)
        report.divided = _close_empty(campaign, path)
        _let_go(campaign, path)
        if report.moved:
            audit.record_act(
                actor,
                action="chatgroups.move",
                target=f"territory:{territory.pk}",
                territory_id=territory.pk,
                details={"moved": report.moved, "waiting": report.waiting},
            )
    return report


def _seats_to_move(campaign: Campaign, path: str, after: int) -> list[tuple[int, int, int, str]]:
    """Seat, member, old group and place of the next people of the branch whose group is no longer theirs.

    Where a migration is paused nobody moves.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.id, s.member_id, s.group_id, n.path
               FROM chatgroups_chatgroup g
               JOIN chatgroups_seat s ON s.group_id = g.id AND s.state IN ('reserved', 'invited', 'joined')
               JOIN members_member m ON m.id = s.member_id
               JOIN territories_node n ON n.territory_id = m.territory_id AND n.valid_to IS NULL
                 AND n.path >= %s AND n.path < %s
               WHERE g.campaign_id = %s AND s.id > %s AND (g.state = 'dividing' OR (g.state = 'open'
                 AND EXISTS (SELECT 1 FROM chatgroups_groupterritory gone WHERE gone.group_id = g.id AND gone.giving_up)
                 AND NOT EXISTS (
                   SELECT 1 FROM chatgroups_groupterritory kept JOIN territories_node a
                     ON a.territory_id = kept.territory_id AND a.valid_to IS NULL AND starts_with(n.path, a.path)
                   WHERE kept.group_id = g.id AND NOT kept.giving_up)))
                 AND NOT EXISTS (
                   SELECT 1 FROM chatgroups_migration w JOIN territories_node a
                     ON a.territory_id = w.territory_id AND a.valid_to IS NULL AND starts_with(n.path, a.path)
                   WHERE w.campaign_id = g.campaign_id AND w.state = 'paused')
               ORDER BY s.id LIMIT %s""",
            [path, path[:-1] + "0", campaign.pk, after, BATCH],
        )
        return list(cursor.fetchall())


def _choose(campaign: Campaign, path: str, seats: list[tuple[int, int, int, str]]) -> list[tuple[int, int, int, int]]:
    """Seat, member, old and new group of those for whom an open group has room; the deepest one first."""
    targets = _targets(campaign, path)
    moves = []
    for seat_id, member_id, old_group, place in seats:
        target = _best(targets, place)
        if target is not None:
            target.taken += 1
            moves.append((seat_id, member_id, old_group, target.group_id))
    return moves


def _targets(campaign: Campaign, path: str) -> dict[str, list[_Target]]:
    """Open groups by the paths of the places they serve; a group that serves several stands once in each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.path, g.id, g.taken + g.outsiders, g.capacity FROM territories_node n
               JOIN chatgroups_groupterritory t ON t.territory_id = n.territory_id
               JOIN chatgroups_chatgroup g ON g.id = t.group_id
               WHERE g.campaign_id = %s AND g.state = 'open' AND NOT t.giving_up
                 AND n.path >= %s AND n.path < %s AND n.valid_to IS NULL""",
            [campaign.pk, path, path[:-1] + "0"],
        )
        shared: dict[int, _Target] = {}
        by_path: defaultdict[str, list[_Target]] = defaultdict(list)
        for place, group_id, taken, capacity in cursor.fetchall():
            by_path[place].append(shared.setdefault(group_id, _Target(group_id, taken, capacity)))
        return dict(by_path)


def _best(targets: dict[str, list[_Target]], place: str) -> _Target | None:
    parts = place.split("/")[:-1]
    for length in range(len(parts), 1, -1):
        free = [target for target in targets.get("/".join(parts[:length]) + "/", ()) if target.taken < target.capacity]
        if free:
            return min(free, key=lambda target: (target.taken / target.capacity, target.group_id))
    return None


def move_seats(
    campaign: Campaign, moves: Sequence[tuple[int, int, int, int]], *, joined: Mapping[int, datetime] | None = None
) -> None:
    """Carry out moves (seat, member, old and new group) in the caller's transaction, which holds the campaign's lock.

    ``joined``: since when members are in the group that they come (back) to, by member.
    """
    now, joined = clock.now(), joined or {}
    ended = Seat.objects.filter(pk__in=[seat_id for seat_id, *_rest in moves], state__in=ACTIVE_SEATS)
    if ended.update(state=SeatState.MOVED, ended_at=now) != len(moves):
        raise AssertionError("seats changed although the campaign's lock is held")
    Seat.objects.bulk_create(
        Seat(
            campaign=campaign,
            group_id=new_group,
            member_id=member_id,
            state=SeatState.JOINED if member_id in joined else SeatState.RESERVED,
            reserved_at=now,
            joined_at=joined.get(member_id),
        )
        for _seat, member_id, _old, new_group in moves
    )
    change = Counter(new_group for *_rest, new_group in moves)
    change.subtract(Counter(old_group for _seat, _member, old_group, _new in moves))
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE chatgroups_chatgroup SET taken = taken + %s WHERE id = %s",
            [(delta, group_id) for group_id, delta in sorted(change.items()) if delta],
        )


def _close_empty(campaign: Campaign, path: str) -> int:
    """Groups without people whose successors are all open have been divided.

    While other waves are to come, the group stays for people of places that have no group of their own yet.
    """
    dividing = ChatGroup.objects.filter(campaign=campaign, state=GroupState.DIVIDING, taken=0)
    inside = territories.within_path(path)
    waited_for = _to_come().filter(old_groups__group=OuterRef("pk"))
    finished = dividing.filter(serves__territory_id__in=inside).exclude(successors__state=GroupState.ASKED)
    finished = finished.exclude(Exists(waited_for))
    return ChatGroup.objects.filter(pk__in=list(finished.values_list("pk", flat=True))).update(state=GroupState.DIVIDED)


def _let_go(campaign: Campaign, path: str) -> None:
    """Places that groups give up are no longer theirs when the successors are open and nobody is left to move."""
    waiting = {group_id for _seat, _member, group_id, _place in _seats_to_move(campaign, path, 0)}
    gone = GroupTerritory.objects.filter(
        giving_up=True, group__campaign=campaign, territory_id__in=territories.within_path(path)
    )
    waited_for = _to_come().filter(planned__group=OuterRef("group_id"))
    gone = gone.exclude(Exists(waited_for)).exclude(group_id__in=waiting)
    gone.exclude(group__successors__state=GroupState.ASKED).delete()


def _to_come() -> QuerySet[Migration]:
    """Migrations some of whose groups do not exist yet."""
    asked = MigrationGroup.objects.filter(migration=OuterRef("pk"), is_new=True)
    missing = asked.filter(Q(group=None) | Q(group__state=GroupState.ASKED))
    return Migration.objects.filter(Exists(missing), state__in=(MigrationState.RUNNING, MigrationState.PAUSED))
