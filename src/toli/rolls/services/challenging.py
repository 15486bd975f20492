"""Objecting to a certified roll, within its time: by the member concerned, or by staff on anybody's behalf.

Somebody else decides, with a note that the member reads. What is accepted goes into a supplement (supplementing.py);
the roll stays as it was certified.
"""

import os

from django.db import transaction

from toli.access.domain.permissions import EXPORTS_APPROVE, MEMBERS_VIEW
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.cards import selectors as cards
from toli.core import clock, jobs, wall
from toli.members import selectors as members
from toli.members import services as member_services
from toli.members.models import Member, MemberGrade
from toli.rolls import selectors
from toli.rolls.domain.roll import SALT, commit, marks
from toli.rolls.errors import (
    ChallengeDecided,
    ChallengeDoesNotFit,
    ChallengePlaceWrong,
    ChallengesClosed,
    ChallengeUnclear,
    ChallengeWaits,
    DecisionNoteMissing,
    RollNotFound,
    SamePersonChallenge,
)
from toli.rolls.models import Challenge, ChallengeKind, ChallengeState, Roll, RollLine
from toli.territories.models import Territory

WORDS = 500  # signs of a reason, and of a note


@transaction.atomic
def challenge_roll(
    *,
    actor: Actor,
    roll_id: int,
    kind: str,
    reason: str,
    line: int = 0,
    member_id: int = 0,
    territory_code: str = "",
    grade: str = "",
) -> Challenge:
    """Object to the line with this number, or to what the roll says of a member, that they are missing for instance.

    ``territory_code`` and ``grade``: what should stand there, if the objector knows.

    Raises:
        RollNotFound, ChallengesClosed, ChallengeUnclear, ChallengeDoesNotFit, ChallengeWaits, ChallengePlaceWrong.
        MemberNotFound: not in the actor's area. Forbidden: nobody in person objects.
    """
    person = person_of(actor)
    scope = scope_for(actor, MEMBERS_VIEW)
    roll = selectors.get_roll(scope, roll_id)
    member: Member | None
    if line:
        found = _line(roll, line)
        member, ref = found.member, found.ref
    else:
        member = members.get_member(scope, member_id)
        ref = marks([member.pk], bytes(roll.salt))[0]
    place = _place_in(roll, territory_code) if territory_code else None
    challenge = _raise(roll, kind, reason, ref, member, person)
    challenge.territory, challenge.grade = place, _class_of(grade) if grade else ""
    challenge.save()
    _record(actor, "rolls.challenge", challenge, kind=str(kind))
    return challenge


@transaction.atomic
def challenge_own(*, actor: Actor, member: Member, roll_id: int, kind: str, reason: str) -> Challenge:
    """The member objects to what a roll says of them, or that it does not name them.

    Raises:
        RollNotFound: it is not certified, or no business of theirs. ChallengesClosed, ChallengeUnclear,
        ChallengeDoesNotFit, ChallengeWaits.
    """
    with wall.lifted("members object to what a roll says of them, without seeing the roll"):
        roll = next((roll for roll, _line in selectors.standings(member) if roll.pk == roll_id), None)
        if roll is None:
            raise RollNotFound
        challenge = _raise(roll, kind, reason, marks([member.pk], bytes(roll.salt))[0], member, None)
        challenge.save()
        _record(actor, "rolls.challenge", challenge, kind=str(kind))
    return challenge


@transaction.atomic
def decide_challenge(
    *, actor: Actor, challenge_id: int, accept: bool, note: str, territory_code: str = "", grade: str = ""
) -> Challenge:
    """Accept or refuse an objection. ``territory_code`` and ``grade``: what then stands there, if not as was said.

    Raises:
        ChallengeNotFound: also when out of scope. ChallengeDecided. SamePersonChallenge. DecisionNoteMissing.
        ChallengeDoesNotFit, ChallengeWaits, ChallengePlaceWrong: it cannot be accepted, or not so.
    """
    person = person_of(actor)
    challenge = selectors.get_challenge(scope_for(actor, EXPORTS_APPROVE), challenge_id, lock=True)
    if challenge.state != ChallengeState.OPEN:
        raise ChallengeDecided
    if challenge.raised_by_id == person:
        raise SamePersonChallenge
    if not (said := note.strip()):
        raise DecisionNoteMissing
    if accept:
        _accept(challenge, territory_code, grade)
    challenge.state = ChallengeState.ACCEPTED if accept else ChallengeState.REFUSED
    challenge.decided_by_id, challenge.decided_at, challenge.note = person, clock.now(), said[:WORDS]
    challenge.save()
    _record(actor, "rolls.decide", challenge, accepted=accept)
    transaction.on_commit(lambda: jobs.enqueue_once("rolls.tell_decided"))
    return challenge


