"""Reads of the election calendar. Elections are public: everybody on the staff sees them all."""

from datetime import timedelta

from django.db.models import Max, Min, Prefetch, QuerySet

from toli.compliance.errors import ElectionNotFound
from toli.compliance.models import Election, PollingArea
from toli.core import clock
from toli.territories import selectors as territories
from toli.territories.domain.paths import branches_above
from toli.territories.models import Node


def elections() -> QuerySet[Election]:
    """All elections with their polling areas, the one announced last first."""
    polls = Prefetch("polls", PollingArea.objects.select_related("territory__level"))
    return Election.objects.prefetch_related(polls).annotate(
        first_close=Min("polls__closes_at"), last_close=Max("polls__closes_at")
    )


def get_election(code: str) -> Election:
    """The election with this code. Raises ElectionNotFound."""
    election = elections().filter(code=code).first()
    if election is None:
        raise ElectionNotFound(election=code)
    return election


def has_begun(poll: PollingArea) -> bool:
    """Whether the silence before this poll has begun."""
    return clock.now() >= poll.closes_at - timedelta(hours=poll.election.silence_hours)


def next_polls(territory_id: int) -> list[PollingArea]:
    """Polls to come that hold in this place, the next one first."""
    above = {branch for path in territories.paths_of(territory_id) for branch in branches_above(path)}
    places = Node.objects.current().filter(path__in=above).values("territory_id")
    found = PollingArea.objects.filter(closes_at__gt=clock.now(), territory_id__in=places)
    return list(found.select_related("election", "territory"))
