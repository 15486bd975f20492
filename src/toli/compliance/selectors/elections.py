"""Reads of the election calendar. Elections are public: everybody on the staff sees them all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, QuerySet

from toli.compliance.errors import ElectionNotFound
from toli.compliance.models import Election, PollingArea
from toli.core import clock
from toli.territories import selectors as territories
from toli.territories.domain.paths import branches_above
from toli.territories.models import Node


def elections() -> QuerySet[Election]:
    """All elections with their polling areas, the one announced last first."""
    polls = Prefetch("polls", PollingArea.objects.select_related("territory__level"))
    return Election.objects.prefetch_related(polls)


def closes_of(election: Election) -> tuple[datetime, datetime] | None:
    """Its first and its last close of poll; None before it has polls."""
    moments = [poll.closes_at for poll in election.polls.all()]
    return (min(moments), max(moments)) if moments else None


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


def certified_elections(territory_id: int, begins: datetime, ends: datetime) -> list[str]:
    """Elections under way between the two moments that ask for certificates in this place or a part of it."""
    paths = territories.paths_of(territory_id)
    above = [branch for path in paths for branch in branches_above(path)]
    nodes = Node.objects.current()
    places = nodes.filter(path__in=above) | nodes.within_paths(paths)
    heard = PollingArea.objects.filter(territory_id__in=places.values("territory_id")).values("election_id")
    last = PollingArea.objects.filter(closes_at__gt=begins).values("election_id")
    found = Election.objects.filter(needs_certificate=True, announced_at__lt=ends, pk__in=heard)
    return list(found.filter(pk__in=last).values_list("code", flat=True))


@dataclass(frozen=True, slots=True)
class Silence:
    """Silence of a phase: ``areas`` of them end it at the same hour."""

    election: Election
    phase: int
    begins_at: datetime
    closes_at: datetime
    areas: int


def silences_between(begins: datetime, ends: datetime) -> list[Silence]:
    """Silences that hold some time between the two moments, the first one first."""
    polls = PollingArea.objects.filter(closes_at__gt=begins).order_by("closes_at", "election_id", "phase")
    rows = polls.values_list("election_id", "phase", "closes_at").annotate(areas=Count("pk"))
    known = Election.objects.in_bulk()
    found = []
    for election_id, phase, closes_at, areas in rows:
        election = known[election_id]
        begins_at = closes_at - timedelta(hours=election.silence_hours)
        if begins_at < ends:
            found.append(Silence(election, phase, begins_at, closes_at, areas))
    return found
