"""Members, by place, by account and by number."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from toli.access.domain.scope import Scope
from toli.accounts.domain.actor import Actor, ActorKind
from toli.core import wall
from toli.core.crypto import index_for
from toli.members.domain.sieve import ALL, Sieve
from toli.members.errors import MemberNotFound
from toli.members.models import (
    ContactKind,
    ContactPoint,
    Member,
    MemberQuerySet,
    MemberState,
)
from toli.members.selectors.numbers import PHONE_INDEX
from toli.territories import selectors as territories
from toli.territories.models import Territory

Without = Sequence[QuerySet[Any, int]]  # ids of members, each as a sub-query of the context that knows them


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


def get_known_member(scope: Scope, member_id: int) -> Member:
    """The member, also one whose term is over, who may still pay and come back. Raises MemberNotFound."""
    member = get_member(scope, member_id)
    if member.state not in {MemberState.ACTIVE, MemberState.LAPSED}:
        raise MemberNotFound
    return member


def member_of(actor: Actor) -> Member | None:
    """The member who acts, also one whose term is over; None for staff and visitors."""
    if actor.kind is not ActorKind.MEMBER or actor.id is None:
        return None
    return Member.objects.known().select_related("territory__level").filter(account_id=actor.id).first()


@wall.lifted("a number is looked up to sign its owner in, or to double nobody")
def find_by_phone(phone: str) -> Member | None:
    """The first member with this number (E.164), or None."""
    return next(iter(find_all_by_phone(phone)), None)


@wall.lifted("whoever joins again while their joining is checked is not doubled")
def find_held_by_phone(phone: str) -> list[Member]:
    """Those with this number (E.164) whose joining is being checked, in the order in which they joined."""
    points = ContactPoint.objects.filter(
        kind=ContactKind.PHONE, value_index__in=index_for(PHONE_INDEX).all_of(phone), member__state=MemberState.HELD
    )
    return [point.member for point in points.select_related("member").order_by("ordinal")]


@wall.lifted("numbers that were copied out of a group are held against all members")
def ids_by_number(numbers: Iterable[str]) -> dict[str, list[int]]:
    """Ids of active members by number (E.164), for those of the numbers that belong to any."""
    index = index_for(PHONE_INDEX)
    asked = {key: number for number in numbers for key in index.all_of(number)}
    points = ContactPoint.objects.filter(
        kind=ContactKind.PHONE, value_index__in=list(asked), member__state=MemberState.ACTIVE
    )
    found: dict[str, list[int]] = {}
    for value_index, member_id in points.order_by("ordinal").values_list("value_index", "member_id"):
        found.setdefault(asked[bytes(value_index)], []).append(member_id)
    return found


@wall.lifted("a number is looked up to sign its owners in")
def find_all_by_phone(phone: str) -> list[Member]:
    """The members with this number (E.164), the first one first, each once: a family may share a telephone. Also
    those whose term is over, who come back by renewing. An entry that was joined to another stands for that one."""
    points = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index__in=index_for(PHONE_INDEX).all_of(phone))
    points = points.select_related("member__territory__level").order_by("ordinal")
    found = {member.pk: member for point in points if (member := _standing(point.member)) is not None}
    return list(found.values())


@wall.lifted("whether the own telephone has other members; nothing else about them is told")
def shares_phone(member_id: int) -> bool:
    """Whether another member has the same number as this one."""
    own = ContactPoint.objects.filter(member_id=member_id, kind=ContactKind.PHONE).values("value_index")
    others = ContactPoint.objects.filter(value_index__in=own, member__in=Member.objects.known())
    return others.exclude(member_id=member_id).exists()


@wall.lifted("whoever writes from a number speaks for those who have it")
def owners_of_phone(phone: str) -> list[Member]:
    """Everybody whose number (E.164) this is, also those whose joining is being checked; the first member first."""
    return [*find_all_by_phone(phone), *find_held_by_phone(phone)]


def language_of(member_id: int) -> str:
    """The language that a member reads. Raises MemberNotFound."""
    found = Member.objects.filter(pk=member_id).values_list("language", flat=True).first()
    if found is None:
        raise MemberNotFound
    return found


def _standing(member: Member | None) -> Member | None:
    """The member, or whom merges have made of them; None if they are neither active nor could renew."""
    members = Member.objects.select_related("territory__level")
    while member is not None and member.merged_into_id is not None and member.state == MemberState.MERGED:
        member = members.filter(pk=member.merged_into_id).first()
    return member if member is not None and member.state in {MemberState.ACTIVE, MemberState.LAPSED} else None


def with_phone(scope: Scope, phone: str, *, sieve: Sieve = ALL, without: Without = ()) -> list[Member]:
    """Members of the scope with exactly this number (E.164) whom the sieve lets through: a family may share one."""
    ids = [member.pk for member in (*find_all_by_phone(phone), *find_held_by_phone(phone))]
    found = sifted(Member.objects.within(scope).filter(pk__in=ids), sieve, without)
    return list(found.select_related("territory").order_by("pk"))


def members_page(
    scope: Scope,
    *,
    territory: Territory | None = None,
    after: int = 0,
    limit: int = 50,
    sieve: Sieve = ALL,
    without: Without = (),
) -> list[Member]:
    """Members of the scope whom the sieve lets through (all active ones), below ``territory`` if given, by id;
    ``after`` is the last id seen. ``without``: who is left out, such as everybody who has a card."""
    found = sifted(Member.objects.within(scope), sieve, without).filter(pk__gt=after)
    if territory is not None:
        found = found.filter(territory_id__in=territories.descendant_ids(territory))
    return list(found.select_related("territory").order_by("pk")[:limit])


def sifted(members: MemberQuerySet, sieve: Sieve, without: Without = ()) -> MemberQuerySet:
    """Those of the members whom the sieve lets through, but for those ``without``."""
    found = members.filter(state=sieve.state or MemberState.ACTIVE)
    if sieve.grade:
        found = found.filter(grade=sieve.grade)
    if sieve.drive:
        found = found.filter(drive__code=sieve.drive)
    if sieve.since:
        found = found.filter(member_from__gte=sieve.since)
    for ids in without:
        found = found.exclude(pk__in=ids)
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """How many members a sieve lets through: altogether, and by class. ``at_least``: there are more."""

    total: int
    by_grade: dict[str, int]
    at_least: bool


def count_members(
    scope: Scope, territory: Territory, *, sieve: Sieve = ALL, without: Without = (), most: int = 20_000
) -> Tally:
    """How many members below the territory the sieve lets through; counting ends at ``most``."""
    found = sifted(Member.objects.within(scope), sieve, without)
    found = found.filter(territory_id__in=territories.descendant_ids(territory))
    grades = Counter(found.values_list("grade", flat=True)[: most + 1])
    total = sum(grades.values())
    return Tally(min(total, most), dict(grades), total > most)


def passing(scope: Scope, member_ids: Sequence[int], sieve: Sieve, without: Without = ()) -> set[int]:
    """Those of the ids whom the sieve lets through."""
    found = sifted(Member.objects.within(scope).filter(pk__in=member_ids), sieve, without)
    return set(found.values_list("pk", flat=True))


def get_seen_member(scope: Scope, member_id: int) -> Member:
    """The member, also one whose term is over or whose joining is checked. Raises MemberNotFound."""
    member = get_member(scope, member_id)
    if member.state not in {MemberState.ACTIVE, MemberState.LAPSED, MemberState.HELD}:
        raise MemberNotFound
    return member
