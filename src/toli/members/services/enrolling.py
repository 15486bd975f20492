"""People who join by their own act, sign in, and leave."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from toli.access.domain.scope import EVERYWHERE
from toli.accounts import services as accounts
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from toli.accounts.models import Account
from toli.audit import services as audit
from toli.core import clock, wall
from toli.core.crypto import cipher_for, index_for
from toli.core.domain.terms import ends_on
from toli.core.events import publish
from toli.members import selectors
from toli.members.domain.names import kept_keys
from toli.members.domain.purposes import PURPOSES, Purpose
from toli.members.domain.rows import clean_name
from toli.members.errors import (
    AdultsOnly,
    ConsentMissing,
    DriveClosed,
    DriveElsewhere,
    MemberNotFound,
    NameInvalid,
    PhoneFull,
)
from toli.members.events import MemberEnrolled, MemberLeft
from toli.members.models import ContactKind, ContactPoint, Drive, HistoryReason, Member, MemberSource, MemberState
from toli.members.services.citizens import end_for_member
from toli.members.services.consenting import set_consent
from toli.members.services.erasing import let_come_back
from toli.members.services.history import change_membership
from toli.members.services.locking import lock_number
from toli.territories import selectors as territories
from toli.territories.models import Territory


@transaction.atomic
@wall.lifted("a newcomer writes their own first rows")
def enrol_member(
    *,
    actor: Actor = ANONYMOUS,
    drive_code: str,
    name: str,
    phone: str,
    territory_code: str,
    language: str,
    consents: Mapping[str, bool],
    evidence: Mapping[str, Any],
    source_code: str = "",
    another: bool = False,
    source: str = MemberSource.JOIN,
) -> Member:
    """Make the person who has just proved that ``phone`` is theirs a member.

    The caller has accepted a code sent to this number; ``evidence`` says so. ``consents`` holds a word
    on ``adult``, ``membership`` and, if they were asked, ``content``. A number that belongs to a member
    already gives that member back: nobody is doubled. With ``another`` they have said that they are somebody
    else of the family; only who has the same name as well is given back, so that a form sent twice makes one.

    Raises:
        AdultsOnly, ConsentMissing, DriveNotFound, DriveClosed, NameInvalid, PhoneInvalid,
        TerritoryNotFound, DriveElsewhere: the drive does not cover the territory.
        PhoneFull: as many members share this telephone as may (TOLI_MEMBERS_PER_PHONE).
    """
    if not consents.get("adult"):
        raise AdultsOnly
    if not consents.get(Purpose.MEMBERSHIP):
        raise ConsentMissing
    drive = _open_drive(drive_code)
    territory = _place(drive, territory_code)
    number = accounts.phone_from(phone)
    lock_number(number)
    existing = _already(number, _clean(name), another=another)
    if existing:
        return existing
    let_come_back(phone=number)
    member = _add_member(drive, territory, name, language, source)
    _add_phone(member, number)
    end_for_member(number=number, language=language)
    for purpose in PURPOSES:
        if purpose in consents:
            set_consent(
                member_id=member.pk,
                purpose=purpose,
                given=bool(consents[purpose]),
                language=language,
                evidence=evidence,
            )
    audit.record_act(
        actor,
        action="members.join",
        target=f"member:{member.pk}",
        territory_id=territory.pk,
    )
    publish(MemberEnrolled(member_id=member.pk, source_code=source_code))
    return member


@transaction.atomic
@wall.lifted("a member who has just proved a number is not signed in yet")
def open_account(*, member_id: int) -> Account:
    """The account that the member signs in with; made on first use. Raises MemberNotFound."""
    member = _locked(member_id)
    if member.account is None:
        member.account = accounts.create_account(
            actor=SYSTEM,
            login=f"member-{member.pk}",
            display_name=member.name,
            kind=ActorKind.MEMBER,
            language=member.language,
        )
        member.save(update_fields=["account"])
    return member.account


@transaction.atomic
def leave_organisation(*, actor: Actor, member_id: int) -> None:
    """End the membership of the acting member (or, by the system, of any). The seat ends with it.

    Raises:
        MemberNotFound: it is not the actor's own membership, or has ended.
    """
    own = selectors.member_of(actor)
    if not actor.is_system and (own is None or own.pk != member_id):
        raise MemberNotFound
    member = _locked(member_id)
    change_membership(member_id=member_id, reason=HistoryReason.LEFT, state=MemberState.LEFT)
    audit.record_act(
        actor,
        action="members.leave",
        target=f"member:{member_id}",
        territory_id=member.territory_id,
    )
    publish(MemberLeft(member_id=member_id))


def _locked(member_id: int) -> Member:
    """The member, until the transaction ends; also one whose term is over."""
    member = Member.objects.known().select_for_update().filter(pk=member_id).first()
    if member is None:
        raise MemberNotFound
    return member


def _open_drive(code: str) -> Drive:
    drive = selectors.get_drive(code)
    if not drive.opens_on <= clock.today() <= drive.closes_on:
        raise DriveClosed
    return drive


def _place(drive: Drive, code: str) -> Territory:
    territory = territories.get_territory(EVERYWHERE, code)
    area = selectors.drive_area(drive)
    if not any(area.covers(path) for path in territories.paths_of(territory.pk)):
        raise DriveElsewhere(territory=territory.code)
    return territory


def _clean(name: str) -> str:
    try:
        return clean_name(name)
    except ValueError:
        raise NameInvalid from None


def _already(number: str, name: str, *, another: bool) -> Member | None:
    """The member that this person is already, if they are. Raises PhoneFull."""
    known = [*selectors.find_all_by_phone(number), *selectors.find_held_by_phone(number)]
    if not another:
        return known[0] if known else None
    same = [member for member in known if member.name.casefold() == name.casefold()]
    if not same and len(known) >= settings.TOLI_MEMBERS_PER_PHONE:
        raise PhoneFull(most=settings.TOLI_MEMBERS_PER_PHONE)
    return same[0] if same else None


def _add_member(drive: Drive, territory: Territory, name: str, language: str, source: str) -> Member:
    clean = _clean(name)
    now, today = clock.now(), clock.today()
    return Member.objects.create(
        name=clean,
        name_keys=kept_keys(clean),
        territory=territory,
        language=language,
        source=source,
        drive=drive,
        member_from=today,
        member_until=ends_on(today, drive.term_months),
        created_at=now,
        updated_at=now,
    )


def _add_phone(member: Member, phone: str) -> None:
    index = index_for(selectors.PHONE_INDEX)
    same = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index__in=index.all_of(phone))
    last = same.aggregate(last=Max("ordinal"))["last"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('members_contactpoint', 'id'))")
        point_id = cursor.fetchone()[0]
    ContactPoint.objects.create(
        pk=point_id,
        member=member,
        kind=ContactKind.PHONE,
        value_sealed=cipher_for(selectors.CONTACT_CONTEXT).encrypt(phone, row=point_id),
        value_index=index.of(phone),
        tail_index=selectors.tail_indexes([phone])[0],
        ordinal=0 if last is None else last + 1,
        verified_at=clock.now(),
    )
