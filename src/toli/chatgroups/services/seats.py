"""Seats: reserved, used, confirmed, given back. Capacity is never exceeded and no seat is lost.

The seat count of a group changes only by a conditional UPDATE in the transaction that changes the seat
row; a CHECK in the table is the second wall. Measured: counting first and inserting afterwards overfills
groups as soon as sixteen people come at once.
"""

from django.db import IntegrityError, connection, transaction

from toli.access.domain.scope import EVERYWHERE
from toli.cards.selectors import card_of
from toli.chatgroups import selectors
from toli.chatgroups.errors import NoCard, NoSeat, NoSeatFree
from toli.chatgroups.models import ACTIVE_SEATS, ChatGroup, GroupTerritory, Seat, SeatState
from toli.chatgroups.services.locking import share_campaign
from toli.core import clock, wall
from toli.territories import selectors as territories
from toli.territories.models import Territory

# Groups that serve the member's place or one above it in the main tree: the deepest open one first, then
# the emptiest; one that is being divided only where nothing else serves the place yet. The path's own
# prefixes are the places above, so this is a handful of index look-ups.
_CANDIDATES = """
SELECT g.id FROM members_member m
JOIN territories_node n ON n.territory_id = m.territory_id AND n.valid_to IS NULL
JOIN territories_tree r ON r.id = n.tree_id AND r.is_main
CROSS JOIN LATERAL (
  SELECT string_agg(part, '/') OVER (ORDER BY position) || '/' AS path, position
  FROM unnest(string_to_array(rtrim(n.path, '/'), '/')) WITH ORDINALITY AS x(part, position)) above
JOIN territories_node a ON a.path = above.path COLLATE "C" AND a.valid_to IS NULL
JOIN chatgroups_groupterritory s ON s.territory_id = a.territory_id
JOIN chatgroups_chatgroup g ON g.id = s.group_id
WHERE m.id = %s AND g.campaign_id = %s AND g.state IN ('open', 'dividing') AND g.taken + g.outsiders < g.capacity
ORDER BY (g.state = 'open' AND NOT s.giving_up) DESC, above.position DESC,
  (g.taken + g.outsiders)::float / g.capacity, g.id
LIMIT 8
"""


@transaction.atomic
@wall.lifted("a free seat is looked for in every group that serves the member's place")
def take_seat(*, member_id: int, campaign_id: int) -> Seat:
    """Reserve a seat for the member in the open group that fits best; a seat already held is returned.

    Raises:
        NoCard: only holders of a valid card are seated. NoSeatFree: no group with a free seat serves them.
    """
    share_campaign(campaign_id)
    held = selectors.seat_of(member_id, campaign_id)
    if held:
        return held
    card = card_of(member_id)
    if card is None or card.valid_until < clock.today():
        raise NoCard
    for group_id in _candidates(member_id, campaign_id):
        if not _occupy(group_id):
            continue
        try:
            with transaction.atomic():
                return Seat.objects.create(
                    campaign_id=campaign_id,
                    group_id=group_id,
                    member_id=member_id,
                    state=SeatState.RESERVED,
                    reserved_at=clock.now(),
                )
        except IntegrityError:  # the same member in another request was quicker
            _vacate(group_id)
            winner = selectors.seat_of(member_id, campaign_id)
            if winner is None:
                raise
            return winner
    raise NoSeatFree


@transaction.atomic
def go_to_group(*, member_id: int, campaign_id: int) -> str:
    """The join address of the member's group; from now on they count as invited. Raises as take_seat."""
    seat = take_seat(member_id=member_id, campaign_id=campaign_id)
    if seat.state == SeatState.RESERVED:
        Seat.objects.filter(pk=seat.pk, state=SeatState.RESERVED).update(
            state=SeatState.INVITED, invited_at=clock.now()
        )
    return ChatGroup.objects.values_list("join_address", flat=True).get(pk=seat.group_id)


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
    seat = (
        Seat.objects.select_for_update()
        .filter(member_id=member_id, campaign_id=campaign_id)
        .filter(state__in=[SeatState.RESERVED, SeatState.INVITED, SeatState.JOINED])
        .first()
    )
    if seat is None:
        return
    seat.state, seat.ended_at = SeatState.LEFT, clock.now()
    seat.save(update_fields=["state", "ended_at"])
    _vacate(seat.group_id)


@transaction.atomic
@wall.lifted("a free seat is looked for in every group that serves the member's place")
def follow_member(*, member_id: int, campaign_id: int) -> Seat | None:
    """Give a member who moved a seat where they live now. Returns their seat; None: they had none.

    Until a group there has room they keep the old one: nobody is without a group in between. Safe to repeat.
    """
    share_campaign(campaign_id)
    held = Seat.objects.select_for_update().filter(member_id=member_id, campaign_id=campaign_id, state__in=ACTIVE_SEATS)
    seat = held.select_related("member__territory").first()
    if seat is None or _serves(seat.group_id, seat.member.territory):
        return seat
    for group_id in _candidates(member_id, campaign_id):
        if _occupy(group_id):
            now = clock.now()
            Seat.objects.filter(pk=seat.pk).update(state=SeatState.MOVED, ended_at=now)
            _vacate(seat.group_id)
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


def _candidates(member_id: int, campaign_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [member_id, campaign_id])
        return [row[0] for row in cursor.fetchall()]


def _occupy(group_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE chatgroups_chatgroup SET taken = taken + 1
               WHERE id = %s AND state IN ('open', 'dividing') AND taken + outsiders < capacity""",
            [group_id],
        )
        return bool(cursor.rowcount)


def _vacate(group_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chatgroups_chatgroup SET taken = taken - 1 WHERE id = %s", [group_id])
