"""Joining two entries of one person, and taking that back within 30 days.

The entry that is joined stays a row as it is, in the state ``merged`` and with a pointer to the one that stays: its
numbers, consents, cards and links hang on it as before, and whoever looks a number up follows the pointer. So
undoing has nothing to put together again. What cannot stand twice ends by the event: the seat, the card, the sessions.
"""

from datetime import timedelta

from django.db import transaction

from toli.access.domain.permissions import MEMBERS_MERGE
from toli.access.policies import scope_for
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.core import clock, wall
from toli.core.events import publish
from toli.members import selectors
from toli.members.domain.duplicates import UNDO_DAYS, who_stays
from toli.members.domain.purposes import stands
from toli.members.errors import MergeImpossible, MergeTooOld
from toli.members.events import MembersMerged, MembersParted
from toli.members.models import (
    ConsentRecord,
    ContactPoint,
    HistoryReason,
    LikelyPair,
    Member,
    MemberSource,
    MemberState,
    Merge,
    PairState,
)
from toli.members.services.consenting import set_consent
from toli.members.services.history import change_membership

MERGE, UNDONE = "merge", "merge_undone"


def survivor_of(first: Member, second: Member) -> Member:
    """Which of the two stays: the one confirmed by the person's own act, else the older."""
    stays = who_stays((first.pk, _confirmed(first)), (second.pk, _confirmed(second)))
    return first if stays == first.pk else second


@transaction.atomic
def merge_members(*, actor: Actor, first_id: int, second_id: int, dry_run: bool = False) -> Merge:
    """Join two entries of one person. With ``dry_run`` the answer is the same and nothing is written.

    Raises:
        MergeImpossible: it is one and the same entry. MemberNotFound: one is out of scope or not active.
    """
    if first_id == second_id:
        raise MergeImpossible
    scope = scope_for(actor, MEMBERS_MERGE)
    list(Member.objects.select_for_update(of=("self",)).filter(pk__in=(first_id, second_id)).order_by("pk"))
    first, second = (selectors.get_active_member(scope, member_id) for member_id in sorted((first_id, second_id)))
    survivor = survivor_of(first, second)
    merged = second if survivor is first else first
    merge = Merge(survivor=survivor, merged=merged, done_at=clock.now(), done_by_id=actor.id)
    merge.words = _later_words(survivor.pk, merged.pk)
    if dry_run:
        return merge
    merge.save()
    change_membership(member_id=merged.pk, reason=HistoryReason.MERGED, state=MemberState.MERGED)
    Member.objects.filter(pk=merged.pk).update(merged_into=survivor)
    for purpose, channel, given, _before in merge.words:
        _say(actor, survivor, purpose, channel, given=given, evidence={MERGE: merge.pk})
    if merged.account_id:
        with wall.lifted("whoever is signed in as the joined entry signs in anew, as the one that stays"):
            accounts.revoke_sessions(actor=SYSTEM, account_id=merged.account_id)
    _decide(actor, first.pk, second.pk, PairState.MERGED)
    _record(actor, "members.merge", survivor, merge)
    publish(MembersMerged(survivor_id=survivor.pk, merged_id=merged.pk))
    return merge


@transaction.atomic
def undo_merge(*, actor: Actor, merge_id: int) -> Merge:
    """Make two members of one again, as they were; what happened since stays with the one that stayed.

    Raises:
        MergeNotFound: also when one is out of scope. MergeTooOld.
    """
    merge = selectors.get_merge(scope_for(actor, MEMBERS_MERGE), merge_id)
    merge = Merge.objects.select_for_update(of=("self",)).select_related("survivor", "merged").get(pk=merge.pk)
    if not can_undo_merge(merge):
        raise MergeTooOld
    change_membership(member_id=merge.merged_id, reason=HistoryReason.UNDONE, state=MemberState.ACTIVE)
    Member.objects.filter(pk=merge.merged_id).update(merged_into=None)
    for purpose, channel, _given, before in merge.words:
        _unsay(actor, merge, purpose, channel, before)
    merge.undone_at, merge.undone_by_id = clock.now(), actor.id
    merge.save(update_fields=["undone_at", "undone_by"])
    low, high = sorted((merge.survivor_id, merge.merged_id))
    _decide(actor, low, high, PairState.APART)
    _record(actor, "members.unmerge", merge.survivor, merge)
    publish(MembersParted(survivor_id=merge.survivor_id, merged_id=merge.merged_id, merge_id=merge.pk))
    return merge


