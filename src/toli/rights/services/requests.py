"""Requests of members: filed, answered, refused, carried out, each with a clock.

An erasure can be taken back for three days; then an officer carries it out, and if nobody decides, the system
does a week before it is due: the clock must not run out because somebody was on leave.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from toli.access.domain.permissions import RIGHTS_HANDLE
from toli.access.domain.scope import EVERYWHERE, Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.core import clock, jobs
from toli.core.crypto import cipher_for
from toli.members import selectors as members
from toli.members.models import Member
from toli.members.services import move_member
from toli.rights import selectors
from toli.rights.domain.requests import RESERVE, Kind, State, due_at, not_before
from toli.rights.errors import (
    AnswerMissing,
    ErasureAsked,
    ErasureTooEarly,
    NotAnErasure,
    OnlyErasure,
    RequestClosed,
    RequestNotFound,
    RequestUnclear,
)
from toli.rights.models import RightsRequest
from toli.rights.services.erasing import ErasureReport, erase_member, what_erasure_takes

WORDS_MOST = 1000
SHORTEST = 3
WITHOUT_WORDS = (Kind.COPY, Kind.ERASURE)


@transaction.atomic
def file_request(*, actor: Actor, member_id: int, kind: str, words: str = "") -> RightsRequest:
    """Note what a member asks for: by the member, or by an officer to whom they said or wrote it.

    Raises:
        MemberNotFound: not the actor's own membership, nor in the area in which they handle requests.
        RequestUnclear: it needs words. ErasureAsked: it is asked for already. ValueError: no such kind.
    """
    wanted = Kind(kind)
    member = _member(actor, member_id)
    text = words.strip()[:WORDS_MOST]
    if wanted not in WITHOUT_WORDS and len(text) < SHORTEST:
        raise RequestUnclear
    now = clock.now()
    request = RightsRequest(
        member=member,
        territory_id=member.territory_id,
        kind=wanted,
        language=member.language,
        filed_at=now,
        filed_by_id=actor.id,
        not_before=not_before(wanted, now),
        due_at=due_at(now, settings.TOLI_RIGHTS_DAYS),
    )
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError:
        raise ErasureAsked from None
    if text:
        request.words_sealed = _sealed(selectors.WORDS, text, request)
        request.save(update_fields=["words_sealed"])
    _record(actor, "rights.file", request)
    return request


def _member(actor: Actor, member_id: int) -> Member:
    own = members.member_of(actor)
    if own is not None and own.pk == member_id:
        return own
    return members.get_active_member(scope_for(actor, RIGHTS_HANDLE), member_id)


@transaction.atomic
def take_back_erasure(*, actor: Actor, member_id: int) -> None:
    """The member has thought better of it. Nothing to do when nothing is open. Raises RequestNotFound."""
    own = members.member_of(actor)
    if own is None or own.pk != member_id:
        raise RequestNotFound
    found = RightsRequest.objects.select_for_update().filter(member=own, kind=Kind.ERASURE, state=State.OPEN).first()
    if found:
        _close(actor, found, State.TAKEN_BACK, "rights.take_back")


@dataclass(frozen=True, slots=True)
class Read:
    """A request with its words. ``takes``: of an erasure that waits, what it would take."""

    request: RightsRequest
    words: str
    answer: str
    takes: ErasureReport | None


@transaction.atomic
def read_request(*, actor: Actor, request_id: int) -> Read:
    """The request and what was written, for somebody who handles it; the look is recorded. Raises RequestNotFound."""
    request = selectors.get_request(_handled(actor), request_id)
    erasing = request.kind == Kind.ERASURE and request.state == State.OPEN
    _record(actor, "rights.look", request)
    return Read(
        request=request,
        words=selectors.words_of(request),
        answer=selectors.answer_of(request),
        takes=what_erasure_takes(member_id=request.member_id) if erasing else None,
    )


@transaction.atomic
def answer_request(*, actor: Actor, request_id: int, answer: str, move_to: str = "") -> None:
    """Close a request with an answer; of a correction, move the member to the place with this code first.

    Raises:
        RequestNotFound, RequestClosed, AnswerMissing. TerritoryNotFound: ``move_to`` is not in the actor's area.
        OnlyErasure: an erasure is carried out or refused; an answer alone would erase nothing.
    """
    request = _open(actor, request_id)
    if request.kind == Kind.ERASURE:
        raise OnlyErasure
    if move_to.strip() and request.kind == Kind.CORRECTION:
        move_member(actor=actor, member_id=request.member_id, territory_code=move_to)
    _answer(request, answer)
    _close(actor, request, State.DONE, "rights.answer")


@transaction.atomic
def refuse_request(*, actor: Actor, request_id: int, reason: str) -> None:
    """Close a request without doing what it asks. Raises RequestNotFound, RequestClosed, AnswerMissing."""
    request = _open(actor, request_id)
    _answer(request, reason)
    _close(actor, request, State.REFUSED, "rights.refuse")


@transaction.atomic
def confirm_erasure(*, actor: Actor, request_id: int) -> None:
    """Decide that an erasure is carried out; a job does it right afterwards, as no page can.

    Raises:
        RequestNotFound, RequestClosed, NotAnErasure. ErasureTooEarly: the member can still take it back.
    """
    request = _open(actor, request_id)
    if request.kind != Kind.ERASURE:
        raise NotAnErasure
    if request.not_before > clock.now():
        raise ErasureTooEarly(until=_shown(request.not_before))
    request.state, request.closed_by_id = State.CONFIRMED, actor.id
    request.save(update_fields=["state", "closed_by"])
    _record(actor, "rights.confirm", request)
    jobs.enqueue("rights.carry_out", request_id=request.pk)


@transaction.atomic
def carry_out(*, request_id: int) -> None:
    """Erase the member whose request was confirmed. Safe to repeat."""
    request = RightsRequest.objects.select_for_update().filter(pk=request_id, state=State.CONFIRMED).first()
    if request is None:
        return
    report = erase_member(actor=SYSTEM, member_id=request.member_id, because=f"request:{request.pk}")
    request.refresh_from_db()
    request.counts = report.counts()
    request.save(update_fields=["counts"])
    _close(SYSTEM, request, State.DONE, "rights.done", closed_by=request.closed_by_id)


def carry_out_undecided() -> int:
    """Confirm erasures that nobody decided on and that are due within a week. Returns how many."""
    now = clock.now()
    waiting = RightsRequest.objects.filter(
        kind=Kind.ERASURE, state=State.OPEN, not_before__lte=now, due_at__lte=now + RESERVE
    )
    found = list(waiting.values_list("pk", flat=True))
    for request_id in found:
        confirm_erasure(actor=SYSTEM, request_id=request_id)
    return len(found)


# -- shared ----------------------------------------------------------------------------------------


def _handled(actor: Actor) -> Scope:
    return EVERYWHERE if actor.is_system else scope_for(actor, RIGHTS_HANDLE)


def _open(actor: Actor, request_id: int) -> RightsRequest:
    request = selectors.get_request(_handled(actor), request_id, lock=True)
    if request.state != State.OPEN:
        raise RequestClosed
    return request


def _answer(request: RightsRequest, text: str) -> None:
    words = text.strip()[:WORDS_MOST]
    if len(words) < SHORTEST:
        raise AnswerMissing
    request.answer_sealed = _sealed(selectors.ANSWER, words, request)


def _close(actor: Actor, request: RightsRequest, state: State, action: str, *, closed_by: int | None = None) -> None:
    request.state, request.closed_at, request.closed_by_id = state, clock.now(), closed_by or actor.id
    request.save(update_fields=["state", "closed_at", "closed_by", "answer_sealed"])
    _record(actor, action, request)


def _sealed(context: str, text: str, request: RightsRequest) -> bytes:
    return cipher_for(context).encrypt(text, row=request.pk)


def _shown(when: datetime) -> str:
    return timezone.localtime(when).strftime("%d.%m.%Y %H:%M")


def _record(actor: Actor, action: str, request: RightsRequest) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"request:{request.pk}",
        territory_id=request.territory_id,
        details={"kind": str(request.kind)},
    )
