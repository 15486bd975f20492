"""Who may be written to, and what members have said about it."""

from collections.abc import Iterable, Iterator

from django.db.models import Count, OuterRef, Q, Subquery

from toli.access.domain.scope import Scope, scope_of
from toli.members.domain.purposes import DUTY, Channel, Purpose, stands
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
    What the law obliges us to tell (DUTY) reaches everybody whose address is kept, also those who have left.

    Raises:
        ValueError: there is no such purpose or channel.
    """
    members = Member.objects.within(scope)
    if member_ids is not None:
        members = members.filter(pk__in=list(member_ids))
    channel = Channel(channel)
    allowed = members if purpose == DUTY else _agreed(members.active(), Purpose(purpose), channel)
    yield from book_of(channel).addresses(allowed.values("pk"), few=member_ids is not None)


def _agreed(members: MemberQuerySet, purpose: Purpose, channel: Channel) -> MemberQuerySet:
    """Those of the members whose latest word allows this purpose by this channel."""
    said = ConsentRecord.objects.filter(member=OuterRef("pk"), purpose=purpose, channel=channel)
    members = members.annotate(agreed=Subquery(said.order_by("-at", "-pk").values("given")[:1]))
    agreed = Q(agreed=True)
    if stands(None, purpose):
        agreed |= Q(agreed__isnull=True)
    return members.filter(agreed)


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
