"""Who may be written to, and what members have said about it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, OuterRef, Q, QuerySet, Subquery, Value, When

from toli.access.domain.scope import Scope, scope_of
from toli.members.domain.purposes import ANSWER, DUTY, RECOGNITION, Channel, Purpose, stands
from toli.members.models import (
    ConsentRecord,
    Member,
    MemberQuerySet,
)
from toli.members.selectors.addresses import book_of


def reachable_points(
    scope: Scope, *, purpose: str, channel: str, member_ids: Iterable[int] | None = None
) -> Iterator[tuple[int, str]]:
    """Ids of members who may be written to for ``purpose`` by ``channel``, each once, with their address there.

    The only way to obtain an address to send to, called by services/sending.py alone: no service holds an
    address while a member could take their word back. About the membership itself every active member may be
    reached who has not said no to the channel; for anything else only those whose latest word on it was yes.
    What the law obliges us to tell (DUTY) reaches everybody whose address is kept, also those who have left. Whoever
    has just written to us is answered (ANSWER), also when they wrote that they want no more messages.

    Raises:
        ValueError: there is no such purpose or channel.
    """
    members = Member.objects.within(scope)
    if member_ids is not None:
        members = members.filter(pk__in=list(member_ids))
    channel = Channel(channel)
    allowed = members if purpose == DUTY else members.active()
    if purpose not in {DUTY, ANSWER}:
        allowed = _agreed(allowed, Purpose(purpose), channel)
    yield from book_of(channel).addresses(allowed.values("pk"), few=member_ids is not None)


def _agreed(members: MemberQuerySet, purpose: Purpose, channel: Channel) -> MemberQuerySet:
    """Those of the members whose latest word allows this purpose by this channel."""
    members = members.annotate(agreed=_latest_word(purpose, channel))
    agreed = Q(agreed=True)
    if stands(None, purpose):
        agreed |= Q(agreed__isnull=True)
    return members.filter(agreed)


def _latest_word(purpose: Purpose, channel: Channel) -> Subquery:
    said = ConsentRecord.objects.filter(member=OuterRef("pk"), purpose=purpose, channel=channel)
    return Subquery(said.order_by("-at", "-pk").values("given")[:1])


def reachable_counts(branches: Iterable[str], *, purpose: str, channel: str) -> dict[int, int]:
    """How many members of each place in these branches may be written to now: counts, no address.

    Raises:
        ValueError: there is no such purpose or channel.
    """
    members = Member.objects.within(scope_of(list(branches))).active()
    allowed = _agreed(members, Purpose(purpose), Channel(channel))
    rows = (
        allowed.filter(pk__in=book_of(Channel(channel)).holders())
        .order_by()
        .values_list("territory_id")
        .annotate(count=Count("pk"))
    )
    return {territory_id: count for territory_id, count in rows if territory_id is not None}


@dataclass(frozen=True, slots=True)
class Reached:
    """A member whom somebody wants to write to: ``channel`` is the first of those asked for that they agreed to."""

    member_id: int
    territory_id: int
    language: str
    channel: str


def first_ways(
    branches: Iterable[str], *, purpose: str, channels: Sequence[str], after: int, most: int
) -> tuple[list[Reached], int | None]:
    """Of the next ``most`` members of these branches, those who may be written to by one of the channels, by the first.

    Next after the id ``after``, in the order of ids; and the last id that was looked at, None when there was none. Some
    thousands at a time, as everything about them is looked up by their ids. No address. Raises ValueError: there is no
    such purpose or channel.
    """
    page = Member.objects.within(scope_of(list(branches))).active().filter(pk__gt=after).order_by("pk")
    people = {row[0]: row for row in page.values_list("pk", "territory_id", "language")[:most]}
    ways: dict[int, str] = {}
    for channel in channels:
        ways |= dict.fromkeys(agreed_among(people.keys() - ways.keys(), purpose=purpose, channel=channel), channel)
    return [Reached(*people[key], ways[key]) for key in people if key in ways], max(people, default=None)


def first_way_counts(
    branches: Iterable[str], *, purpose: str, channels: Sequence[str], besides: QuerySet[Any] | None = None
) -> dict[tuple[str, int], int]:
    """How many members of each place would be written to by which channel: by the first of these that they agreed to.

    ``besides``: ids of members who are left out. Raises ValueError: there is no such purpose or channel.
    """
    members = Member.objects.within(scope_of(list(branches))).active()
    if besides is not None:
        members = members.exclude(pk__in=besides)
    rows = (
        _by_first_way(members, purpose, channels)
        .order_by()
        .values_list("way", "territory_id")
        .annotate(count=Count("pk"))
    )
    return {(way, territory_id): count for way, territory_id, count in rows}


def agreed_among(member_ids: Iterable[int], *, purpose: str, channel: str) -> set[int]:
    """Those of the members who may be written to now. Raises ValueError: there is no such purpose or channel."""
    members = Member.objects.active().filter(pk__in=list(member_ids))
    agreed = _agreed(members, Purpose(purpose), Channel(channel))
    return set(agreed.filter(pk__in=book_of(Channel(channel)).holders()).values_list("pk", flat=True))


def _by_first_way(members: MemberQuerySet, purpose: str, channels: Sequence[str]) -> QuerySet[Any]:
    ways = []
    for channel in channels:
        name = f"word_on_{Channel(channel)}"
        members = members.annotate(**{name: _latest_word(Purpose(purpose), Channel(channel))})
        agreed = Q(**{name: True})
        if stands(None, purpose):
            agreed |= Q(**{f"{name}__isnull": True})
        ways.append(When(agreed & Q(pk__in=book_of(Channel(channel)).holders()), then=Value(channel)))
    way = Case(*ways, default=None, output_field=CharField(null=True))
    return members.annotate(way=way).filter(way__isnull=False)


def words(member_id: int) -> dict[tuple[str, str], bool]:
    """The member's latest word on each pair of purpose and channel; pairs never spoken of are missing."""
    rows = ConsentRecord.objects.filter(member_id=member_id)
    rows = rows.order_by("purpose", "channel", "-at", "-pk").distinct("purpose", "channel")
    return {(row.purpose, row.channel): row.given for row in rows}


def shown_to_their_team(member_ids: Iterable[int]) -> frozenset[int]:
    """Those of the members who may be shown to their team by name: whose latest word on it is yes."""
    rows = ConsentRecord.objects.filter(member_id__in=list(member_ids), purpose=RECOGNITION)
    latest = rows.order_by("member_id", "-at", "-pk").distinct("member_id")
    return frozenset(row.member_id for row in latest if row.given and row.member_id is not None)


def consents(member: Member) -> dict[str, bool]:
    """For each purpose that the member has spoken of: whether a yes stands on at least one channel."""
    found: dict[str, bool] = {}
    for (purpose, _channel), given in words(member.pk).items():
        found[purpose] = found.get(purpose, False) or given
    return found
