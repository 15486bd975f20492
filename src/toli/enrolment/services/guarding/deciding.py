"""What is done with a case: release, refuse, restore, close. Each with a reason, each undoable."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from toli.access.domain.permissions import ENROLMENT_CHECK
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.cards import services as cards
from toli.core import clock
from toli.enrolment import selectors
from toli.enrolment.domain.cases import REASON_LENGTH, RESTORE_WITHIN, needs_second
from toli.enrolment.errors import CaseDecided, DecisionReasonMissing, SecondPersonNeeded, TooLateToRestore
from toli.enrolment.models import Application, Case, CaseState, CaseStep, HeldMember, HeldState, State
from toli.enrolment.services.applications.ending import end
from toli.enrolment.services.applications.holding import held_entries, release_entries
from toli.enrolment.services.guarding.sources import lock
from toli.members import services as members
from toli.members.models import MemberState


@transaction.atomic
def release_case(*, actor: Actor, case_id: int, reason: str) -> int:
    """Let everybody whom the case holds go on where they stopped: card, message, seat. Returns how many.

    Those whom a helper wrote down are asked now. Who came before the figure was exceeded stays the member they are.
    Counting of this source begins anew. Who is held by another case as well waits for that one.

    Raises:
        CaseNotFound, CaseDecided, DecisionReasonMissing.
    """
    case, words = _waiting(actor, case_id), _words(reason)
    people, entries = _held(case), held_entries(case)
    HeldMember.objects.filter(pk__in=[held.pk for held in people]).update(state=HeldState.RELEASED)
    _with(case).update(state=HeldState.RELEASED)
    free = _not_held_elsewhere(people)
    for member_id in free:
        members.admit_member(actor=actor, member_id=member_id)
    _entries_of(free).update(state=State.CONFIRMED)
    cards.issue_cards(actor=SYSTEM, member_ids=free)
    release_entries(entries)
    _decide(actor, case, CaseState.RELEASED, "enrolment.release", words, len(people) + len(entries))
    return len(free) + len(entries)


@transaction.atomic
def refuse_case(*, actor: Actor, case_id: int, reason: str) -> int:
    """Turn away everybody about whom the case decides. Returns how many; 0: a second person has to agree first.

    Names and numbers of those whom a helper wrote down, and whom nobody has asked, go at once.

    Raises:
        CaseNotFound, CaseDecided, DecisionReasonMissing. SecondPersonNeeded: the actor asked for it themselves.
    """
    case, words = _waiting(actor, case_id), _words(reason)
    people, entries = [*_held(case), *_with(case)], held_entries(case)
    count = len(people) + len(entries)
    if needs_second(count):
        if case.asked_by_id is None:
            case.state, case.asked_by_id = CaseState.ASKED, actor.id
            case.save(update_fields=["state", "asked_by"])
            _note(actor, case, "enrolment.ask_refuse", words, count)
            return 0
        if case.asked_by_id == actor.id:
            raise SecondPersonNeeded
    _turn_away(actor, case, people)
    for entry in entries:
        end(entry, State.REFUSED, entry.reason)
    _decide(actor, case, CaseState.REFUSED, "enrolment.refuse", words, count)
    return count


@transaction.atomic
def restore_case(*, actor: Actor, case_id: int, reason: str) -> int:
    """Take a refusal back: those who were turned away become members. Returns how many.

    Who has joined again meanwhile, or is erased, stays as they are. Entries of a camp, which nobody has confirmed, do
    not come back: their names and numbers are gone.

    Raises:
        CaseNotFound. CaseDecided: it was not refused. TooLateToRestore. DecisionReasonMissing.
    """
    case = _locked(actor, case_id)
    words = _words(reason)
    if case.state != CaseState.REFUSED or case.decided_at is None:
        raise CaseDecided
    if clock.now() - case.decided_at > RESTORE_WITHIN:
        raise TooLateToRestore(days=RESTORE_WITHIN.days)
    refused = list(case.held.select_for_update().filter(state=HeldState.REFUSED))
    back = [held for held in refused if members.take_back_member(actor=actor, member_id=held.member_id)]
    HeldMember.objects.filter(pk__in=[held.pk for held in back]).update(state=HeldState.RESTORED)
    ids = [held.member_id for held in back]
    _entries_of(ids).update(state=State.CONFIRMED)
    cards.issue_cards(actor=SYSTEM, member_ids=ids)
    _decide(actor, case, CaseState.RELEASED, "enrolment.restore", words, len(back))
    return len(back)


@transaction.atomic
def close_case(*, actor: Actor, case_id: int, reason: str) -> None:
    """Put a case that holds nobody away. Raises CaseNotFound, DecisionReasonMissing, CaseDecided: also when it holds
    somebody, who would wait for ever."""
    case, words = _waiting(actor, case_id), _words(reason)
    if _held(case) or held_entries(case):
        raise CaseDecided
    _with(case).update(state=HeldState.RELEASED)
    _decide(actor, case, CaseState.CLOSED, "enrolment.close", words, 0)


def _locked(actor: Actor, case_id: int) -> Case:
    """The source first, so that nobody comes into a case that is just being decided."""
    scope = scope_for(actor, ENROLMENT_CHECK)
    lock([bytes(selectors.get_case(scope, actor, case_id).source_key)])
    return selectors.get_case(scope, actor, case_id, lock=True)


def _waiting(actor: Actor, case_id: int) -> Case:
    case = _locked(actor, case_id)
    if not case.waits:
        raise CaseDecided
    return case


def _words(reason: str) -> str:
    words = " ".join(reason.split())
    if not REASON_LENGTH[0] <= len(words) <= REASON_LENGTH[1]:
        raise DecisionReasonMissing
    return words


def _held(case: Case) -> list[HeldMember]:
    """Without those who said meanwhile that they never joined."""
    held = case.held.select_for_update(of=("self",)).filter(state=HeldState.HELD, member__state=MemberState.HELD)
    return list(held.order_by("pk"))


def _with(case: Case) -> QuerySet[HeldMember]:
    """Who came before the figure was exceeded, and is a member still."""
    return case.held.select_for_update(of=("self",)).filter(state=HeldState.WITH, member__state=MemberState.ACTIVE)


def _not_held_elsewhere(people: Iterable[HeldMember]) -> list[int]:
    ids = [held.member_id for held in people]
    others = set(HeldMember.objects.filter(member_id__in=ids, state=HeldState.HELD).values_list("member_id", flat=True))
    return [member_id for member_id in ids if member_id not in others]


def _entries_of(member_ids: list[int]) -> QuerySet[Application]:
    """What a coordinator wrote down of them, and they said yes to."""
    return Application.objects.filter(member_id__in=member_ids, state__in=(State.CHECKED, State.REFUSED))


def _turn_away(actor: Actor, case: Case, people: list[HeldMember]) -> None:
    """Also where another case holds them: one no is a no. That case loses them."""
    ids = [held.member_id for held in people]
    for member_id in ids:
        members.turn_away_member(actor=actor, member_id=member_id)
    about = HeldMember.objects.filter(member_id__in=ids, state__in=(HeldState.HELD, HeldState.WITH))
    about.update(state=HeldState.REFUSED)
    _entries_of(ids).update(state=State.REFUSED)


def _decide(actor: Actor, case: Case, state: CaseState, action: str, words: str, count: int) -> None:
    case.state, case.decided_at = state, clock.now()
    case.save(update_fields=["state", "decided_at"])
    _note(actor, case, action, words, count)


def _note(actor: Actor, case: Case, action: str, words: str, count: int) -> None:
    act = action.removeprefix("enrolment.")
    CaseStep.objects.create(case=case, account_id=actor.id, act=act, words=words, at=clock.now())
    audit.record_act(
        actor,
        action=action,
        target=f"check:{case.pk}",
        territory_id=case.territory_id,
        details={"count": count},
    )
