"""Reads about members. The scope comes first; an address is only given out for a purpose."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery

from toli.access.domain.scope import Scope, scope_of
from toli.accounts.domain.actor import Actor, ActorKind
from toli.core import clock, wall
from toli.core.crypto import cipher_for, index_for
from toli.core.domain import base32
from toli.core.domain.phone import masked
from toli.members.domain.purposes import DUTY, Channel, Purpose, stands
from toli.members.errors import DriveNotFound, ExportNotFound, ImportNotFound, MemberNotFound
from toli.members.models import (
    ConsentRecord,
    ContactKind,
    ContactPoint,
    Drive,
    Export,
    ExportRow,
    ExportState,
    ImportRun,
    Member,
    MemberQuerySet,
    MemberState,
    Reveal,
    RevealReason,
)
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


def get_active_member(scope: Scope, member_id: int) -> Member:
    """The member, for those who work with them. Raises MemberNotFound, also for one who left."""
    member = get_member(scope, member_id)
    if member.state != MemberState.ACTIVE:
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
        kind=ContactKind.PHONE, value_index__in=index_for(PHONE_INDEX).all_of(phone), member__state=MemberState.ACTIVE
    )
    point = points.select_related("member__territory__level").order_by("ordinal").first()
    return point.member if point else None


def masked_phone(member: Member) -> str:
    """The member's number as a screen may show it; empty when there is none."""
    return masked_phones([member.pk]).get(member.pk, "")


def masked_phones(member_ids: Iterable[int]) -> dict[int, str]:
    """Each member's number as a screen or a list may show it; members without one are missing."""
    return {member_id: masked(number) for member_id, number in plain_phones(member_ids).items()}


def plain_phones(member_ids: Iterable[int]) -> dict[int, str]:
    """Full numbers (E.164), for services of this context that have checked and recorded why."""
    points = ContactPoint.objects.filter(member_id__in=list(member_ids), kind=ContactKind.PHONE)
    cipher = cipher_for(CONTACT_CONTEXT)
    return {
        point.member_id: cipher.decrypt(bytes(point.value_sealed), row=point.pk)
        for point in points.order_by("member_id", "pk").distinct("member_id")
    }


def every_phone(member_id: int) -> tuple[str, ...]:
    """All numbers (E.164) of a member, for erasing each trace of them."""
    points = ContactPoint.objects.filter(member_id=member_id, kind=ContactKind.PHONE).order_by("pk")
    cipher = cipher_for(CONTACT_CONTEXT)
    return tuple(cipher.decrypt(bytes(point.value_sealed), row=point.pk) for point in points)


def numbers_in(sealed: Iterable[tuple[int, bytes]]) -> list[str]:
    """The numbers (E.164) in rows of contact points, given by id and cipher text, to compute their index anew."""
    cipher = cipher_for(CONTACT_CONTEXT)
    return [cipher.decrypt(text, row=pk) for pk, text in sealed]


def with_phone(scope: Scope, phone: str) -> list[Member]:
    """Active members of the scope with exactly this number (E.164): a family may share one."""
    points = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index__in=index_for(PHONE_INDEX).all_of(phone))
    found = Member.objects.within(scope).active().filter(pk__in=points.values("member_id"))
    return list(found.select_related("territory").order_by("pk"))


def members_page(scope: Scope, *, territory: Territory | None = None, after: int = 0, limit: int = 50) -> list[Member]:
    """Active members of the scope, below ``territory`` if given, by id; ``after`` is the last id seen."""
    found = Member.objects.within(scope).active().filter(pk__gt=after)
    if territory is not None:
        found = found.filter(territory_id__in=territories.descendant_ids(territory))
    return list(found.select_related("territory").order_by("pk")[:limit])


def get_import(actor: Actor, run_id: int, *, lock: bool = False) -> ImportRun:
    """One's own import; the system's view: any. Raises ImportNotFound."""
    found = _imports(actor)
    run = (found.select_for_update(of=("self",)) if lock else found).filter(pk=run_id).first()
    if run is None:
        raise ImportNotFound
    return run


def imports(actor: Actor, *, limit: int = 50) -> list[ImportRun]:
    """One's own imports (the system's view: all), the latest first."""
    return list(_imports(actor).order_by("-pk")[:limit])