@transaction.atomic
def look_at_challenges(*, actor: Actor, roll_id: int, limit: int = 100) -> list[Challenge]:
    """The objections to a roll, the newest first: they name members, so the look is counted and recorded.

    Raises RollNotFound, EnoughRead, Forbidden.
    """
    scope = scope_for(actor, MEMBERS_VIEW)
    roll = selectors.get_roll(scope, roll_id)
    found = selectors.challenges(roll, limit=limit)
    if found:
        member_services.count_list(actor=actor, scope=scope)
        ids = sorted({item.member_id for item in found if item.member_id is not None})
        audit.record_act(
            actor,
            action="rolls.look",
            target=f"roll:{roll_id}",
            territory_id=roll.territory_id,
            details={"challenges": len(found), "count": len(ids), "members": ids},
        )
    return found


@transaction.atomic
def look_at_challenge(*, actor: Actor, challenge_id: int) -> Challenge:
    """One objection, to decide it; the trail keeps who looked. Raises ChallengeNotFound."""
    found = selectors.get_challenge(scope_for(actor, EXPORTS_APPROVE), challenge_id)
    ids = [found.member_id] if found.member_id else []
    audit.record_act(
        actor,
        action="rolls.look",
        target=f"roll:{found.roll_id}",
        territory_id=found.roll.territory_id,
        details={"challenge": found.pk, "count": len(ids), "members": ids},
    )
    return found


def _line(roll: Roll, number: int) -> RollLine:
    found = RollLine.objects.select_related("member").filter(roll=roll, number=number).first()
    if found is None:
        raise ChallengeDoesNotFit
    return found


def _raise(roll: Roll, kind: str, reason: str, ref: str, member: Member | None, person: int | None) -> Challenge:
    Roll.objects.select_for_update(of=("self",)).filter(pk=roll.pk).first()  # of two at once, the second is told
    if not selectors.can_be_challenged(roll):
        raise ChallengesClosed
    if kind not in ChallengeKind.values or not reason.strip():
        raise ChallengeUnclear
    if selectors.stands_in(roll, ref) == (kind == ChallengeKind.MISSING):
        raise ChallengeDoesNotFit
    if selectors.is_challenged(roll, ref):
        raise ChallengeWaits
    return Challenge(
        roll=roll,
        kind=kind,
        member=member,
        ref=ref,
        reason=reason.strip()[:WORDS],
        raised_by_id=person,
        raised_at=clock.now(),
    )


def _accept(challenge: Challenge, territory_code: str, grade: str) -> None:
    """Settle what the supplement will say."""
    roll, member = challenge.roll, challenge.member
    if selectors.stands_in(roll, challenge.ref) == (challenge.kind == ChallengeKind.MISSING):
        raise ChallengeDoesNotFit
    if challenge.kind == ChallengeKind.WRONGLY:
        challenge.territory, challenge.grade = None, ""
        return
    if member is None:
        raise ChallengeDoesNotFit
    before = selectors.standing_place(roll, challenge.ref)
    place = _place_in(roll, territory_code) if territory_code else challenge.territory
    challenge.territory = place or (before[0] if before else _place_in(roll, member.territory.code))
    challenge.grade = _class_of(grade or challenge.grade or (before[1] if before else member.grade))
    if before == (challenge.territory, challenge.grade):
        raise ChallengeDoesNotFit
    _name(challenge, member)


def _name(challenge: Challenge, member: Member) -> None:
    """Note what people read of the member, and commit to it."""
    challenge.name = member.name
    challenge.card = cards.numbers_of([member.pk]).get(member.pk, "")
    challenge.masked_number = members.masked_phone(member)
    challenge.salt = os.urandom(SALT)
    challenge.commitment = commit(challenge.salt, challenge.name, challenge.card, challenge.masked_number)


def _place_in(roll: Roll, code: str) -> Territory:
    """A place that belonged to the roll's territory. Raises ChallengePlaceWrong."""
    place = Territory.objects.filter(pk__in=roll.places, code=code.strip().upper()).first()
    if place is None:
        raise ChallengePlaceWrong
    return place


def _class_of(grade: str) -> str:
    if grade not in MemberGrade.values:
        raise ChallengePlaceWrong
    return grade


def _record(actor: Actor, action: str, challenge: Challenge, **details: str | bool) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"roll:{challenge.roll_id}",
        territory_id=challenge.roll.territory_id,
        details={"challenge": challenge.pk, "member": challenge.member_id, **details},
    )
