"""Seats: reserved, used, confirmed, given back. Capacity is never exceeded and no seat is lost.

The seat count of a group changes only by a conditional UPDATE in the transaction that changes the seat
row; a CHECK in the table is the second wall. Measured: counting first and inserting afterwards overfills
groups as soon as sixteen people come at once.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from toli.access.domain.scope import EVERYWHERE
from toli.chatgroups import selectors
from toli.chatgroups.errors import LinkChanging, NoCard, NoSeat, NoSeatFree
from toli.chatgroups.models import ACTIVE_SEATS, GroupTerritory, Seat, SeatState
from toli.chatgroups.services.locking import SHARE, hold_groups, share_campaign, share_values
from toli.core import clock, wall
from toli.core.prepared import Prepared
from toli.territories import selectors as territories
from toli.territories.models import Territory

# Groups that serve the member's place or one above it in the main tree. The path's own prefixes are the places above,
# so this is a handful of index look-ups. $1 member, $2 campaign.
_FITTING = """
place AS (
  SELECT n.path FROM members_member m
  JOIN territories_node n ON n.territory_id = m.territory_id AND n.valid_to IS NULL
  JOIN territories_tree r ON r.id = n.tree_id AND r.is_main
  WHERE m.id = $1),
above AS (
  SELECT a.territory_id, l.rank, prefix.position
  FROM (SELECT string_agg(part, '/') OVER (ORDER BY position) || '/' AS path, position
        FROM place, unnest(string_to_array(rtrim(place.path, '/'), '/')) WITH ORDINALITY AS x(part, position)) prefix
  JOIN territories_node a ON a.path = prefix.path COLLATE "C" AND a.valid_to IS NULL
  JOIN territories_territory t ON t.id = a.territory_id
  JOIN territories_level l ON l.id = t.level_id),
policy AS (
  SELECT l.rank FROM above
  JOIN chatgroups_divisionpolicy p ON p.territory_id = above.territory_id AND p.campaign_id = $2
  JOIN territories_level l ON l.id = p.depth_id
  ORDER BY above.position DESC LIMIT 1),
fitting AS MATERIALIZED (
  SELECT g.id, above.position,
    g.state = 'open' AND NOT s.giving_up AS lasting,
    above.rank <= COALESCE((SELECT rank FROM policy), above.rank) AS wanted,
    20 * (g.taken + g.outsiders) / g.capacity AS fill,
    sum(g.taken) OVER (PARTITION BY g.admin_id) AS load,
    (g.taken + g.outsiders)::float / g.capacity AS exact
  FROM above
  JOIN chatgroups_groupterritory s ON s.territory_id = above.territory_id
  JOIN chatgroups_chatgroup g ON g.id = s.group_id
  WHERE g.campaign_id = $2 AND g.seated AND g.state IN ('open', 'dividing') AND g.link_leaked_at IS NULL
    AND g.taken + g.outsiders < g.capacity)"""
# An open group before one that is being divided; one as deep as the policy of the place wants before a deeper one;
# then the deepest, the emptiest in steps of a twentieth, and the one whose admin has fewest people to look after.
_BEST = "f.lasting DESC, f.wanted DESC, f.position DESC, f.fill, f.load, f.exact, f.id"
# Whoever waits for groups waits for them in this order, which is the same for everybody: nobody waits in a circle.
_IN_LINE = "f.lasting DESC, f.wanted DESC, f.position DESC, f.id"
# $3 now, $4 today. The group stays locked from the moment it is chosen, so its count goes up with the seat or not at
# all; of two requests for the same member the second one writes no seat. Groups are locked one after the other in the
# order that was worked out, until one is free: none of the others is looked up a second time.
_TAKE = f"""
WITH held AS (
  SELECT * FROM chatgroups_seat
  WHERE member_id = $1 AND campaign_id = $2 AND state IN ('reserved', 'invited', 'joined')),
