"""Entries that are likely one person, and entries that were joined."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from toli.access.domain.scope import Scope
from toli.members.errors import MergeNotFound, PairNotFound
from toli.members.models import LikelyPair, Member, MemberState, Merge, PairState


def likely_pairs(scope: Scope, *, limit: int = 25) -> list[LikelyPair]:
    """Pairs that wait for a decision, both members in the scope, the most likely first."""
    return list(_open(scope).order_by("-score", "pk")[:limit])


def get_pair(scope: Scope, pair_id: int) -> LikelyPair:
    """One pair that waits. Raises PairNotFound, also when one of the two is out of scope."""
    pair = _open(scope).filter(pk=pair_id).first()
    if pair is None:
        raise PairNotFound
    return pair


def pairs_of(scope: Scope, member_id: int) -> list[LikelyPair]:
    """Pairs that wait and have this member in them."""
    found = _open(scope)
    return list((found.filter(first_id=member_id) | found.filter(second_id=member_id)).order_by("-score", "pk")[:10])


def get_merge(scope: Scope, merge_id: int) -> Merge:
    """A merge that stands. Raises MergeNotFound, also when one of the two is out of scope or was erased."""
    inside = Member.objects.within(scope).values("pk")
    found = Merge.objects.filter(pk=merge_id, undone_at__isnull=True, merged__state=MemberState.MERGED)
    found = found.filter(survivor__in=inside, merged__in=inside).select_related("survivor__territory", "merged")
    merge = found.first()
    if merge is None:
        raise MergeNotFound
    return merge


def merges_of(member_id: int) -> list[Merge]:
    """Merges that stand and that joined another entry to this member, the latest first."""
    found = Merge.objects.filter(survivor_id=member_id, undone_at__isnull=True).exclude(merged__state="erased")
    return list(found.select_related("merged").order_by("-done_at"))


def merged_since(merge_id: int) -> datetime:
    """When the entries were joined, also where that was taken back."""
    return Merge.objects.values_list("done_at", flat=True).get(pk=merge_id)


def with_merged(member_ids: list[int]) -> list[int]:
    """These members and all whom merges have joined to them: what concerns one person concerns all of these."""
    return sorted(owners_of(member_ids))


def owners_of(member_ids: Iterable[int]) -> dict[int, int]:
    """Whose each entry is: these members', and of all entries that merges have joined to them."""
    owners = {member_id: member_id for member_id in member_ids}
    waiting = set(owners)
    while waiting:
        rows = Member.objects.filter(merged_into__in=waiting).values_list("pk", "merged_into_id")
        joined = {pk: owners[into] for pk, into in rows if into is not None and pk not in owners}
        owners, waiting = owners | joined, set(joined)
    return owners


def _open(scope: Scope) -> QuerySet[LikelyPair]:
    inside = Member.objects.within(scope).active().values("pk")
    found = LikelyPair.objects.filter(state=PairState.OPEN, first__in=inside, second__in=inside)
    return found.select_related("first__territory", "second__territory")
