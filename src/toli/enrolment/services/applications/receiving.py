"""Entries arrive from a coordinator's phone: each is taken, known already, in conflict, or refused with a reason.

Numbers are locked in one order, so that two phones that send the same people cannot wait for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction

from toli.access.domain.permissions import WORK_DO
from toli.access.domain.scope import EVERYWHERE, Scope
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock, jobs, wall
from toli.core.domain.phone import InvalidPhone, to_e164
from toli.core.errors import Forbidden, NotFound
from toli.enrolment import errors
from toli.enrolment.domain import records
from toli.enrolment.domain.records import Record
from toli.enrolment.models import Application, Device, State
from toli.enrolment.services.applications.checking import reason_to_hold
from toli.enrolment.services.applications.numbers import hash_of, open_with_number, seal_number
from toli.enrolment.services.guarding.entries import case_for_entry, lock_helper, mark_entry
from toli.members import selectors as members
from toli.members.domain.rows import clean_name
from toli.members.models import Drive
from toli.members.services import Source, Step, count_step
from toli.members.services.locking import lock_number
from toli.territories import selectors as territories
from toli.territories.models import Territory


class Result(StrEnum):
    """What became of one entry of a batch."""

    ACCEPTED = "accepted"
    KNOWN = "known"  # it came before
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """``id``: as the phone wrote it. ``state`` of what is stored; of a refusal ``reason`` and ``words`` say why."""

    id: str
    result: Result
    state: str = ""
    reason: str = ""
    words: str = ""


@transaction.atomic
def receive_records(*, actor: Actor, batch: Sequence[object]) -> list[Answer]:
    """Take what the actor's phone wrote. One answer for each entry, in order; sending again changes nothing.

    Raises:
        Forbidden: the actor works nowhere. BatchTooLarge.
    """
    scope = scope_for(actor, WORK_DO)
    if scope.is_empty:
        raise Forbidden
    if len(batch) > records.MOST_RECORDS:
        raise errors.BatchTooLarge(most=records.MOST_RECORDS)
    lock_helper(person_of(actor))
    answers: dict[int, Answer] = {}
    for place in sorted(range(len(batch)), key=lambda place: _number_in(batch[place])):
        answers[place] = _answer(actor, scope, batch[place])
    found = [answers[place] for place in range(len(batch))]
    counts = {result.value: sum(answer.result is result for answer in found) for result in Result}
    audit.record_act(
        actor, action="enrolment.receive", target="enrolment", details={"received": len(found), **counts}
    )  # fmt: skip
    if counts[Result.ACCEPTED] or counts[Result.CONFLICT]:
        jobs.enqueue_once("enrolment.invite")
    return found


def _number_in(given: object) -> str:
    try:
        return to_e164(str(given["phone"]))  # type: ignore[index]
    except (InvalidPhone, TypeError, KeyError):
        return ""


def _answer(actor: Actor, scope: Scope, given: object) -> Answer:
    name = str(given.get("id", ""))[:40] if isinstance(given, Mapping) else ""
    try:
        with transaction.atomic():
            stored, result = _take(actor, scope, given)
    except errors.RecordRefused as error:
        return Answer(name, Result.REFUSED, reason=error.code, words=str(error))
    return Answer(name, result, stored.state, stored.reason)


def _take(actor: Actor, scope: Scope, given: object) -> tuple[Application, Result]:
    try:
        record, signature = records.read_record(given if isinstance(given, Mapping) else {})
    except records.NotARecord:
        raise errors.RecordMalformed from None
    device = Device.objects.filter(key_id=record.device, account_id=person_of(actor)).first()
    if device is None:
        raise errors.DeviceUnknown
    if not records.is_signed(record, signature, bytes(device.point)):
        raise errors.SignatureWrong
    number = _number(record)
    lock_number(number)
    mark = records.fingerprint(signature)
    if known := _known(record):
        if known.device_id != device.pk or bytes(known.fingerprint) != mark:
            raise errors.RecordAltered
        return known, Result.KNOWN
    _check_time(record, device)
    fields = _fields(scope, record, number)
    application = _store(device, record, number, {**fields, "fingerprint": mark})
    return application, Result.CONFLICT if application.state == State.CONFLICT else Result.ACCEPTED


def _number(record: Record) -> str:
    try:
        return to_e164(record.phone)
    except InvalidPhone:
        raise errors.NumberUnfit from None


@wall.lifted("an entry that comes twice is known wherever it lies")
def _known(record: Record) -> Application | None:
    return Application.objects.filter(record_id=record.uuid).first()


def _check_time(record: Record, device: Device) -> None:
    now = clock.now()
    if device.ended_at:
        raise errors.DeviceEnded
    if record.captured_at > now + records.FAST_CLOCK:
        raise errors.FromTheFuture
    if record.captured_at < now - records.OLDEST:
        raise errors.TooOld


def _fields(scope: Scope, record: Record, number: str) -> dict[str, Any]:
    """What is stored of the entry, checked. Raises RecordRefused."""
    territory = _place(scope, record.territory)
    try:
        name = clean_name(record.name)
    except ValueError:
        raise errors.NameUnfit from None
    if _said_no(number):
        raise errors.SaidNo
    language = record.language if record.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    return {"territory": territory, "drive": _drive(record, territory), "name": name, "language": language}


@wall.lifted("who said no to one coordinator is not asked by the next")
def _said_no(number: str) -> bool:
    return Application.objects.filter(said_no_hash=hash_of(number)).exists()


def _place(scope: Scope, code: str) -> Territory:
    try:
        territory = territories.get_territory(scope, code)
    except NotFound:
        raise errors.OutsideArea from None
    if territories.children(EVERYWHERE, territory):
        raise errors.PlaceTooLarge
    return territory


def _drive(record: Record, territory: Territory) -> Drive:
    """The drive, if it covers the place and is open today: afterwards nobody could join by it any more."""
    try:
        drive = members.get_drive(record.drive)
    except NotFound:
        raise errors.DriveNotOpen from None
    area = members.drive_area(drive)
    covered = any(area.covers(path) for path in territories.paths_of(territory.pk))
    if not covered or not drive.opens_on <= clock.today() <= drive.closes_on:
        raise errors.DriveNotOpen
    return drive


def _store(
    device: Device, record: Record, number: str, fields: Mapping[str, Any]
) -> Application:  # fmt: skip
    now = clock.now()
    application = Application(
        record_id=record.uuid,
        device=device,
        enroller_id=device.account_id,
        captured_at=record.captured_at,
        received_at=now,
        expires_at=now + timedelta(days=settings.TOLI_ENROL_DAYS),
        **fields,
    )
    seal_number(application, number)
    mark_entry(application, number)
    application.state, application.reason = _first_state(application, number)
    application.save()
    count_step(drive=application.drive, territory=application.territory, step=Step.STARTED, source=Source.CAMP)
    device.last_sent_at = now
    device.save(update_fields=["last_sent_at"])
    return application


@wall.lifted("two coordinators of different places may have written down the same person")
def _first_state(application: Application, number: str) -> tuple[str, str]:
    """Where the entry begins. What the number meets is said, but not whom."""
    if case := case_for_entry(application):
        application.case = case
        return State.HELD, case.rule or case.kind
    if reason := reason_to_hold(application, number):
        return State.HELD, reason
    return state_by_number(application, number)


def state_by_number(application: Application, number: str) -> tuple[str, str]:
    """Whether the entry waits for its answer, or meets another of its number or a member."""
    others = open_with_number(number).exclude(pk=application.pk)
    met = others.exists()
    others.filter(state=State.WAITING).update(state=State.CONFLICT, reason="captured_twice")
    if known := members.find_all_by_phone(number):
        same = application.name.casefold() in {member.name.casefold() for member in known}
        return State.CONFLICT, "already_member" if same else "number_known"
    return (State.CONFLICT, "captured_twice") if met else (State.WAITING, "")