carded AS (
  SELECT FROM cards_card WHERE member_id = $1 AND revoked_at IS NULL AND valid_until >= $4),
{_FITTING},
chosen AS (
  SELECT free.id FROM (
    SELECT f.id FROM fitting f WHERE EXISTS (SELECT FROM carded) AND NOT EXISTS (SELECT FROM held) ORDER BY {{order}}) f
  CROSS JOIN LATERAL (
    SELECT g.id FROM chatgroups_chatgroup g
    WHERE g.id = f.id AND g.state IN ('open', 'dividing') AND g.link_leaked_at IS NULL
      AND g.taken + g.outsiders < g.capacity
    FOR NO KEY UPDATE {{patience}}) free
  LIMIT 1),
reserved AS (
  INSERT INTO chatgroups_seat (campaign_id, group_id, member_id, state, reserved_at)
  SELECT $2, id, $1, 'reserved', $3 FROM chosen
  ON CONFLICT (member_id, campaign_id) WHERE state IN ('reserved', 'invited', 'joined') DO NOTHING
  RETURNING *),
counted AS (
  UPDATE chatgroups_chatgroup g SET taken = g.taken + 1 FROM reserved WHERE g.id = reserved.group_id)
SELECT EXISTS (SELECT FROM carded), EXISTS (SELECT FROM chosen), seat.* FROM (VALUES (1)) one
LEFT JOIN (SELECT {{columns}} FROM held UNION ALL SELECT {{columns}} FROM reserved) seat ON true"""  # noqa: S608
_FIELDS = ("id", "campaign_id", "group_id", "member_id", "state", "reserved_at", "invited_at", "joined_at", "ended_at")
_TYPES = ("bigint", "bigint", "timestamptz", "date")
_COLUMNS = ", ".join(_FIELDS)
# The best group of those that nobody is entering at this moment; then whichever has room.
_BEST_FREE = Prepared("toli_take_seat", _TYPES, _TAKE.format(order=_BEST, patience="SKIP LOCKED", columns=_COLUMNS))
_IN_TURN = Prepared("toli_wait_for_seat", _TYPES, _TAKE.format(order=_IN_LINE, patience="", columns=_COLUMNS))
_CANDIDATES = Prepared(
    "toli_fitting_groups",
    ("bigint", "bigint"),
    f"WITH {_FITTING} SELECT f.id FROM fitting f ORDER BY {_BEST} LIMIT 8",  # noqa: S608
)
_INVITE = """
WITH invited AS (UPDATE chatgroups_seat SET state = 'invited', invited_at = %s WHERE id = %s AND state = 'reserved')
SELECT join_address, link_leaked_at FROM chatgroups_chatgroup WHERE id = %s"""


_END = """
WITH ended AS (
  UPDATE chatgroups_seat SET state = %s, ended_at = %s
  WHERE id = ANY(%s) AND state IN ('reserved', 'invited', 'joined') RETURNING group_id),
