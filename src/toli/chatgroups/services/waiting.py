"""The waiting list: card holders for whom no group has a free seat yet, served in the order in which they came."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from toli.chatgroups.errors import NoCard, NoSeatFree
from toli.chatgroups.models import Seat, WaitingPlace
from toli.chatgroups.services.locking import hold_campaign
from toli.chatgroups.services.seats import take_next_seat
from toli.core import clock, jobs, wall
from toli.members.models import Member

BATCH = 500
# The first of those who wait and live in a place that the group serves. Looked for by place: a million may wait.
_IN_LINE_FOR = """
WITH lines AS (
  SELECT territory_id, min(id) AS id FROM chatgroups_waitingplace
  WHERE campaign_id = %s AND ended_at IS NULL AND id > %s GROUP BY territory_id)
SELECT min(lines.id) FROM lines
JOIN territories_node n ON n.territory_id = lines.territory_id AND n.valid_to IS NULL
JOIN territories_tree r ON r.id = n.tree_id AND r.is_main
WHERE EXISTS (
  SELECT FROM chatgroups_groupterritory s
  JOIN territories_node a ON a.territory_id = s.territory_id AND a.valid_to IS NULL AND a.tree_id = r.id
  WHERE s.group_id = %s AND n.path ^@ a.path)"""


@dataclass(slots=True)
class ServedReport:
    """``seated``: people who have a seat now. ``gone``: who need none any more. ``waiting``: who still wait."""

    seated: int = 0
    gone: int = 0
    waiting: int = 0


@transaction.atomic
@wall.lifted("whether somebody waits already is asked before anybody is known at the desk")
def wait_for_seat(*, member_id: int, campaign_id: int) -> WaitingPlace:
    """Put the member on the waiting list, behind those who came before; whoever is on it keeps their place.

    A further group is asked for in the background.
    """
    place, created = WaitingPlace.objects.get_or_create(
        member_id=member_id,
        campaign_id=campaign_id,
        ended_at=None,
        defaults={"since_at": clock.now(), "territory_id": _home(member_id)},
    )
    if created:
        jobs.enqueue_once("chatgroups.watch_supply")
    return place


def wait_at_home(*, member_id: int, campaign_id: int) -> None:
    """Whoever moved waits for a group where they live now, and keeps their turn."""
    open_places(campaign_id).filter(member_id=member_id).update(territory_id=_home(member_id))


def _home(member_id: int) -> int:
    return Member.objects.values_list("territory_id", flat=True).get(pk=member_id)


@wall.lifted("whoever opens a group seats people of places that they do not see")
def serve_waiting(*, campaign_id: int) -> ServedReport:
    """Give those who wait the seats that are free by now, the first one first.

    In batches, each a transaction of its own in which nobody else takes a seat of the campaign. Safe to repeat.
    """
    report, after, without = ServedReport(), 0, set[int]()
    while True:
        with transaction.atomic():
            waiting = open_places(campaign_id).filter(pk__gt=after)
            if not waiting.exists():
                break
            hold_campaign(campaign_id)
            for place in waiting.select_related("member").order_by("pk")[:BATCH]:
                after = place.pk
                _serve(place, without, report)
            _have_told(report)
    return report


def serve_freed(*, campaign_id: int, group_ids: Sequence[int]) -> ServedReport:
    """Give what has become free in these groups to those who wait for it, the first one first.

    For those who hold the campaign: nobody else takes a seat meanwhile.
    """
    report = ServedReport()
    for group_id in group_ids:
        after, full = 0, set[int]()
        while not full and (place := _next_for(campaign_id, group_id, after)):
            after = place.pk
            _serve(place, full, report)
    _have_told(report)
    return report


def _next_for(campaign_id: int, group_id: int, after: int) -> WaitingPlace | None:
    with connection.cursor() as cursor:
        cursor.execute(_IN_LINE_FOR, [campaign_id, after, group_id])
        (first,) = cursor.fetchone()
    return WaitingPlace.objects.select_related("member").get(pk=first) if first else None


def _have_told(report: ServedReport) -> None:
    if report.seated:
        jobs.enqueue_once("chatgroups.tell_seated")


def open_places(campaign_id: int) -> QuerySet[WaitingPlace]:
    """Those who wait now."""
    return WaitingPlace.objects.filter(campaign_id=campaign_id, ended_at=None)


def _serve(place: WaitingPlace, without: set[int], report: ServedReport) -> None:
    """``without``: territories for which there was no seat a moment ago, so that nobody looks again."""
    if place.member.territory_id in without:
        report.waiting += 1
        return
    seat: Seat | None = None
    try:
        seat = take_next_seat(member_id=place.member_id, campaign_id=place.campaign_id)
    except NoSeatFree:
        without.add(place.member.territory_id)
        report.waiting += 1
        return
    except NoCard:
        report.gone += 1
    else:
        report.seated += 1
    WaitingPlace.objects.filter(pk=place.pk).update(ended_at=clock.now(), seat=seat)