def can_undo_merge(merge: Merge) -> bool:
    """Whether the merge stands and may still be taken back."""
    return merge.undone_at is None and clock.now() - merge.done_at <= timedelta(days=UNDO_DAYS)


@transaction.atomic
def say_two_people(*, actor: Actor, pair_id: int) -> None:
    """These are two people: never propose them again. Raises PairNotFound."""
    pair = selectors.get_pair(scope_for(actor, MEMBERS_MERGE), pair_id)
    _decide(actor, pair.first_id, pair.second_id, PairState.APART)
    audit.record_act(
        actor,
        action="members.two_people",
        target=f"member:{pair.first_id}",
        territory_id=pair.first.territory_id,
        details={"members": [pair.first_id, pair.second_id]},
    )


def _confirmed(member: Member) -> bool:
    verified = ContactPoint.objects.filter(member=member, verified_at__isnull=False)
    return member.source == MemberSource.JOIN or member.account_id is not None or verified.exists()


def _later_words(survivor_id: int, merged_id: int) -> list[tuple[str, str, bool, bool | None]]:
    """On what the joined entry has the later word: purpose, channel, that word, and what the survivor had said.
    Of two words at the same moment the no counts."""
    own, other = _last_words(survivor_id), _last_words(merged_id)
    found = []
    for pair, word in sorted(other.items()):
        before = own.get(pair)
        later = before is None or (word.at, not word.given) > (before.at, not before.given)
        if later and (before is None or before.given != word.given):
            found.append((*pair, word.given, before.given if before else None))
    return found


def _last_words(member_id: int) -> dict[tuple[str, str], ConsentRecord]:
    rows = ConsentRecord.objects.filter(member_id=member_id).order_by("purpose", "channel", "-at", "-pk")
    return {(row.purpose, row.channel): row for row in rows.distinct("purpose", "channel")}


def _say(actor: Actor, member: Member, purpose: str, channel: str, *, given: bool, evidence: dict[str, int]) -> None:
    set_consent(
        actor=actor,
        member_id=member.pk,
        purpose=purpose,
        given=given,
        language=member.language,
        evidence=evidence,
        channels=[channel],
    )


def _unsay(actor: Actor, merge: Merge, purpose: str, channel: str, before: bool | None) -> None:
    """Give the survivor back what they had said themselves, unless they have spoken since."""
    last = _last_words(merge.survivor_id).get((purpose, channel))
    if last is not None and last.evidence.get(MERGE) == merge.pk:
        given = stands(before, purpose)
        _say(actor, merge.survivor, purpose, channel, given=given, evidence={UNDONE: merge.pk})


def _decide(actor: Actor, first_id: int, second_id: int, state: PairState) -> None:
    now = clock.now()
    LikelyPair.objects.update_or_create(
        first_id=first_id,
        second_id=second_id,
        defaults={"state": state, "decided_at": now, "decided_by_id": actor.id},
        create_defaults={
            "state": state,
            "decided_at": now,
            "decided_by_id": actor.id,
            "found_at": now,
            "score": 0,
            "reasons": [],
        },
    )


def _record(actor: Actor, action: str, survivor: Member, merge: Merge) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"member:{survivor.pk}",
        territory_id=survivor.territory_id,
        details={"merge": merge.pk, "members": [merge.survivor_id, merge.merged_id]},
    )
