"""Taking posts back: those that wait do not go out, those that stand are deleted, what stays is told and asked for."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from toli.access.domain.permissions import KITS_RELEASE
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.audit import services as audit
from toli.core import clock
from toli.distribution.domain.escalation import RECALL_TERM
from toli.messaging.services import control
from toli.messaging.services.control import RESTORED
from toli.posting import selectors
from toli.posting.domain.states import State, Verdict, after_asking, after_deleting
from toli.posting.errors import PlaceInvalid, PostNotFound, PostStateWrong
from toli.posting.models import Place, PlaceState, Post
from toli.posting.ports import CALLS, PostProvider, Receipt, Standing
from toli.posting.providers import provider_named
from toli.posting.services import asking, keeping

log = logging.getLogger(__name__)
BATCH = 500
HELD = CALLS + timedelta(seconds=90)
TO_DELETE = Q(state=State.POSTED, recalled_at__isnull=False)
DELETE_POST = "delete_post"
ASKED_FIRST = 4  # times that a platform is asked what became of a post, before a person is
TO_LOOK_AT = Q(state=State.UNKNOWN, recalled_at__isnull=False)


class OwnPosts:
    """What a recall asks of us."""

    def cancel_unsent(self, kit_id: int) -> int:
        """Nothing of the kit goes out any more; what is being sent at this moment is deleted right after."""
        now = clock.now()
        found = Post.objects.filter(kit_id=kit_id)
        # Called off when a backup was restored: it may stand there all the same, so that a person looks.
        found.filter(state=State.CANCELLED, reason=RESTORED).update(state=State.UNKNOWN, ended_at=None)
        found.filter(recalled_at__isnull=True).update(recalled_at=now)
        found.filter(state__in=(State.POSTED, State.UNKNOWN)).update(attempts=0, ready_at=now)
        return found.filter(state=State.QUEUED).update(
            state=State.CANCELLED, reason="recalled", ended_at=now, progress_sealed=b""
        )

    def take_back(self, kit_id: int, most: int) -> int:
        """Delete at most ``most`` of what went out."""
        return _take_back(Q(kit_id=kit_id), most)

    def count_left(self, kit_id: int) -> int:
        """How many posts of the kit a program still has to deal with."""
        found = Post.objects.filter(kit_id=kit_id, recalled_at__isnull=False)
        return found.filter(state__in=(State.SENDING, State.POSTED, State.UNKNOWN)).count()


class QueuedPosts:
    """What is called off with the messages when a backup was restored: it may have gone out since."""

    def cancel_queued(self) -> int:
        Post.objects.filter(state__in=(State.SENDING, State.UNKNOWN)).update(
            state=State.UNKNOWN, reason=RESTORED, lease_until=None
        )
        waiting = Post.objects.filter(state=State.QUEUED)
        return waiting.update(state=State.CANCELLED, reason=RESTORED, ended_at=clock.now())


def delete_recalled() -> int:
    """Delete whatever was recalled and is due. Returns how many were dealt with. Safe to repeat."""
    done = 0
    while number := _take_back(Q(), BATCH):
        done += number
    return done


@transaction.atomic
def confirm_deleted(*, actor: Actor, post_id: int, deleted: bool = True, reason: str = "") -> Post:
    """The named person says that a post which no program can delete is gone, or that it stays, and why.

    Raises:
        PostNotFound: neither asked nor in charge there. PostStateWrong: it is not one of those.
    """
    post = selectors.get_post(EVERYWHERE, post_id, lock=True)
    mine = actor.id is not None and actor.id in {selectors.person_of(post.place), post.asked_id, *post.asked_before}
    if not mine and not Place.objects.within(scope_for(actor, KITS_RELEASE)).filter(pk=post.place_id).exists():
        raise PostNotFound
    if post.state == State.DELETED:
        return post
    if post.state != State.STAYS:
        raise PostStateWrong(state=post.state)
    if deleted:
        Post.objects.filter(pk=post.pk).update(state=State.DELETED, ended_at=clock.now(), due_at=None)
    else:
        Post.objects.filter(pk=post.pk).update(reason="by_hand", ended_at=clock.now(), due_at=None)
    assignments.complete_for_subject(kind=DELETE_POST, subject=f"post:{post.pk}", done_by_id=actor.id)
    audit.record_act(
        actor,
        action="posting.gone" if deleted else "posting.stays",
        target=f"post:{post.pk}",
        territory_id=post.place.home.pk,
        details={"reason": reason[:300]},
    )
    post.refresh_from_db()
    return post


def _take_back(which: Q, most: int) -> int:
    held = _hold(which, most)
    by_provider: dict[str, list[Post]] = defaultdict(list)
    for post in held:
        by_provider[post.place.provider].append(post)
    for key, posts in by_provider.items():
        _delete(key, posts)
    return len(held)


@transaction.atomic
def _hold(which: Q, most: int) -> list[Post]:
    now = clock.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    found = Post.objects.select_for_update(of=("self",), skip_locked=True).filter(which, free, ready_at__lte=now)
    found = found.filter(TO_DELETE | TO_LOOK_AT).select_related("kit", "place__group__admin", "place__territory")
    posts = list(found.order_by("ready_at", "pk")[:most])
    for post in posts:
        post.attempts += 1
    Post.objects.filter(pk__in=[post.pk for post in posts]).update(lease_until=now + HELD)
    Post.objects.bulk_update(posts, ["attempts"])
    return posts


def _delete(key: str, posts: Sequence[Post]) -> None:
    """Posts that nobody knows the fate of cannot be named to the platform: it is asked, or a person looks."""
    provider = provider_named(key)
    posts = _found_again(provider, posts)
    known, standing, receipts = [], [], {}
    for post in posts:
        try:
            settings = keeping.settings_of(post.place)
        except PlaceInvalid:
            receipts[post.pk] = Receipt(Verdict.REFUSED, code="settings")
            continue
        if post.state == State.UNKNOWN or not post.ref:
            receipts[post.pk] = Receipt(Verdict.REFUSED, code="unknown")
            continue
        known.append(post)
        standing.append(Standing(settings, post.ref))
    answers = provider.delete(standing) if standing else []
    receipts |= {post.pk: answer for post, answer in zip(known, answers, strict=True)}
    _settle(posts, receipts)


def _found_again(provider: PostProvider, posts: Sequence[Post]) -> list[Post]:
    """Those that stand somewhere or that a person has to look for: the platform is asked about lost ones first (P8)."""
    now, left = clock.now(), []
    lost = [post for post in posts if post.state == State.UNKNOWN and post.reason != RESTORED]
    # A database that was put back does not know what was begun since: nothing is missing because it is not there.
    answers = {} if control.require_sending() else asking.ask(provider, lost)
    for post in posts:
        receipt = answers.get(post.pk)
        held = Post.objects.filter(pk=post.pk)
        if receipt is not None and receipt.verdict in (Verdict.BEGUN, Verdict.LATER, Verdict.REFUSED):
            held.update(state=State.CANCELLED, reason="recalled", ended_at=now, lease_until=None, progress_sealed=b"")
            continue
        if receipt is not None and receipt.verdict is not Verdict.DONE and post.attempts < ASKED_FIRST:
            held.update(ready_at=now + after_asking(receipt.verdict, attempts=post.attempts).wait, lease_until=None)
            continue
        if receipt is not None and receipt.ref:
            post.state, post.ref, post.address = State.POSTED, receipt.ref, receipt.address
            held.update(state=State.POSTED, ref=post.ref, address=post.address, posted_at=now, progress_sealed=b"")
        left.append(post)
    return left


@transaction.atomic
def _settle(posts: Sequence[Post], receipts: dict[int, Receipt]) -> None:
    now, staying = clock.now(), []
    gone = [post.pk for post in posts if receipts[post.pk].verdict is Verdict.DONE]
    Post.objects.filter(pk__in=gone).update(state=State.DELETED, reason="", lease_until=None, ended_at=now)
    for post in posts:
        receipt = receipts[post.pk]
        if receipt.verdict is Verdict.DONE:
            continue
        then = after_deleting(receipt.verdict, attempts=post.attempts, retry_after=receipt.retry_after)
        if then.pause:
            Place.objects.filter(pk=post.place_id, state=PlaceState.ACTIVE).update(
                state=PlaceState.PAUSED, reason=receipt.code[:40]
            )
        ended = now if then.state is State.STAYS else None
        Post.objects.filter(pk=post.pk).update(
            state=then.state,
            reason=(receipt.code or str(receipt.verdict))[:80],
            lease_until=None,
            ready_at=now + then.wait,
            ended_at=ended,
        )
        if then.state is State.STAYS:
            post.asked_id, post.due_at = selectors.person_of(post.place), now + RECALL_TERM
            staying.append(post)
    Post.objects.bulk_update(staying, ["asked", "due_at"])
    ask(staying)


def ask(posts: Sequence[Post]) -> None:
    """By name, whoever has to delete it by hand now."""
    assignments.assign_many(
        [
            WorkOrder(
                kind=DELETE_POST,
                assignee_id=post.asked_id or selectors.person_of(post.place),
                territory_id=post.place.home.pk,
                subject=f"post:{post.pk}",
                due_at=post.due_at or clock.now() + RECALL_TERM,
                details={
                    "post_id": post.pk,
                    "group": post.place.title,
                    "kit": post.kit.code if post.kit else "",
                    "address": post.address,
                },
            )
            for post in posts
        ]
    )
