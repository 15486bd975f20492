"""Giving a seat back, and taking it along to another place: what becomes free goes to whoever waits longest for it."""

from django.db import transaction

from toli.access.domain.scope import EVERYWHERE
from toli.chatgroups.models import ACTIVE_SEATS, GroupTerritory, Seat, SeatState
from toli.chatgroups.services.locking import hold_campaign, hold_groups, share_campaign
from toli.chatgroups.services.seats import candidates, end_seats, occupy
from toli.chatgroups.services.waiting import open_places, serve_freed, wait_at_home
from toli.core import clock, wall
from toli.territories import selectors as territories
from toli.territories.models import Territory


@transaction.atomic
@wall.lifted("the group's count changes with the seat")
def leave_group(*, member_id: int, campaign_id: int) -> None:
    """Give the member's seat back; the next in line has it from the same moment. Nothing to do when there is none."""
    alone = lock_for_leaving(campaign_id)
    seats = Seat.objects.filter(member_id=member_id, campaign_id=campaign_id, state__in=ACTIVE_SEATS)
    groups = list(seats.values_list("group_id", flat=True))
    if end_seats(seats, SeatState.LEFT) and alone:
        serve_freed(campaign_id=campaign_id, group_ids=groups)


def lock_for_leaving(campaign_id: int) -> bool:
    """Wait while groups are being divided; and where somebody waits for a seat, until nobody else takes one.

    Returns whether somebody waits. Whoever begins to wait after that is served by a job, and nobody overtakes them.
    """
    waits = open_places(campaign_id).exists()
    (hold_campaign if waits else share_campaign)(campaign_id)
    return waits


@transaction.atomic
@wall.lifted("a free seat is looked for in every group that serves the member's place")
def follow_member(*, member_id: int, campaign_id: int) -> Seat | None:
    """Give a member who moved a seat where they live now. Returns their seat; None: they had none.

    Until a group there has room that nobody else waits for they keep the old one: nobody is without a group in
    between. Safe to repeat.
    """
    alone = lock_for_leaving(campaign_id)
    wait_at_home(member_id=member_id, campaign_id=campaign_id)
    held = Seat.objects.filter(member_id=member_id, campaign_id=campaign_id, state__in=ACTIVE_SEATS)
    seat = held.select_related("member__territory").first()
    if seat is None or _serves(seat.group_id, seat.member.territory):
        return seat
    fitting = candidates(member_id=member_id, campaign_id=campaign_id)
    hold_groups([seat.group_id, *fitting])
    if held.select_for_update().filter(pk=seat.pk).first() is None:
        return held.first()  # it ended while we waited for the groups
    for group_id in fitting:
        if occupy(group_id):
            now = clock.now()
            end_seats(held, SeatState.MOVED, now=now)
            new = Seat.objects.create(
                campaign_id=campaign_id,
                group_id=group_id,
                member_id=member_id,
                state=SeatState.RESERVED,
                reserved_at=now,
            )
            if alone:
                serve_freed(campaign_id=campaign_id, group_ids=[seat.group_id])
            return new
    return seat


def _serves(group_id: int, place: Territory) -> bool:
    above = [territory.pk for territory in territories.ancestors(EVERYWHERE, place)]
    return GroupTerritory.objects.filter(group_id=group_id, territory_id__in=above).exists()
