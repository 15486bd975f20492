"""People who join by their own act, sign in, and leave."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from toli.access.domain.scope import EVERYWHERE
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.accounts.models import Account
from toli.audit import services as audit
from toli.core import clock
from toli.core.crypto import cipher_for, index_for
from toli.core.events import publish
from toli.members import selectors
from toli.members.domain.rows import clean_name
from toli.members.domain.terms import ends_on
from toli.members.errors import AdultsOnly, ConsentMissing, DriveClosed, MemberNotFound, NameInvalid
from toli.members.events import MemberEnrolled, MemberLeft
from toli.members.models import ContactKind, ContactPoint, Member, MemberSource, MemberState, Purpose
from toli.members.services.consenting import set_consent
from toli.territories import selectors as territories


@transaction.atomic
def enrol_member(
    *,
    actor: Actor,
    drive_code: str,
    name: str,
    phone: str,
    territory_code: str,
    language: str,
    consents: Mapping[str, bool],
    evidence: Mapping[str, Any],
    source_code: str = "",
) -> Member:
    """Make the person who has just proved that ``phone`` is theirs a member.

    The caller has accepted a code sent to this number; ``evidence`` says so. ``consents`` holds a word
    on ``adult``, ``membership`` and, if they were asked, ``content``. A number that belongs to a member
    already gives that member back: nobody is doubled.

    Raises:
        DriveClosed, NameInvalid, AdultsOnly, ConsentMissing, TerritoryNotFound.
    """
    if not consents.get("adult"):
        raise AdultsOnly
    if not consents.get(Purpose.MEMBERSHIP):
        raise ConsentMissing
    drive, today = selectors.get_drive(drive_code), clock.today()
    if not drive.opens_on <= today <= drive.closes_on:
        raise DriveClosed
    territory = territories.get_territory(EVERYWHERE, territory_code)
    _one_at_a_time(phone)
    existing = selectors.find_by_phone(phone)
    if existing:
        return existing
    try:
        clean = clean_name(name)
    except ValueError:
        raise NameInvalid from None
    now = clock.now()
    member = Member.objects.create(
        name=clean,
        territory=territory,
        language=language,
        source=MemberSource.JOIN,
        drive=drive,
        member_from=today,
        member_until=ends_on(today, drive.term_months),
        created_at=now,
        updated_at=now,
    )
    _add_phone(member, phone)
    for purpose in Purpose.values:
        if purpose in consents:
            set_consent(
                member_id=member.pk,
                purpose=purpose,
                given=bool(consents[purpose]),
                language=language,
                evidence=evidence,
            )
    audit.record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        action="members.join",
        target=f"member:{member.pk}",
    )
    publish(MemberEnrolled(member_id=member.pk, source_code=source_code))
    return member


@transaction.atomic
def open_account(*, member_id: int) -> Account:
    """The account that the member signs in with; made on first use."""
    member = Member.objects.select_for_update().get(pk=member_id)
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
        MemberNotFound: it is not the actor's own membership.
    """
    own = selectors.member_of(actor)
    if not actor.is_system and (own is None or own.pk != member_id):
        raise MemberNotFound
    Member.objects.filter(pk=member_id).update(state=MemberState.LEFT, updated_at=clock.now())
    audit.record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        action="members.leave",
        target=f"member:{member_id}",
    )
    publish(MemberLeft(member_id=member_id))


def _one_at_a_time(phone: str) -> None:
    """Two requests of one person must not make two members."""
    key = int.from_bytes(index_for(selectors.PHONE_INDEX).of(phone)[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _add_phone(member: Member, phone: str) -> None:
    index = index_for(selectors.PHONE_INDEX).of(phone)
    taken = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index=index).count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('members_contactpoint', 'id'))")
        point_id = cursor.fetchone()[0]
    ContactPoint.objects.create(
        pk=point_id,
        member=member,
        kind=ContactKind.PHONE,
        value_sealed=cipher_for(selectors.CONTACT_CONTEXT).encrypt(phone, row=point_id),
        value_index=index,
        ordinal=taken,
        verified_at=clock.now(),
    )
