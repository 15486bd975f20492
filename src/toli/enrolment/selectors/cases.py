"""Cases, the most harmful first, and the people in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from toli.access.domain.scope import Scope
from toli.accounts.domain.actor import Actor
from toli.enrolment.domain.cases import harm
from toli.enrolment.errors import CaseNotFound
from toli.enrolment.models import Case, HeldMember, HeldState, Holds
from toli.enrolment.models.guarding import WAITING
from toli.members.models import MemberState

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A case, and how many people it holds now."""

    case: Case
    held: int


def inbox(scope: Scope, actor: Actor, *, decided: bool = False) -> list[Listed]:
    """Cases of the scope that wait, the most harmful first; or those that were decided, the latest first."""
    held = Count("held", filter=Q(held__state=HeldState.HELD))
    found = _seen(scope, actor).annotate(now_held=held)
    if decided:
        latest = found.exclude(state__in=WAITING).order_by("-decided_at", "-pk")[:SHOWN]
        return [Listed(case, case.now_held) for case in latest]
    waiting = [Listed(case, case.now_held) for case in found.filter(state__in=WAITING)]
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
    """How many wait in the case now, without those who said meanwhile that they never joined. Raises CaseNotFound."""
    held = get_case(scope, actor, case_id).held
    return held.filter(state=HeldState.HELD, member__state=MemberState.HELD).count()


def count_refused(scope: Scope, actor: Actor, case_id: int) -> int:
    """How many were turned away by the case, and could come back. Raises CaseNotFound."""
    return get_case(scope, actor, case_id).held.filter(state=HeldState.REFUSED).count()


def people_of(case: Case, *, limit: int = 50) -> Sequence[HeldMember]:
    """Whom the case holds or held, the earliest first."""
    return list(case.held.select_related("member__territory").order_by("held_at", "pk")[:limit])


def _seen(scope: Scope, actor: Actor) -> QuerySet[Case]:
    about = Q(holds=Holds.ENROLLER, source_key=str(actor.id or 0).encode())
    return Case.objects.within(scope).exclude(about).select_related("territory__level")