def _imports(actor: Actor) -> QuerySet[ImportRun]:
    found = ImportRun.objects.select_related("drive", "asked_by")
    return found if actor.is_system else found.filter(asked_by_id=actor.id, asked_by__isnull=False)


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
    scope: Scope, *, purpose: str, channel: str, member_ids: Iterable[int] | None = None
) -> Iterator[tuple[int, str]]:
    """Ids of members who may be written to for ``purpose`` by ``channel``, each once, with the number (E.164).

    The only way to obtain an address to send to, called by services/sending.py alone: no service holds an
    address while a member could take their word back. About the membership itself every active member may be
    reached who has not said no to the channel; for anything else only those whose latest word on it was yes.
    What the law obliges us to tell (DUTY) reaches everybody whose number is kept, also those who have left.

    Raises:
        ValueError: there is no such purpose or channel.
    """
    members = Member.objects.within(scope)
    if member_ids is not None:
        members = members.filter(pk__in=list(member_ids))
    channel = Channel(channel)
    allowed = members if purpose == DUTY else _agreed(members.active(), Purpose(purpose), channel)
    points = ContactPoint.objects.filter(member__in=allowed.values("pk"), kind=ContactKind.PHONE)
    points = points.order_by("member_id", "pk").distinct("member_id")
    cipher = cipher_for(CONTACT_CONTEXT)
    for point in points.iterator(chunk_size=5000):
        yield point.member_id, cipher.decrypt(bytes(point.value_sealed), row=point.pk)


def _agreed(members: MemberQuerySet, purpose: Purpose, channel: Channel) -> MemberQuerySet:
    """Those of the members whose latest word allows this purpose by this channel."""
    said = ConsentRecord.objects.filter(member=OuterRef("pk"), purpose=purpose, channel=channel)
    members = members.annotate(agreed=Subquery(said.order_by("-at", "-pk").values("given")[:1]))
    agreed = Q(agreed=True)
    if stands(None, purpose):
        agreed |= Q(agreed__isnull=True)
    return members.filter(agreed)


def words(member_id: int) -> dict[tuple[str, str], bool]:
    """The member's latest word on each pair of purpose and channel; pairs never spoken of are missing."""
    rows = ConsentRecord.objects.filter(member_id=member_id)
    rows = rows.order_by("purpose", "channel", "-at", "-pk").distinct("purpose", "channel")
    return {(row.purpose, row.channel): row.given for row in rows}


def consents(member: Member) -> dict[str, bool]:
    """For each purpose that the member has spoken of: whether a yes stands on at least one channel."""
    found: dict[str, bool] = {}
    for (purpose, _channel), given in words(member.pk).items():
        found[purpose] = found.get(purpose, False) or given
    return found


def reveal_reasons() -> list[tuple[str, str]]:
    """Why a full number may be looked at: code, and words in the language of the page; nothing chosen first."""
    return [("", ""), *((reason.value, str(reason.label)) for reason in RevealReason)]


def reveals_of(member: Member, *, limit: int = 50) -> list[Reveal]:
    """Who looked at the member's number, the latest first."""
    return list(member.reveals.select_related("account", "role").order_by("-at", "-pk")[:limit])


def lists_with(member: Member, *, limit: int = 50) -> list[Export]:
    """Lists that the member stood in, the latest first."""
    rows = ExportRow.objects.filter(member=member)
    found = Export.objects.filter(pk__in=rows.values("export_id")).select_related("asked_by", "territory")
    return list(found.order_by("-made_at", "-pk")[:limit])


def exports_of(actor: Actor, *, limit: int = 50) -> list[Export]:
    """Lists that the actor asked for, the latest first."""
    return list(_exports().filter(asked_by_id=actor.id).order_by("-pk")[:limit]) if actor.id else []


def exports_to_decide(scope: Scope, actor: Actor, *, limit: int = 50) -> list[Export]:
    """Lists on territories of the scope that wait for somebody other than who asked, the oldest first."""
    waiting = _exports().filter(state=ExportState.WAITING).exclude(asked_by_id=actor.id)
    return list(_on_territories(waiting, scope).order_by("pk")[:limit])


def exports(*, limit: int = 200) -> list[Export]:
    """All lists, the latest first, for the operator."""
    return list(_exports().order_by("-pk")[:limit])


def get_export(scope: Scope, export_id: int, *, lock: bool = False) -> Export:
    """The list, if its territory lies in the scope. Raises ExportNotFound."""
    found = Export.objects.select_for_update() if lock else _exports()
    export = _on_territories(found, scope).filter(pk=export_id).first()
    if export is None:
        raise ExportNotFound
    return export


def is_over(export: Export) -> bool:
    """Whether the time for fetching the list has passed, or it was fetched often enough."""
    late = export.expires_at is not None and export.expires_at <= clock.now()
    return late or export.downloads >= Export.MOST_DOWNLOADS


def trace(ref: str) -> list[Export]:
    """The lists in which a row with this mark stood; hyphens, blanks and look-alike letters are forgiven."""
    rows = ExportRow.objects.filter(ref=base32.normalise(ref))
    return list(_exports().filter(pk__in=rows.values("export_id")).order_by("pk"))


def _exports() -> QuerySet[Export]:
    return Export.objects.select_related("territory", "asked_by", "decided_by")


def _on_territories(found: QuerySet[Export], scope: Scope) -> QuerySet[Export]:
    if scope.everywhere:
        return found
    return found.filter(territory_id__in=Territory.objects.current().within_paths(scope.paths).values("pk"))
