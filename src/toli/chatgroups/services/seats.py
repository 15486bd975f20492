"""Seats: reserved, used, confirmed, given back. Capacity is never exceeded and no seat is lost.

The seat count of a group changes only by a conditional UPDATE in the transaction that changes the seat
row; a CHECK in the table is the second wall. Measured: counting first and inserting afterwards overfills
groups as soon as sixteen people come at once.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from toli.chatgroups import selectors
from toli.chatgroups.errors import LinkChanging, NoCard, NoSeat, NoSeatFree
from toli.chatgroups.models import ACTIVE_SEATS, Seat, SeatState
from toli.chatgroups.services.locking import SHARE, hold_groups, share_campaign, share_values
from toli.core import clock, wall
from toli.core.prepared import Prepared

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
fitting AS (
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
# A group that serves somebody who stands in line before the member, holds a card and has no seat, has none for the
# member. Worked out only while somebody waits, and from the places that they live in: people may be a million.
_PROMISED = """,
lines AS (
  SELECT DISTINCT w.territory_id FROM chatgroups_waitingplace w WHERE w.campaign_id = $2 AND w.ended_at IS NULL),
own AS (
  SELECT COALESCE(min(w.id), 9223372036854775807) AS id FROM chatgroups_waitingplace w
  WHERE w.member_id = $1 AND w.campaign_id = $2 AND w.ended_at IS NULL),
promised AS MATERIALIZED (
  SELECT DISTINCT f.id AS group_id FROM lines
  JOIN territories_node n ON n.territory_id = lines.territory_id AND n.valid_to IS NULL
  JOIN territories_tree r ON r.id = n.tree_id AND r.is_main
  JOIN (fitting f
    JOIN chatgroups_groupterritory s ON s.group_id = f.id
    JOIN territories_node a ON a.territory_id = s.territory_id AND a.valid_to IS NULL)
    ON a.tree_id = r.id AND n.path ^@ a.path
  WHERE EXISTS (
    SELECT FROM chatgroups_waitingplace w
    WHERE w.campaign_id = $2 AND w.territory_id = lines.territory_id AND w.ended_at IS NULL AND w.member_id <> $1
      AND w.id < (SELECT id FROM own)
      AND EXISTS (SELECT FROM cards_card c
        WHERE c.member_id = w.member_id AND c.revoked_at IS NULL AND c.valid_until >= $4)
      AND NOT EXISTS (SELECT FROM chatgroups_seat taken WHERE taken.member_id = w.member_id
        AND taken.campaign_id = $2 AND taken.state IN ('reserved', 'invited', 'joined'))))"""
_NOBODY_WAITS = """NOT EXISTS (
      SELECT FROM chatgroups_waitingplace w WHERE w.campaign_id = $2 AND w.ended_at IS NULL)"""
_NOT_PROMISED = "f.id NOT IN (SELECT group_id FROM promised)"
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
{_FITTING}{{promised}},
chosen AS (
  SELECT free.id FROM (
    SELECT f.id FROM fitting f
    WHERE EXISTS (SELECT FROM carded) AND NOT EXISTS (SELECT FROM held) AND {{free}} ORDER BY {{order}}) f
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
SELECT EXISTS (SELECT FROM carded), EXISTS (SELECT FROM chosen),
  EXISTS (SELECT FROM chatgroups_waitingplace w WHERE w.campaign_id = $2 AND w.ended_at IS NULL), seat.*
FROM (VALUES (1)) one
LEFT JOIN (SELECT {{columns}} FROM held UNION ALL SELECT {{columns}} FROM reserved) seat ON true"""  # noqa: S608
_FIELDS = ("id", "campaign_id", "group_id", "member_id", "state", "reserved_at", "invited_at", "joined_at", "ended_at")
_TYPES = ("bigint", "bigint", "timestamptz", "date")
_COLUMNS = ", ".join(_FIELDS)


def _taking(name: str, order: str, patience: str, free: str = _NOBODY_WAITS) -> Prepared:
    promised = _PROMISED if free == _NOT_PROMISED else ""
    sql = _TAKE.format(order=order, patience=patience, free=free, promised=promised, columns=_COLUMNS)
    return Prepared(f"toli_{name}", _TYPES, sql)


# The best group of those that nobody is entering at this moment; then whichever has room.
_BEST_FREE = _taking("take_seat", _BEST, "SKIP LOCKED")
_IN_TURN = _taking("wait_for_seat", _IN_LINE, "")
# While somebody waits: nobody gets a seat that belongs to those who came before.
_BEST_BEHIND = _taking("take_seat_behind", _BEST, "SKIP LOCKED", _NOT_PROMISED)
_IN_TURN_BEHIND = _taking("wait_for_seat_behind", _IN_LINE, "", _NOT_PROMISED)
# For whoever is next in line, while nobody else takes a seat.
_NEXT_IN_LINE = _taking("seat_next", _BEST, "", "true")
_CANDIDATES = Prepared(
    "toli_fitting_groups",
    _TYPES,
    f"WITH {_FITTING}{_PROMISED} SELECT f.id FROM fitting f WHERE {_NOT_PROMISED} ORDER BY {_BEST} LIMIT 8",  # noqa: S608
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

    Behind everybody who waits for one already. One statement, sent with the campaign's lock: docs/algorithms/seats.md.

    Raises:
        NoCard: only holders of a valid card are seated. NoSeatFree: no group with a free seat serves them.
    """
    seat, _chosen, waits = _take(_BEST_FREE, member_id, campaign_id)
    attempts = (_BEST_BEHIND, _IN_TURN_BEHIND, _IN_TURN_BEHIND) if waits else (_IN_TURN, _IN_TURN)
    for attempt in () if seat else attempts:
        seat, chosen, _waits = _take(attempt, member_id, campaign_id)
        if seat or (attempt is not _BEST_BEHIND and not chosen):
            break  # chosen and yet no seat: another request of the same member was quicker, and is seen by the next
    if seat is None:
        raise NoSeatFree
    return seat


def take_next_seat(*, member_id: int, campaign_id: int) -> Seat:
    """As take_seat, for whoever is next in line. Only for those who hold the campaign."""
    seat, _chosen, _waits = _take(_NEXT_IN_LINE, member_id, campaign_id)
    if seat is None:
        raise NoSeatFree
    return seat


def _take(attempt: Prepared, member_id: int, campaign_id: int) -> tuple[Seat | None, bool, bool]:
    """The seat, taken now or held before; whether a group was chosen; whether anybody waits. Raises NoCard."""
    values = (member_id, campaign_id, clock.now(), clock.today())
    [(carded, chosen, waits, *seat)] = attempt.run(*values, before=SHARE, before_values=share_values(campaign_id))
    if seat[0] is not None:
        return Seat.from_db("default", _FIELDS, seat), chosen, waits
    if not carded:
        raise NoCard
    return None, chosen, waits


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


def candidates(*, member_id: int, campaign_id: int) -> list[int]:
    """The groups in which the member could have a seat now, the best one first; none that others wait for."""
    values = (member_id, campaign_id, clock.now(), clock.today())
    return [row[0] for row in _CANDIDATES.run(*values)]


def occupy(group_id: int) -> bool:
    """Count one more into the group, if it takes people and has room. The caller writes the seat."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE chatgroups_chatgroup SET taken = taken + 1
               WHERE id = %s AND state IN ('open', 'dividing') AND taken + outsiders < capacity""",
            [group_id],
        )
        return bool(cursor.rowcount)
