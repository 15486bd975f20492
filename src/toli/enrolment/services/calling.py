"""Members are drawn by lot and called: did they ask to be members? Nobody chooses whom, and nobody draws twice.

Who did not ask is held at once, with the batch that they came in, until somebody has decided (guarding).
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from toli.access.domain.permissions import ENROLMENT_CHECK, MEMBERS_REVEAL
from toli.access.policies import holds_on, person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.enrolment import selectors
from toli.enrolment.domain.sampling import MOST, MOST_IN_FRAME, draw
from toli.enrolment.errors import (
    CallerUnfit,
    CallNoted,
    NobodyToCall,
    NotYourList,
    SampleOpen,
    SampleSizeWrong,
    SampleTooWide,
)
from toli.enrolment.models import CallLine, CallSample, Outcome
from toli.enrolment.services.guarding.holding import hold_batch
from toli.enrolment.services.guarding.sources import lock
from toli.members.models import RevealReason
from toli.members.services import reveal_phone
from toli.territories import selectors as territories


@transaction.atomic
def draw_sample(*, actor: Actor, territory_code: str, caller_id: int, size: int | None = None) -> CallSample:
    """Draw members who joined lately in the territory, each equally likely and nobody for a second time; give them to a
    named person to call. ``size``: settings.TOLI_CALL_SAMPLE unless told.

    Raises:
        TerritoryNotFound: also when out of scope. SampleSizeWrong. CallerUnfit: they may not see numbers there, or
        wrote some of these people down. SampleOpen: the last list is not finished. NobodyToCall. SampleTooWide.
    """
    scope = scope_for(actor, ENROLMENT_CHECK)
    place = territories.get_territory(scope, territory_code)
    wanted = int(settings.TOLI_CALL_SAMPLE) if size is None else size
    if not 1 <= wanted <= MOST:
        raise SampleSizeWrong(most=MOST)
    lock([f"sample {place.pk}".encode()])
    if CallSample.objects.filter(territory=place, closed_at__isnull=True).exists():
        raise SampleOpen
    now = clock.now()
    since = now - timedelta(days=settings.TOLI_CALL_DAYS)
    frame = selectors.call_frame(place, since=since, until=now, most=MOST_IN_FRAME + 1)
    if len(frame) > MOST_IN_FRAME:
        raise SampleTooWide(most=MOST_IN_FRAME)
    if not frame:
        raise NobodyToCall
    seed = secrets.token_hex(16)
    chosen = draw(seed, frame, wanted)
    lines = selectors.lines_for(chosen)
    _check_caller(caller_id, place.pk, lines)
    sample = CallSample.objects.create(
        territory=place, seed=seed, frame=frame, size=wanted, since=since, drawn_at=now, drawn_by_id=actor.id,
        caller_id=caller_id,
    )  # fmt: skip
    for line in lines:
        line.sample = sample
    CallLine.objects.bulk_create(lines)
    _record(actor, "enrolment.draw_calls", sample, seed=seed, size=len(lines), frame=len(frame), caller=caller_id)
    return sample


@transaction.atomic
def hand_sample(*, actor: Actor, sample_id: int, caller_id: int) -> None:
    """Let another person make the calls. The people stay the same.

    Raises:
        SampleNotFound: also when out of scope. CallerUnfit. CallNoted: everybody was called.
    """
    sample = selectors.get_sample(scope_for(actor, ENROLMENT_CHECK), sample_id, lock=True)
    if sample.closed_at:
        raise CallNoted
    _check_caller(caller_id, sample.territory_id, list(sample.lines.all()))
    sample.caller_id = caller_id
    sample.save(update_fields=["caller"])
    _record(actor, "enrolment.hand_calls", sample, caller=caller_id)


@transaction.atomic
def call_number(*, actor: Actor, sample_id: int, place: int) -> str:
    """The full number of a member on the actor's own list (E.164). Counted, recorded and told to the member, as
    everywhere.

    Raises:
        SampleNotFound, NotYourList, CallNoted. What reveal_phone raises.
    """
    line = _own_line(actor, sample_id, place)
    note = _("List of calls %(number)s") % {"number": sample_id}
    return reveal_phone(actor=actor, member_id=line.member_id, reason=RevealReason.SAMPLE, note=note)


@transaction.atomic
def note_call(*, actor: Actor, sample_id: int, place: int, outcome: str) -> CallLine:
    """Note what somebody on the actor's own list said. Who did not ask is held, with their batch, until a case about it
    is decided. When each has an outcome the list is finished; whoever was not reached may be tried until then.

    Raises:
        SampleNotFound, NotYourList. CallNoted: they have said something already. ValueError: no such outcome.
    """
    line = _own_line(actor, sample_id, place)
    line.outcome, line.called_at = Outcome(outcome), clock.now()
    line.save(update_fields=["outcome", "called_at"])
    if line.outcome == Outcome.NOT_ASKED:
        hold_batch(member_id=line.member_id, since=line.sample.since)
    audit.record_act(
        actor,
        action="enrolment.note_call",
        target=f"member:{line.member_id}",
        territory_id=line.territory_id,
        details={"sample": sample_id, "outcome": line.outcome},
    )
    _close_if_done(line.sample)
    return line


def _own_line(actor: Actor, sample_id: int, place: int) -> CallLine:
    sample = selectors.get_sample(scope_for(actor, MEMBERS_REVEAL), sample_id, lock=True)
    if sample.caller_id != person_of(actor):
        raise NotYourList
    line = sample.lines.select_related("sample").filter(place=place).first()
    if line is None or not line.can_be_noted or sample.closed_at:
        raise CallNoted
    return line


def _close_if_done(sample: CallSample) -> None:
    if not sample.lines.filter(outcome="").exists():
        CallSample.objects.filter(pk=sample.pk).update(closed_at=clock.now())


def _check_caller(caller_id: int, territory_id: int, lines: list[CallLine]) -> None:
    if not holds_on(caller_id, MEMBERS_REVEAL, territory_id):
        raise CallerUnfit
    if any(line.enroller_id == caller_id for line in lines):
        raise CallerUnfit


def _record(actor: Actor, action: str, sample: CallSample, **details: object) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"sample:{sample.pk}",
        territory_id=sample.territory_id,
        details=details,
    )
