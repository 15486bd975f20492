"""Complaints of anybody: made without an account, answered at the desk, read at an address that nobody guesses."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from toli.access.domain.permissions import COMPLAINTS_HANDLE
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts import services as accounts
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock, limits, wall
from toli.core.crypto import cipher_for, keyed_hash
from toli.core.errors import NotFound
from toli.rights import selectors
from toli.rights.domain.complaints import WORDS_LEAST, WORDS_MOST, About, State, due_at, take_up_by
from toli.rights.errors import AnswerMissing, ComplaintAnswered, ComplaintNotFound, ComplaintUnclear
from toli.rights.models import Complaint
from toli.sharing import selectors as sharing
from toli.sharing.models import ShareLink
from toli.territories import selectors as territories

HASH = "rights_complaint.number_hash"


@transaction.atomic
@wall.lifted("anybody may write a complaint; nothing of others is shown to them")
def file_complaint(
    *, actor: Actor, token: str, about: str, words: str, phone: str, language: str, link_code: str = ""
) -> Complaint:
    """Note a complaint, to be read at the address that ends in ``token``. The same token again changes nothing, as a
    phone that lost its network sends the form twice.

    ``phone`` may be empty, and is proved by nothing. ``link_code``: of the share link whose message it is about; its
    place is where it lands, the whole organisation where no link is known.

    Raises:
        ComplaintUnclear, PhoneInvalid. TooManyRequests: everybody together complains more than people can read.
        ValueError: there is no such thing to complain of.
    """
    try:
        return selectors.complaint_behind(token)
    except ComplaintNotFound:
        pass
    kind, text = About(about), words.strip()[:WORDS_MOST]
    if len(text) < WORDS_LEAST:
        raise ComplaintUnclear
    number = accounts.phone_from(phone) if phone.strip() else ""
    limits.hit("complaints.all", "all")
    link, now = _link(link_code), clock.now()
    complaint = Complaint.objects.create(
        token_hash=selectors.token_hash(token),
        territory=link.member.territory if link else territories.roots(EVERYWHERE)[0],
        kit=link.kit if link else None,
        about=kind,
        language=language,
        filed_at=now,
        take_up_by=take_up_by(now),
        due_at=due_at(now, settings.TOLI_COMPLAINT_DAYS),
        number_hash=number_hash(number) if number else b"",
    )
    complaint.words_sealed = _sealed(selectors.COMPLAINT_WORDS, text, complaint)
    complaint.phone_sealed = _sealed(selectors.COMPLAINT_PHONE, number, complaint) if number else b""
    complaint.save(update_fields=["words_sealed", "phone_sealed"])
    _record(actor, "rights.complaint.file", complaint)
    return complaint


@dataclass(frozen=True, slots=True)
class ReadComplaint:
    """A complaint with what was written."""

    complaint: Complaint
    words: str
    phone: str
    answer: str


@transaction.atomic
def read_complaint(*, actor: Actor, complaint_id: int) -> ReadComplaint:
    """The complaint, for somebody who handles it; the look is recorded. Raises ComplaintNotFound."""
    found = selectors.get_complaint(scope_for(actor, COMPLAINTS_HANDLE), complaint_id)
    _record(actor, "rights.complaint.look", found)
    return ReadComplaint(
        complaint=found,
        words=selectors.complaint_words(found),
        phone=selectors.complaint_phone(found),
        answer=selectors.complaint_answer(found),
    )


@transaction.atomic
def take_up_complaint(*, actor: Actor, complaint_id: int) -> None:
    """Say that somebody works on it. Safe to repeat. Raises ComplaintNotFound, ComplaintAnswered."""
    found = _open(actor, complaint_id)
    if found.state == State.IN_WORK:
        return
    found.state, found.taken_up_at, found.handled_by_id = State.IN_WORK, clock.now(), actor.id
    found.save(update_fields=["state", "taken_up_at", "handled_by"])
    _record(actor, "rights.complaint.take_up", found)


@transaction.atomic
def answer_complaint(*, actor: Actor, complaint_id: int, answer: str) -> None:
    """Close the complaint with what they read at its address.

    Raises:
        ComplaintNotFound, ComplaintAnswered, AnswerMissing.
    """
    found, text = _open(actor, complaint_id), answer.strip()[:WORDS_MOST]
    if len(text) < WORDS_LEAST:
        raise AnswerMissing
    now = clock.now()
    found.answer_sealed = _sealed(selectors.COMPLAINT_ANSWER, text, found)
    found.state, found.answered_at, found.handled_by_id = State.ANSWERED, now, actor.id
    found.taken_up_at = found.taken_up_at or now
    found.save(update_fields=["answer_sealed", "state", "answered_at", "taken_up_at", "handled_by"])
    _record(actor, "rights.complaint.answer", found)


def number_hash(number: str) -> bytes:
    """What finds complaints by the number (E.164) left in them: under the key of tombstones, which never changes."""
    return keyed_hash(settings.TOLI_TOMBSTONE_KEY, HASH, number)


def _open(actor: Actor, complaint_id: int) -> Complaint:
    found = selectors.get_complaint(scope_for(actor, COMPLAINTS_HANDLE), complaint_id, lock=True)
    if found.state == State.ANSWERED:
        raise ComplaintAnswered
    return found


def _link(code: str) -> ShareLink | None:
    try:
        return sharing.get_link(code) if code else None
    except NotFound:
        return None


def _sealed(context: str, text: str, complaint: Complaint) -> bytes:
    return cipher_for(context).encrypt(text, row=complaint.pk)


def _record(actor: Actor, action: str, complaint: Complaint) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"complaint:{complaint.pk}",
        territory_id=complaint.territory_id,
        details={"kind": str(complaint.about)},
    )
