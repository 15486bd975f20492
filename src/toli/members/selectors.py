"""Reads about members. The scope comes first; an address is only given out for a purpose."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery

from toli.access.domain.scope import Scope, scope_of
from toli.accounts.domain.actor import Actor, ActorKind
from toli.core import clock, wall
from toli.core.crypto import cipher_for, index_for
from toli.core.domain.phone import masked
from toli.members.domain.purposes import Purpose
from toli.members.errors import DriveNotFound, MemberNotFound
from toli.members.models import ConsentRecord, ContactKind, ContactPoint, Drive, Member, MemberState
from toli.territories import selectors as territories
from toli.territories.models import Territory

CONTACT_CONTEXT = "members_contactpoint.value"
PHONE_INDEX = "phone"


def get_member(scope: Scope, member_id: int) -> Member:
    """The member. Raises MemberNotFound, also when out of scope."""
    member = Member.objects.within(scope).select_related("territory__level").filter(pk=member_id).first()
    if member is None:
        raise MemberNotFound
    return member


def member_of(actor: Actor) -> Member | None:
    """The member who acts, or None for staff and visitors."""
    if actor.kind is not ActorKind.MEMBER or actor.id is None:
        return None
    return Member.objects.active().select_related("territory__level").filter(account_id=actor.id).first()


@wall.lifted("a number is looked up to sign its owner in, or to double nobody")
def find_by_phone(phone: str) -> Member | None:
    """The first active member with this number (E.164), or None."""
    points = ContactPoint.objects.filter(
        kind=ContactKind.PHONE, value_index=index_for(PHONE_INDEX).of(phone), member__state=MemberState.ACTIVE
    )
    point = points.select_related("member__territory__level").order_by("ordinal").first()
    return point.member if point else None


def masked_phone(member: Member) -> str:
    """The member's number as a screen may show it; empty when there is none."""
    point = member.contact_points.filter(kind=ContactKind.PHONE).order_by("ordinal").first()
    if point is None:
        return ""
    return masked(cipher_for(CONTACT_CONTEXT).decrypt(bytes(point.value_sealed), row=point.pk))


def members_page(scope: Scope, *, territory: Territory | None = None, after: int = 0, limit: int = 50) -> list[Member]:
    """Active members of the scope, below ``territory`` if given, by id; ``after`` is the last id seen."""
    found = Member.objects.within(scope).active().filter(pk__gt=after)
    if territory is not None:
        found = found.filter(territory_id__in=territories.descendant_ids(territory))
    return list(found.select_related("territory").order_by("pk")[:limit])


def get_drive(code: str) -> Drive:
    """The drive with this code. Raises DriveNotFound."""
    drive = Drive.objects.select_related("territory").filter(code=code).first()
    if drive is None:
        raise DriveNotFound(drive=code)
    return drive


def current_drive(on: date | None = None) -> Drive | None:
    """The drive that is open on the day (today), the one that closes last if there are several."""
    day = on or clock.today()
    return Drive.objects.filter(opens_on__lte=day, closes_on__gte=day).order_by("-closes_on", "pk").first()


def open_drive_for(territory: Territory) -> Drive | None:
    """The drive that is open today and covers the territory; of several, the one that closes last."""
    today = clock.today()
    paths = territories.paths_of(territory.pk)
    for drive in Drive.objects.filter(opens_on__lte=today, closes_on__gte=today).order_by("-closes_on", "pk"):
        if any(drive_area(drive).covers(path) for path in paths):
            return drive
    return None


def drive_area(drive: Drive) -> Scope:
    """The branches in which people can join by the drive, one for each tree that its territory stands in."""
    return scope_of(list(territories.paths_of(drive.territory_id)))


def drives() -> QuerySet[Drive]:
    """All drives, newest first."""
    return Drive.objects.select_related("territory").order_by("-opens_on", "code")


def reachable_points(
    scope: Scope, *, purpose: str, member_ids: Iterable[int] | None = None
) -> Iterator[tuple[int, str]]:
    """Ids of members who may be written to for ``purpose``, each once, with the number to use (E.164).

    The only way to obtain an address. For the purpose of membership itself (card, group) every active
    member may be reached; for content only those whose latest word on it was yes.
    """
    members = Member.objects.within(scope).active()
    if member_ids is not None:
        members = members.filter(pk__in=list(member_ids))
    if purpose != Purpose.MEMBERSHIP:
        latest = ConsentRecord.objects.filter(member=OuterRef("pk"), purpose=purpose).order_by("-at", "-pk")
        members = members.annotate(agreed=Subquery(latest.values("given")[:1])).filter(agreed=True)
    points = ContactPoint.objects.filter(member__in=members.values("pk"), kind=ContactKind.PHONE)
    points = points.order_by("member_id", "pk").distinct("member_id")
    cipher = cipher_for(CONTACT_CONTEXT)
    for point in points.iterator(chunk_size=5000):
        yield point.member_id, cipher.decrypt(bytes(point.value_sealed), row=point.pk)


def consents(member: Member) -> dict[str, bool]:
    """The member's latest word on each purpose; purposes never asked about are missing."""
    rows = member.consents.order_by("purpose", "-at", "-pk").distinct("purpose")
    return {row.purpose: row.given for row in rows}
