"""Citizens who agree to hear from the organisation without becoming members, and stop it again.

Their words stand in the same ledger as those of members. The caller of :func:`agree` has accepted a code that was sent
to the number; nobody else can agree for it, and nobody learns without the code whether it is known.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from toli.access.domain.scope import EVERYWHERE
from toli.accounts import services as accounts
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM, Actor
from toli.audit import services as audit
from toli.core import append_only, clock, keeping, wall
from toli.core.crypto import cipher_for
from toli.members import selectors
from toli.members.domain.citizens import EVIDENCE_PAGE, NOTICE_VERSION, OFFERED, PURPOSE, TERM
from toli.members.domain.purposes import PURPOSES
from toli.members.errors import AlreadyMember, WayMissing
from toli.members.models import Citizen, ConsentRecord
from toli.members.selectors.citizens import NUMBER, citizens_number, number_hash
from toli.members.services.locking import lock_number
from toli.territories import selectors as territories

DIGITS_SHOWN = 2


@transaction.atomic
@wall.lifted("somebody who has just proved a number writes their own row")
def agree(
    *, actor: Actor = ANONYMOUS, phone: str, territory_code: str, channels: Collection[str], language: str
) -> Citizen:
    """Note that whoever has just proved ``phone`` wants to hear from us by ``channels``. They are told nothing new when
    they had agreed already: place, language and ways become what they say now, and their term begins anew.

    Raises:
        PhoneInvalid, TerritoryNotFound. WayMissing: no channel, or one that nobody is asked about.
        AlreadyMember: the number is a member's, who decides about messages on their own page.
    """
    wanted = [channel for channel in OFFERED if channel in channels]
    if not wanted or len(wanted) != len(set(channels)):
        raise WayMissing
    territory = territories.get_territory(EVERYWHERE, territory_code)
    number = accounts.phone_from(phone)
    lock_number(number)
    if selectors.find_all_by_phone(number):
        raise AlreadyMember
    citizen = _of_number(number) or Citizen(number_hash=number_hash(number))
    citizen.territory, citizen.language, citizen.agreed_at = territory, language, clock.now()
    citizen.save()
    citizen.number_sealed = cipher_for(NUMBER).encrypt(number, row=citizen.pk)
    citizen.save(update_fields=["number_sealed"])
    said = _words(citizen.pk)
    ways = {channel.value: channel in wanted for channel in OFFERED if channel in wanted or said.get(channel)}
    _write(citizen, ways, language, EVIDENCE_PAGE)
    _record(actor, "members.citizen.agree", citizen)
    return citizen


@transaction.atomic
@wall.lifted("the holder of the link, or the end of the term, ends what one citizen agreed to")
def end_agreement(*, actor: Actor, citizen_id: int, language: str, page: str) -> None:
    """Nothing stands any more, and the number is gone; the proof stays. Safe to repeat. ``page``: how it was said."""
    citizen = Citizen.objects.agreed().select_for_update().filter(pk=citizen_id).first()
    if citizen is None:
        return
    ended = {channel: False for channel, given in _words(citizen_id).items() if given}
    _write(citizen, ended, language, page)
    citizen.number_sealed, citizen.ended_at = b"", clock.now()
    citizen.save(update_fields=["number_sealed", "ended_at"])
    _record(actor, "members.citizen.end", citizen)


@wall.lifted("the citizen told a provider so")
def end_told_agreement(*, citizen_id: int, page: str) -> None:
    """The same where somebody else passed their word on; in which language they said it nobody tells: so, in theirs."""
    language = Citizen.objects.filter(pk=citizen_id).values_list("language", flat=True).first()
    if language is not None:
        end_agreement(actor=SYSTEM, citizen_id=citizen_id, language=language, page=page)


@dataclass(frozen=True, slots=True)
class Parting:
    """Whoever has just taken their word back, for one last answer. Kept by nobody longer than that takes."""

    number: str = field(repr=False)
    language: str
    territory_id: int


@transaction.atomic
def part_with(*, actor: Actor, citizen_id: int, language: str, page: str) -> Parting | None:
    """End the agreement as :func:`end_agreement`. Returns whose it was; None: it had ended before."""
    citizen = Citizen.objects.agreed().select_for_update().filter(pk=citizen_id).first()
    if citizen is None:
        return None
    parting = Parting(citizens_number(citizen), citizen.language, citizen.territory_id)
    end_agreement(actor=actor, citizen_id=citizen_id, language=language, page=page)
    return parting


def agreed_with(number: str) -> tuple[int, str] | None:
    """The citizen who agreed with this number (E.164), and one of their ways; for whoever has proved the number."""
    citizen = Citizen.objects.agreed().filter(number_hash=number_hash(number)).first()
    ways = [channel for channel, given in _words(citizen.pk).items() if given] if citizen else []
    return (citizen.pk, ways[0]) if citizen and ways else None


def end_for_member(*, number: str, language: str) -> None:
    """Whoever has this number (E.164) is a member from now on, and said at joining what may come to them."""
    citizen = Citizen.objects.agreed().filter(number_hash=number_hash(number)).first()
    if citizen is not None:
        end_agreement(actor=SYSTEM, citizen_id=citizen.pk, language=language, page="join")


def holds_until(agreed_at: datetime | None = None) -> datetime:
    """When a word given at that moment, or now, ends by itself."""
    days = next(keeping.days_of(term) for term in keeping.terms() if term.key == TERM)
    return (agreed_at or clock.now()) + timedelta(days=days)


# -- what the page behind a link shows -------------------------------------------------------------


def standing_of(citizen_id: int) -> dict[str, bool]:
    """Each purpose, and whether messages for it come to the citizen by any way."""
    agreed = Citizen.objects.agreed().filter(pk=citizen_id).exists()
    return {purpose: agreed and purpose == PURPOSE for purpose in PURPOSES}


@dataclass(frozen=True, slots=True)
class Agreement:
    """By which ways, since when and until when at the longest somebody hears from us."""

    ways: tuple[str, ...]
    since: datetime
    until: datetime


def agreement_of(citizen_id: int) -> Agreement | None:
    """What the citizen agreed to; None once it has ended."""
    citizen = Citizen.objects.agreed().filter(pk=citizen_id).first()
    if citizen is None:
        return None
    ways = tuple(channel for channel, given in _words(citizen_id).items() if given)
    return Agreement(ways, citizen.agreed_at, holds_until(citizen.agreed_at))


def last_digits(citizen_id: int) -> str:
    """As many digits of the number as a page may show; empty once it is gone."""
    citizen = Citizen.objects.agreed().filter(pk=citizen_id).first()
    return citizens_number(citizen)[-DIGITS_SHOWN:] if citizen else ""


# -- the schedule ----------------------------------------------------------------------------------


def end_old_agreements(before: datetime, most: int) -> int:
    """End what was agreed to by ``before`` at the latest, ``most`` at once. Returns how many."""
    old = Citizen.objects.agreed().filter(agreed_at__lte=before).order_by("pk")
    found = list(old.values_list("pk", "language")[:most])
    for citizen_id, language in found:
        end_agreement(actor=SYSTEM, citizen_id=citizen_id, language=language, page="end of the term")
    return len(found)


@transaction.atomic
def delete_proofs(before: datetime, most: int) -> int:
    """Delete what is left of those who stopped by ``before``, ``most`` at once. Returns how many people."""
    found = list(Citizen.objects.filter(ended_at__lte=before).order_by("pk").values_list("pk", flat=True)[:most])
    with append_only.opened("the term of the schedule is over"):
        ConsentRecord.objects.filter(citizen_id__in=found).delete()
    Citizen.objects.filter(pk__in=found).delete()
    return len(found)


# -- shared ----------------------------------------------------------------------------------------


def _of_number(number: str) -> Citizen | None:
    return Citizen.objects.agreed().select_for_update().filter(number_hash=number_hash(number)).first()


def _words(citizen_id: int) -> dict[str, bool]:
    """The latest word on each channel."""
    rows = ConsentRecord.objects.filter(citizen_id=citizen_id, purpose=PURPOSE)
    rows = rows.order_by("channel", "-at", "-pk").distinct("channel")
    return {row.channel: row.given for row in rows}


def _write(citizen: Citizen, ways: dict[str, bool], language: str, page: str) -> None:
    evidence = {"page": page} | ({"code": "verified"} if page == EVIDENCE_PAGE else {})
    ConsentRecord.objects.bulk_create(
        ConsentRecord(
            citizen=citizen, purpose=PURPOSE, channel=channel, given=given, notice_version=NOTICE_VERSION,
            language=language, evidence=evidence, at=clock.now(),
        )
        for channel, given in ways.items()
    )  # fmt: skip


def _record(actor: Actor, action: str, citizen: Citizen) -> None:
    audit.record_act(actor, action=action, target=f"citizen:{citizen.pk}", territory_id=citizen.territory_id)
