"""Cases: opened with a clock, described, told to the Board, closed. Whom they concern: services.finding."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from toli.access.domain.permissions import RIGHTS_HANDLE
from toli.access.domain.scope import EVERYWHERE, Scope
from toli.access.policies import scope_for
from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import Actor
from toli.core import clock, jobs
from toli.rights import selectors
from toli.rights.domain.breaches import Kind, Letters, State
from toli.rights.errors import BoardNotTold, BreachMisdescribed, BreachStateWrong
from toli.rights.models import BreachCase
from toli.rights.services.case_trail import note
from toli.territories import selectors as territories

TITLE = (3, 120)
WORDS_MOST = 600


@dataclass(frozen=True, slots=True)
class Incident:
    """What is known when a case is opened. ``login``, ``address``, ``export_number``, ``kinds`` narrow the search of
    the trail between ``began_at`` and ``ended_at``; ``everybody``: all members of the place, whatever the trail says.
    """

    title: str
    territory_code: str
    began_at: datetime
    ended_at: datetime
    aware_at: datetime | None = None
    login: str = ""
    address: str = ""
    export_number: int | None = None
    kinds: Sequence[Kind] = ()
    everybody: bool = False
    drill: bool = False


@dataclass(frozen=True, slots=True)
class CaseWords:
    """What the letters say: what happened and what is done about it, in both languages."""

    happened_en: str
    happened_hi: str
    measures_en: str
    measures_hi: str


@transaction.atomic
def open_case(*, actor: Actor, incident: Incident) -> BreachCase:
    """Begin a case; the clock of the Board runs from ``aware_at`` (now). A job looks for whom it concerns.

    Raises:
        TerritoryNotFound: not in the area in which the actor handles rights. BreachMisdescribed.
        AccountNotFound: nobody has this login.
    """
    territory = territories.get_territory(scope_of(actor), incident.territory_code)
    now = clock.now()
    title = " ".join(incident.title.split())
    aware_at = incident.aware_at or now
    if not TITLE[0] <= len(title) <= TITLE[1] or not incident.began_at < incident.ended_at:
        raise BreachMisdescribed
    if incident.began_at > now or aware_at > now:
        raise BreachMisdescribed
    case = BreachCase.objects.create(
        territory=territory,
        title=title,
        drill=incident.drill,
        aware_at=aware_at,
        began_at=incident.began_at,
        ended_at=incident.ended_at,
        suspect_id=accounts.get_account(incident.login).pk if incident.login else None,
        address=incident.address.strip(),
        export_number=incident.export_number,
        kinds=sum(set(incident.kinds)),
        everybody=incident.everybody,
        opened_by_id=actor.id,
        opened_at=now,
    )
    note(actor, "rights.breach.open", case)
    jobs.enqueue("rights.find_affected", case_id=case.pk)
    return case


@transaction.atomic
def look_again(*, actor: Actor, case_id: int) -> None:
    """Read the trail once more: more has come to light. Raises BreachNotFound, BreachStateWrong: letters are asked."""
    case = get_open(actor, case_id)
    if case.letters != Letters.NONE:
        raise BreachStateWrong(state=case.get_letters_display())
    case.state = State.FINDING
    case.save(update_fields=["state"])
    note(actor, "rights.breach.look_again", case)
    jobs.enqueue("rights.find_affected", case_id=case.pk)


@transaction.atomic
def describe_case(*, actor: Actor, case_id: int, words: CaseWords) -> None:
    """Write what the letters say. Raises BreachNotFound, BreachStateWrong: letters are asked for already."""
    case = get_open(actor, case_id)
    if case.letters != Letters.NONE:
        raise BreachStateWrong(state=case.get_letters_display())
    case.happened_en, case.happened_hi = _cut(words.happened_en), _cut(words.happened_hi)
    case.measures_en, case.measures_hi = _cut(words.measures_en), _cut(words.measures_hi)
    case.save(update_fields=["happened_en", "happened_hi", "measures_en", "measures_hi"])
    note(actor, "rights.breach.describe", case)


@transaction.atomic
def board_told(*, actor: Actor, case_id: int, full: bool) -> None:
    """Note that the Board has the first word, or the details (``full``). Raises BreachNotFound, BreachStateWrong."""
    case = get_open(actor, case_id)
    field = "board_full_at" if full else "board_first_at"
    if getattr(case, field) is None:
        setattr(case, field, clock.now())
        case.save(update_fields=[field])
        note(actor, "rights.breach.board", case, full=full)


@transaction.atomic
def close_case(*, actor: Actor, case_id: int) -> None:
    """End a case: what was on hold for it goes by the schedule again. How many there were in each place stays.

    Raises:
        BreachNotFound, BreachStateWrong. BoardNotTold: not of a drill.
    """
    case = get_open(actor, case_id)
    if not case.drill and case.affected.exists() and (case.letters != Letters.SENT or case.board_full_at is None):
        raise BoardNotTold
    case.counts = {row.code: row.count for row in selectors.by_place(case)}
    case.state, case.closed_at = State.CLOSED, clock.now()
    case.save(update_fields=["state", "closed_at", "counts"])
    note(actor, "rights.breach.close", case)


def get_open(actor: Actor, case_id: int) -> BreachCase:
    """The case, locked, if it is not closed. Raises BreachNotFound, BreachStateWrong."""
    case = selectors.get_case(scope_of(actor), case_id, lock=True)
    if case.state == State.CLOSED:
        raise BreachStateWrong(state=case.get_state_display())
    return case


def scope_of(actor: Actor) -> Scope:
    """Where the actor handles cases."""
    return EVERYWHERE if actor.is_system else scope_for(actor, RIGHTS_HANDLE)


def _cut(text: str) -> str:
    return " ".join(text.split())[:WORDS_MOST]
