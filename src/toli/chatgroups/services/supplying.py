"""Asking for further groups before the last seat is taken, and telling coordinators who waits.

What is decided here stands in chatgroups/domain/supply.py.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Count

from toli.access.domain.permissions import GROUPS_DIVIDE
from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.chatgroups import selectors
from toli.chatgroups.domain import supply
from toli.chatgroups.domain.supply import Pool, Sizes
from toli.chatgroups.errors import NoCoordinator
from toli.chatgroups.models import Campaign
from toli.chatgroups.services.choosing import AdminChoice
from toli.chatgroups.services.locking import hold_campaign
from toli.chatgroups.services.opening import GroupOrder, ask_for_groups, whom_to_ask
from toli.chatgroups.services.waiting import open_places
from toli.core import clock
from toli.territories import selectors as territories
from toli.territories.models import Territory

logger = logging.getLogger(__name__)
ANSWER_WITHIN = timedelta(hours=12)
# Open and expected groups by the places that they serve together.
_POOLS = """
SELECT places, array_agg(id), count(*) FILTER (WHERE state = 'open'), min(territory_id),
  COALESCE(sum(capacity) FILTER (WHERE state = 'open'), 0),
  COALESCE(sum(GREATEST(0, capacity - taken - outsiders)) FILTER (WHERE state = 'open' AND NOT leaked), 0),
  COALESCE(sum(capacity) FILTER (WHERE state IN ('planned', 'asked')), 0)
FROM (
  SELECT g.id, g.territory_id, g.state, g.capacity, g.taken, g.outsiders, g.link_leaked_at IS NOT NULL AS leaked,
    array_agg(s.territory_id ORDER BY s.territory_id) AS places
  FROM chatgroups_chatgroup g JOIN chatgroups_groupterritory s ON s.group_id = g.id AND NOT s.giving_up
  WHERE g.campaign_id = %s AND g.seated AND g.state IN ('planned', 'asked', 'open') GROUP BY g.id) counted
GROUP BY places"""
# People who came of themselves, by group and day; those whom a division moved are no new demand.
_JOINED = """
SELECT s.group_id, floor(extract(epoch FROM %s - s.reserved_at) / 86400)::int AS days_ago, count(*)
FROM chatgroups_seat s WHERE s.group_id = ANY(%s) AND s.reserved_at > %s
  AND NOT EXISTS (SELECT FROM chatgroups_seat old WHERE old.member_id = s.member_id
    AND old.campaign_id = s.campaign_id AND old.state = 'moved' AND old.ended_at = s.reserved_at)