gone AS (SELECT group_id, count(*) AS people FROM ended GROUP BY group_id),
counted AS (UPDATE chatgroups_chatgroup g SET taken = g.taken - gone.people FROM gone WHERE g.id = gone.group_id)
SELECT count(*) FROM ended"""


@wall.lifted("a free seat is looked for in every group that serves the member's place")
def take_seat(*, member_id: int, campaign_id: int) -> Seat:
    """Reserve a seat for the member in the open group that fits best; a seat already held is returned.

    One statement, sent with the campaign's lock: docs/algorithms/seats.md.

    Raises:
        NoCard: only holders of a valid card are seated. NoSeatFree: no group with a free seat serves them.
    """
    for attempt in (_BEST_FREE, _IN_TURN, _IN_TURN):
        values = (member_id, campaign_id, clock.now(), clock.today())
        [(carded, chosen, *seat)] = attempt.run(*values, before=SHARE, before_values=share_values(campaign_id))
        if seat[0] is not None:
            return Seat.from_db("default", _FIELDS, seat)
        if not carded:
            raise NoCard
        if attempt is _IN_TURN and not chosen:
            break  # chosen and yet no seat: another request of the same member was quicker, and is seen by the next
    raise NoSeatFree


@transaction.atomic
def go_to_group(*, member_id: int, campaign_id: int) -> str:
    """The join address of the member's group; from now on they count as invited.

    Raises as take_seat. LinkChanging: the group's link is in the wrong hands and is being changed.
    """
    seat = take_seat(member_id=member_id, campaign_id=campaign_id)
    with connection.cursor() as cursor:
        cursor.execute(_INVITE, [clock.now(), seat.pk, seat.group_id])
        address, leaked_at = cursor.fetchone()
    if leaked_at is not None:
        raise LinkChanging
    return str(address)


@transaction.atomic
def confirm_joined(*, member_id: int, campaign_id: int) -> Seat:
    """The member says that they are in the group now. Safe to repeat. Raises NoSeat."""
    share_campaign(campaign_id)
    seat = selectors.seat_of(member_id, campaign_id)
    if seat is None:
        raise NoSeat
    if seat.state != SeatState.JOINED:
        seat.state, seat.joined_at = SeatState.JOINED, clock.now()
        seat.save(update_fields=["state", "joined_at"])
    return seat


@transaction.atomic
@wall.lifted("the group's count changes with the seat")
def leave_group(*, member_id: int, campaign_id: int) -> None:
    """Give the member's seat back. Nothing to do when there is none."""
    share_campaign(campaign_id)
    end_seats(Seat.objects.filter(member_id=member_id, campaign_id=campaign_id), SeatState.LEFT)


def end_seats(seats: QuerySet[Seat], state: SeatState, *, now: datetime | None = None) -> int:
    """End those of the seats that are held, and count them out of their groups. Returns how many.

    The groups are locked first, as by everybody who changes seats: nobody waits in a circle.
    """
    held = seats.filter(state__in=ACTIVE_SEATS)
    hold_groups(held.values_list("group_id", flat=True))
    ids = list(held.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_END, [state, now or clock.now(), ids])
        return int(cursor.fetchone()[0])


@transaction.atomic
@wall.lifted("a free seat is looked for in every group that serves the member's place")
def follow_member(*, member_id: int, campaign_id: int) -> Seat | None:
    """Give a member who moved a seat where they live now. Returns their seat; None: they had none.

    Until a group there has room they keep the old one: nobody is without a group in between. Safe to repeat.
    """
    share_campaign(campaign_id)
    held = Seat.objects.filter(member_id=member_id, campaign_id=campaign_id, state__in=ACTIVE_SEATS)
    seat = held.select_related("member__territory").first()
    if seat is None or _serves(seat.group_id, seat.member.territory):
        return seat
    candidates = [row[0] for row in _CANDIDATES.run(member_id, campaign_id)]
    hold_groups([seat.group_id, *candidates])
    if held.select_for_update().filter(pk=seat.pk).first() is None:
        return held.first()  # it ended while we waited for the groups
    for group_id in candidates:
        if occupy(group_id):
            now = clock.now()
            end_seats(held, SeatState.MOVED, now=now)
            return Seat.objects.create(
                campaign_id=campaign_id,
                group_id=group_id,
                member_id=member_id,
                state=SeatState.RESERVED,
                reserved_at=now,
            )
    return seat


def _serves(group_id: int, place: Territory) -> bool:
    above = [territory.pk for territory in territories.ancestors(EVERYWHERE, place)]
    return GroupTerritory.objects.filter(group_id=group_id, territory_id__in=above).exists()


def occupy(group_id: int) -> bool:
    """Count one more into the group, if it takes people and has room. The caller writes the seat."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE chatgroups_chatgroup SET taken = taken + 1
               WHERE id = %s AND state IN ('open', 'dividing') AND taken + outsiders < capacity""",
            [group_id],
        )
        return bool(cursor.rowcount)
