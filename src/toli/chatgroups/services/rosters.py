"""Holding what a person copied out of a group against its seats, and writing down what came out.

The text itself is never stored. Of people who belong to nobody we know, a count and a keyed hash is kept.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F

from toli.access.domain.permissions import MEMBERS_VIEW
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.chatgroups.domain.rosters import Comparison, Holder, NothingRead, Reading, compare, read
from toli.chatgroups.errors import GroupNotFound, RosterUnreadable
from toli.chatgroups.models import ACTIVE_SEATS, ChatGroup, Outsider, Roster, Seat, SeatState
from toli.chatgroups.policies import runs_group
from toli.chatgroups.services.locking import share_campaign
from toli.core import clock, wall
from toli.core.crypto import keyed_hash
from toli.members import selectors as members
from toli.members.models import Member

MOST_NAMES = 200  # of missing members, on one page
HASH_CONTEXT = "chatgroups_outsider.number"


@dataclass(frozen=True, slots=True)
class RosterReport:
    """What was found. ``missing_names``: of members whom the actor may see, in the order of names, at most 200."""

    group: ChatGroup
    roster: Roster
    unread: int
    missing_names: Sequence[str]
    gone_names: Sequence[str]
    recorded: bool


@transaction.atomic
def take_roster(*, actor: Actor, group_id: int, text: str, dry_run: bool = False) -> RosterReport:
    """Compare what was copied out of the group with its seats.

    Members who are in it count as joined from now on, those who have gone lose their seat; people without a seat take
    places away from others. With ``dry_run`` nothing is written. Repeating it with the same text changes nothing more.

    Raises:
        GroupNotFound: also when the actor neither manages groups there nor is its admin. RosterUnreadable.
    """
    group = _locked_group(actor, group_id)
    try:
        reading = read(text, group_name=group.name)
    except NothingRead:
        raise RosterUnreadable from None
    with wall.lifted("whoever looks into a group may not see all of its members at the desk"):
        held = group.seats.select_for_update().filter(state__in=ACTIVE_SEATS)
        seats = {seat.pk: seat for seat in held.order_by("pk")}
        holders = members.ids_by_number(reading.numbers | reading.gone_numbers)
        found = compare(reading, _holders(seats.values(), holders))
        known = holders.keys() & set(found.strangers)
        roster = _roster(actor, group, reading, found, known)
        if not dry_run:
            _settle(group, seats, reading, found, roster)
            _remember(group, set(found.strangers) - known)
            roster.save()
    if not dry_run:
        audit.record_act(
            actor,
            action="chatgroups.roster",
            target=f"chatgroup:{group.pk}",
            territory_id=group.territory_id,
            details={"people": roster.people, "gone": roster.gone, "strangers": roster.strangers},
        )
    return RosterReport(
        group=group,
        roster=roster,
        unread=reading.unread,
        missing_names=_names(actor, [seats[seat_id].member_id for seat_id in found.missing]),
        gone_names=_names(actor, [seats[seat_id].member_id for seat_id in found.gone]),
        recorded=not dry_run,
    )


def outsider_hash(number: str) -> bytes:
    """The name under which somebody without a seat is remembered."""
    return keyed_hash(settings.TOLI_TOMBSTONE_KEY, HASH_CONTEXT, number)


def _locked_group(actor: Actor, group_id: int) -> ChatGroup:
    """The group, if the actor is its admin or manages groups where it serves. The campaign is shared first, as by
    everybody who changes seats."""
    campaign_id = ChatGroup.objects.filter(pk=group_id).values_list("campaign_id", flat=True).first()
    if campaign_id is None:
        raise GroupNotFound
    share_campaign(campaign_id)
    group = ChatGroup.objects.select_for_update(of=("self",)).select_related("territory", "campaign").get(pk=group_id)
    if not runs_group(actor, group):
        raise GroupNotFound
    return group


def _holders(seats: Collection[Seat], holders: Mapping[str, Collection[int]]) -> list[Holder]:
    """The seats with those numbers of their members that were read; no other number is looked up."""
    numbers: defaultdict[int, set[str]] = defaultdict(set)
    for number, member_ids in holders.items():
        for member_id in member_ids:
            numbers[member_id].add(number)
    names = dict(Member.objects.filter(pk__in=[seat.member_id for seat in seats]).values_list("pk", "name"))
    return [
        Holder(seat.pk, frozenset(numbers[seat.member_id]), names[seat.member_id], seat.state == SeatState.JOINED)
        for seat in seats
    ]


def _roster(actor: Actor, group: ChatGroup, reading: Reading, found: Comparison, known: set[str]) -> Roster:
    return Roster(
        group=group,
        at=clock.now(),
        account_id=actor.id,
        kind=reading.kind,
        people=reading.people,
        here=len(found.here),
        here_by_name=len(found.here_by_name),
        gone=len(found.gone),
        missing=len(found.missing),
        elsewhere=len(known),
        strangers=len(found.strangers) - len(known),
        unknown_names=found.unknown_names,
    )


def _settle(group: ChatGroup, seats: dict[int, Seat], reading: Reading, found: Comparison, roster: Roster) -> None:
    here = [seat_id for seat_id in (*found.here, *found.here_by_name) if seats[seat_id].state != SeatState.JOINED]
    Seat.objects.filter(pk__in=here).update(state=SeatState.JOINED, joined_at=roster.at)
    gone = Seat.objects.filter(pk__in=found.gone).update(state=SeatState.LEFT, ended_at=roster.at)
    changes: dict[str, object] = {"taken": F("taken") - gone}
    if reading.names_everybody:
        changes["outsiders"] = len(found.strangers) + found.unknown_names
    ChatGroup.objects.filter(pk=group.pk).update(**changes)


def _remember(group: ChatGroup, strangers: Iterable[str]) -> None:
    now = clock.now()
    Outsider.objects.bulk_create(
        [
            Outsider(group=group, number_hash=outsider_hash(number), first_seen_at=now, last_seen_at=now)
            for number in sorted(strangers)
        ],
        update_conflicts=True,
        unique_fields=["group", "number_hash"],
        update_fields=["last_seen_at"],
    )


def _names(actor: Actor, member_ids: Sequence[int]) -> list[str]:
    seen = Member.objects.within(scope_for(actor, MEMBERS_VIEW)).filter(pk__in=member_ids)
    return list(seen.order_by("name", "pk").values_list("name", flat=True)[:MOST_NAMES])
