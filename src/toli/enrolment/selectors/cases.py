"""Cases, the most harmful first, and the people in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from toli.access.domain.scope import Scope
from toli.accounts.domain.actor import Actor
from toli.enrolment.domain.cases import harm
from toli.enrolment.errors import CaseNotFound
from toli.enrolment.models import Application, Case, HeldMember, HeldState, Holds, State
from toli.enrolment.models.guarding import WAITING
from toli.members.models import MemberState

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A case, how many people it holds now, and how many more it decides about: they came before it held anybody."""

    case: Case
    held: int
    came_before: int


def inbox(scope: Scope, actor: Actor, *, decided: bool = False) -> list[Listed]:
    """Cases of the scope that wait, the most harmful first; or those that were decided, the latest first."""
    members = Count("held", filter=Q(held__state=HeldState.HELD), distinct=True)
    entries = Count("entries", filter=Q(entries__state=State.HELD), distinct=True)
    before = Count("held", filter=Q(held__state=HeldState.WITH), distinct=True)
    found = _seen(scope, actor).annotate(now_held=members + entries, before=before)
    if decided:
        latest = found.exclude(state__in=WAITING).order_by("-decided_at", "-pk")[:SHOWN]
        return [Listed(case, case.now_held, case.before) for case in latest]
    waiting = [Listed(case, case.now_held, case.before) for case in found.filter(state__in=WAITING)]
    waiting.sort(key=lambda row: (harm(row.case.kind, row.held, row.case.evidence.get("count", 0)), row.case.pk))
    return waiting[:SHOWN]


def get_case(scope: Scope, actor: Actor, case_id: int, *, lock: bool = False) -> Case:
    """The case. Raises CaseNotFound, also out of scope and for whoever it is about."""
    found = _seen(scope, actor).filter(pk=case_id)
    case = (found.select_for_update(of=("self",)) if lock else found).first()
    if case is None:
        raise CaseNotFound
    return case


def count_held(scope: Scope, actor: Actor, case_id: int) -> int:
    """How many a refusal would turn away now, without those who said meanwhile that they never joined. Raises
    CaseNotFound."""
    case = get_case(scope, actor, case_id)
    held = Q(state=HeldState.HELD, member__state=MemberState.HELD)
    before = Q(state=HeldState.WITH, member__state=MemberState.ACTIVE)
    return case.held.filter(held | before).count() + entries_of(case).count()


def count_refused(scope: Scope, actor: Actor, case_id: int) -> int:
    """How many were turned away by the case, and could come back. Raises CaseNotFound."""
    return get_case(scope, actor, case_id).held.filter(state=HeldState.REFUSED).count()


def people_of(case: Case, *, limit: int = 50) -> Sequence[HeldMember]:
    """Whom the case holds or held, the earliest first."""
    return list(case.held.select_related("member__territory").order_by("held_at", "pk")[:limit])


def entries_of(case: Case) -> QuerySet[Application]:
    """What the case holds of what was written down at a camp, the earliest first."""
    return case.entries.filter(state=State.HELD).select_related("territory", "enroller").order_by("captured_at", "pk")


def _seen(scope: Scope, actor: Actor) -> QuerySet[Case]:
    about = Q(holds=Holds.ENROLLER, source_key=str(actor.id or 0).encode())
    return Case.objects.within(scope).exclude(about).select_related("territory__level")