GROUP BY 1, 2"""


@dataclass(slots=True)
class SupplyReport:
    """``asked``: further groups asked for. ``nobody``: places for which there is nobody to ask."""

    asked: int = 0
    waiting: int = 0
    nobody: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Place:
    """``groups`` open ones, and those that are expected, serve the same territories: those in ``serves``."""

    groups: int

    serves: tuple[int, ...]
    home: Territory
    pool: Pool


@transaction.atomic
def watch_supply(*, actor: Actor, campaign_code: str) -> SupplyReport:
    """Ask for the groups that places will need before their free seats are gone. Safe to repeat.

    Where there is nobody to ask, the place is named in the report and in the log. Raises CampaignNotFound.
    """
    campaign = selectors.get_campaign(campaign_code)
    hold_campaign(campaign.pk)
    report = SupplyReport()
    sizes = Sizes(campaign.target_size, campaign.nearly_full_percent, campaign.supply_days)
    places = _places(campaign)
    for place in places:
        wanted = supply.groups_to_ask_for(place.pool, sizes)
        if not wanted:
            continue
        try:
            ask_for_groups(actor=actor, campaign=campaign, orders=[GroupOrder(place.home, place.serves)] * wanted)
            report.asked += wanted
        except NoCoordinator as nobody:
            report.nobody.append(str(nobody))
            logger.warning("nobody can be asked for a group", extra={"territory": place.home.code})
    report.waiting = _tell_who_waits(campaign, places)
    _suggest_dividing(campaign, places, sizes)
    return report


def _places(campaign: Campaign) -> list[_Place]:
    with connection.cursor() as cursor:
        cursor.execute(_POOLS, [campaign.pk])
        rows = cursor.fetchall()
    joined = _joined([group_id for _places, ids, *_rest in rows for group_id in ids])
    waiting = _waiting_by_place(campaign, {place for places, *_rest in rows for place in places})
    homes = territories.by_id({home for _places, _ids, _open, home, *_rest in rows} | waiting.keys())
    found, known = [], set[int]()
    for places, ids, count, home, capacity, free, coming in rows:
        known.update(places)
        days = [sum(joined[group_id, day] for group_id in ids) for day in range(supply.DAYS)]
        people = sum(waiting.get(place, 0) for place in places)
        found.append(_Place(count, tuple(places), homes[home], Pool(capacity, free, coming, people, days)))
    without = sorted(waiting.keys() - known)
    return found + [_Place(0, (place,), homes[place], Pool(0, 0, 0, waiting[place], [])) for place in without]


def _joined(group_ids: list[int]) -> Mapping[tuple[int, int], int]:
    """How many came into each group on each of the last days; 0 is the last 24 hours."""
    found: defaultdict[tuple[int, int], int] = defaultdict(int)
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_JOINED, [now, group_ids, now - timedelta(days=supply.DAYS)])
        for group_id, days_ago, people in cursor.fetchall():
            found[group_id, days_ago] += people
    return found


def _waiting_by_place(campaign: Campaign, served: set[int]) -> dict[int, int]:
    """How many wait, by the deepest place above them that has groups, else by their state."""
    found: defaultdict[int, int] = defaultdict(int)
    rows = open_places(campaign.pk).values_list("member__territory_id").annotate(people=Count("id"))
    homes = territories.by_id(territory_id for territory_id, _people in rows)
    for territory_id, people in rows:
        above = territories.ancestors(EVERYWHERE, homes[territory_id])
        with_groups = [place for place in above if place.pk in served]
        found[(with_groups or above[:2])[-1].pk] += people
    return dict(found)


def _tell_who_waits(campaign: Campaign, places: Iterable[_Place]) -> int:
    """A task for the nearest coordinator of each place in which people wait; it ends with the waiting."""
    kept, orders, waiting = [], [], 0
    for place in places:
        if not place.pool.waiting:
            continue
        waiting += place.pool.waiting
        subject = f"{subject_of(campaign)}{place.home.pk}"
        kept.append(subject)
        try:
            [assignee] = whom_to_ask(campaign, [place.home])
        except NoCoordinator:
            continue
        orders.append(
            WorkOrder(
                kind="people_waiting",
                assignee_id=assignee,
                territory_id=place.home.pk,
                subject=subject,
                due_at=clock.now() + ANSWER_WITHIN,
                details={"campaign": campaign.code, "territory": place.home.code},
            )
        )
    assignments.assign_many(orders)
    assignments.complete_others(kind="people_waiting", prefix=subject_of(campaign), besides=kept)
    return waiting


def _suggest_dividing(campaign: Campaign, places: Iterable[_Place], sizes: Sizes) -> None:
    """Where several groups of one place fill up, whoever may divide them is told; it ends when they are divided."""
    choice, prefix = AdminChoice(campaign, permission=GROUPS_DIVIDE), f"divide:{campaign.pk}:"
    full = [place for place in places if place.groups > 1 and supply.is_nearly_full(place.pool, sizes)]
    orders = [
        WorkOrder(
            kind="divide_group",
            assignee_id=assignee,
            territory_id=place.home.pk,
            subject=f"{prefix}{place.home.pk}",
            due_at=clock.now() + timedelta(days=sizes.days),
            details={"campaign": campaign.code, "territory": place.home.code},
        )
        for place in full
        if territories.children(EVERYWHERE, place.home) and (assignee := choice.find(place.home)) is not None
    ]
    assignments.assign_many(orders)
    assignments.complete_others(kind="divide_group", prefix=prefix, besides=[order.subject for order in orders])


def subject_of(campaign: Campaign) -> str:
    """What tasks about people who wait for a place of this campaign begin with."""
    return f"waiting:{campaign.pk}:"
