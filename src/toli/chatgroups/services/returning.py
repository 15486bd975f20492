"""Giving a seat back to somebody who lost it by mistake, when two entries were joined that were two people."""

from datetime import datetime

from django.db import transaction

from toli.chatgroups import selectors
from toli.chatgroups.errors import NoCard, NoSeatFree
from toli.chatgroups.models import GroupKind, Seat, SeatState
from toli.chatgroups.services.locking import hold_groups, share_campaign
from toli.chatgroups.services.seats import occupy, take_seat
from toli.chatgroups.services.waiting import wait_for_seat
from toli.core import clock, wall


@transaction.atomic
@wall.lifted("the group's count changes with the seat")
def return_seat(*, member_id: int, campaign_id: int, ended_since: datetime) -> Seat | None:
    """Give the member the seat back that ended at or after ``ended_since``. Safe to repeat.

    In their old group where it has room; else in another one; else they are on the waiting list. None: they had no
    seat then, wait now, or have no card.
    """
    share_campaign(campaign_id)
    held = selectors.seat_of(member_id, campaign_id)
    if held is not None:
        return held
    mine = Seat.objects.filter(member_id=member_id, campaign_id=campaign_id)
    last = mine.filter(state=SeatState.LEFT, ended_at__gte=ended_since).select_related("group").order_by("pk").last()
    if last is None:
        return None
    hold_groups([last.group_id])
    if occupy(last.group_id):
        return _again(last)
    try:
        return take_seat(member_id=member_id, campaign_id=campaign_id)
    except NoSeatFree:
        wait_for_seat(member_id=member_id, campaign_id=campaign_id)
    except NoCard:
        pass
    return None


def _again(last: Seat) -> Seat:
    """A bot has put them out of its group, so they have to come in anew; nobody else has."""
    still_inside = last.joined_at is not None and last.group.kind != GroupKind.TELEGRAM_GROUP
    return Seat.objects.create(
        campaign_id=last.campaign_id,
        group_id=last.group_id,
        member_id=last.member_id,
        state=SeatState.JOINED if still_inside else SeatState.RESERVED,
        reserved_at=clock.now(),
        joined_at=last.joined_at if still_inside else None,
    )
