"""The election calendar: elections, their phases, and where polls close when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from toli.access.domain.permissions import ELECTIONS_MANAGE
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.compliance.errors import AreaPollsTwice, ElectionExists, ElectionIncomplete, ElectionNotFound, PollNotFound
from toli.compliance.models import Election, PollingArea
from toli.core.errors import Forbidden
from toli.territories import selectors as territories

LONGEST_SILENCE = 240


@dataclass(frozen=True, slots=True)
class PollDraft:
    """Areas that vote in one phase and close at one hour."""

    phase: int
    closes_at: datetime
    areas: Sequence[str]


@transaction.atomic
def add_election(
    *,
    actor: Actor,
    code: str,
    name_en: str,
    name_hi: str,
    announced_at: datetime,
    polls: Sequence[PollDraft] = (),
    silence_hours: int = 48,
    needs_certificate: bool = True,
) -> Election:
    """Put an election into the calendar. Silence holds from the next sending on.

    Raises:
        Forbidden: the actor keeps no calendar anywhere. ElectionExists. ElectionIncomplete.
        What add_polls raises.
    """
    if scope_for(actor, ELECTIONS_MANAGE).is_empty:
        raise Forbidden
    if Election.objects.filter(code=code).exists():
        raise ElectionExists(election=code)
    if not (code and name_en.strip() and name_hi.strip() and 0 <= silence_hours <= LONGEST_SILENCE):
        raise ElectionIncomplete
    election = Election.objects.create(
        code=code,
        name_en=name_en.strip(),
        name_hi=name_hi.strip(),
        announced_at=announced_at,
        silence_hours=silence_hours,
        needs_certificate=needs_certificate,
    )
    _trace(actor, "elections.add", election)
    for poll in polls:
        _add(actor, election, poll)
    return election


@transaction.atomic
def add_polls(*, actor: Actor, code: str, poll: PollDraft) -> int:
    """Let areas of one's own scope vote in a phase of an election. Returns how many.

    Raises:
        ElectionNotFound. TerritoryNotFound. AreaPollsTwice: it votes in this election already.
        ElectionIncomplete: no areas, no such phase, or a poll before the election was announced.
    """
    return _add(actor, _locked(code), poll)


@transaction.atomic
def remove_poll(*, actor: Actor, poll_id: int) -> None:
    """An area does not vote in this election after all. Raises PollNotFound, also when it is out of scope."""
    scope = scope_for(actor, ELECTIONS_MANAGE)
    poll = PollingArea.objects.select_related("election").filter(pk=poll_id).first()
    if poll is None or not _covers(scope, poll.territory_id):
        raise PollNotFound
    poll.delete()
    _trace(actor, "elections.remove_poll", poll.election, territory_id=poll.territory_id)


@transaction.atomic
def remove_election(*, actor: Actor, code: str) -> None:
    """Take an election out of the calendar. Raises ElectionNotFound; Forbidden: part of it lies out of scope."""
    scope, election = scope_for(actor, ELECTIONS_MANAGE), _locked(code)
    areas = list(election.polls.values_list("territory_id", flat=True))
    if scope.is_empty or not all(_covers(scope, area) for area in areas):
        raise Forbidden
    _trace(actor, "elections.remove", election, polls=len(areas))
    election.delete()


def _add(actor: Actor, election: Election, draft: PollDraft) -> int:
    scope = scope_for(actor, ELECTIONS_MANAGE)
    if draft.phase < 1 or not draft.areas or draft.closes_at < election.announced_at:
        raise ElectionIncomplete
    places = {place.pk: place for place in (territories.get_territory(scope, code) for code in draft.areas)}
    twice = election.polls.filter(territory_id__in=places).values_list("territory__code", flat=True).first()
    if twice:
        raise AreaPollsTwice(territory=twice)
    PollingArea.objects.bulk_create(
        PollingArea(election=election, phase=draft.phase, territory=place, closes_at=draft.closes_at)
        for place in places.values()
    )
    _trace(actor, "elections.add_polls", election, phase=draft.phase, areas=len(places))
    return len(places)


def _locked(code: str) -> Election:
    election = Election.objects.select_for_update().filter(code=code).first()
    if election is None:
        raise ElectionNotFound(election=code)
    return election


def _covers(scope: Scope, territory_id: int) -> bool:
    return scope.everywhere or any(scope.covers(path) for path in territories.paths_of(territory_id))


def _trace(actor: Actor, action: str, election: Election, *, territory_id: int | None = None, **details: int) -> None:
    target = f"election:{election.pk}"
    audit.record_act(actor, action=action, target=target, territory_id=territory_id, details=details)
