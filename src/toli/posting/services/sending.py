"""Posting what is due. The order keeps a post from standing there twice (docs/algorithms/posting.md, P1 to P4).

The intent is on disk before the call; whoever holds a post holds it until its lease ends, and gives up the call well
before; a post whose holder was not heard of again is ``unknown``, and not queued again unless the platform says that it
does not stand there.
"""

import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from toli.access.domain.permissions import KITS_RELEASE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.compliance import services as compliance
from toli.compliance.errors import ChannelBarred
from toli.compliance.selectors import judge_all
from toli.compliance.services import Refusal, SendingQuestion
from toli.core import clock
from toli.messaging.services import control
from toli.posting import selectors
from toli.posting.domain.states import State, Verdict, after_asking, after_publishing
from toli.posting.errors import PlaceInvalid, PostStateWrong
from toli.posting.models import Place, PlaceState, Post
from toli.posting.ports import CALLS, Outgoing, PostProvider, Receipt
from toli.posting.providers import providers
from toli.posting.services import asking, keeping
from toli.posting.services.taking_back import delete_recalled
from toli.posting.services.writing import Writer, link_of, picture_for

log = logging.getLogger(__name__)
LEASE = CALLS + timedelta(seconds=90)
ASK_AGAIN = timedelta(minutes=30)  # what the law refuses for now, without saying until when
BATCH = 100
TURNS = 200  # batches that one job sends at most before it makes room

# One post of each account whose turn it is. The account moves to its next turn in the same statement (P4).
_CLAIM = """
WITH free AS (
  SELECT place.id FROM posting_place place
  WHERE place.provider = %(provider)s AND place.state = 'active' AND place.next_at <= %(now)s
    AND EXISTS (SELECT 1 FROM posting_post post
                WHERE post.place_id = place.id AND post.state = 'queued' AND post.ready_at <= %(now)s)
  ORDER BY place.next_at, place.id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED),
picked AS (
  SELECT DISTINCT ON (post.place_id) post.id, post.place_id FROM posting_post post JOIN free ON free.id = post.place_id
  WHERE post.state = 'queued' AND post.ready_at <= %(now)s ORDER BY post.place_id, post.ready_at, post.id),
paced AS (
  UPDATE posting_place place SET next_at = %(next)s FROM picked WHERE place.id = picked.place_id)
UPDATE posting_post post
SET state = 'sending', attempts = attempts + 1, worker = %(worker)s, tried_at = %(now)s, lease_until = %(lease)s,
    reason = ''
FROM picked WHERE post.id = picked.id AND post.state = 'queued'
RETURNING post.id
"""


@dataclass(frozen=True, slots=True)
class Ready:
    """A post that may go out now, with what is handed over."""

    post: Post
    outgoing: Outgoing


def send_due() -> int:
    """Post everything that is due, and delete what was recalled. Returns how many calls were made.

    Nothing goes out of a database that was put back to an earlier time, until somebody says so.
    """
    lapse()
    done = delete_recalled()
    if reason := control.require_sending():
        log.warning("nothing is posted: %s", reason)
        return done
    done += ask_lost()  # not before: what a database that was put back does not know of may stand there all the same
    for provider in providers().values():
        for _turn in range(TURNS):
            held = claim(provider)
            if not held:
                break
            done += _send(provider, held)
    return done


def claim(provider: PostProvider, *, most: int = BATCH) -> list[Post]:
    """Hold at most ``most`` posts, one of each account. Committed when it returns: the intent (P1)."""
    now = clock.now()
    asked: dict[str, Any] = {
        "provider": provider.key,
        "most": most,
        "now": now,
        "next": now + timedelta(seconds=provider.capabilities.gap),
        "worker": f"{socket.gethostname()[:25]}:{os.getpid()}",
        "lease": now + LEASE,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, asked)
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            cursor.execute("SELECT nextval(%s)", [control.SEQUENCE])
            serial = cursor.fetchone()[0]
    if ids:
        control.note(serial)
    found = Post.objects.filter(pk__in=ids).select_related("kit", "place__group__territory", "place__territory")
    return list(found.order_by("pk"))


def lapse() -> int:
    """Posts whose holder was not heard of again: nobody knows whether they stand there (P3). Returns how many."""
    held = Post.objects.filter(state=State.SENDING, lease_until__lt=clock.now())
    return held.update(state=State.UNKNOWN, reason="lost", lease_until=None)


def ask_lost() -> int:
    """Ask what became of posts whose answer was lost, where the platform can be asked (P8). Returns how many."""
    held = asking.hold_lost()
    for key, posts in held.items():
        answers = asking.ask(providers()[key], posts)
        for post in posts:
            receipt = answers[post.pk]
            then = after_asking(receipt.verdict, attempts=post.attempts, retry_after=receipt.retry_after)
            done = receipt.verdict is Verdict.DONE
            reason = "" if done else receipt.code or str(receipt.verdict)
            named = {"ref": receipt.ref, "address": receipt.address} if done else {}
            _move(post, then.state, reason=reason, ready_at=clock.now() + then.wait, **named)
    return sum(len(posts) for posts in held.values())


@transaction.atomic
def hold_back() -> int:
    """End what may not go out any more: a silence has begun, the kit is over, it is too old (P2). Returns how many."""
    now = clock.now()
    waiting = list(
        Post.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state=State.QUEUED, kit__isnull=False)
        .select_related("place__group")
    )
    old = {post.pk for post in waiting if post.expires_at <= now}
    Post.objects.filter(pk__in=old).update(state=State.EXPIRED, reason="too_late", ended_at=now, progress_sealed=b"")
    left = [post for post in waiting if post.pk not in old]
    final = [post for post, answer in zip(left, _answers(left, record=False), strict=True) if answer and answer.final]
    for post, answer in zip(final, _answers(final), strict=True):
        if answer is not None:
            _move(post, State.REFUSED, rule=str(answer.rule))
    return len(old) + len(final)


@transaction.atomic
def settle_unknown(*, actor: Actor, post_id: int, stands: bool) -> Post:
    """Somebody looked: the post stands there, or it does not and is given up. It is not sent again by itself.

    Raises:
        PostNotFound. PostStateWrong: everybody knows what became of it.
    """
    post = selectors.get_post(scope_for(actor, KITS_RELEASE), post_id, lock=True)
    if post.state != State.UNKNOWN:
        raise PostStateWrong(state=post.state)
    _move(post, State.POSTED if stands else State.FAILED, reason="by_hand")
    audit.record_act(
        actor,
        action="posting.settle",
        target=f"post:{post.pk}",
        territory_id=post.place.home.pk,
        details={"stands": stands},
    )
    return post


def _send(provider: PostProvider, held: Sequence[Post]) -> int:
    ready = _written(provider, _lawful(provider, held))
    if not ready:
        return len(held)
    receipts = provider.publish([item.outgoing for item in ready])
    for item, receipt in zip(ready, receipts, strict=True):
        _settle(item.post, receipt)
    return len(held)


def _lawful(provider: PostProvider, held: Sequence[Post]) -> list[Post]:
    """Those that the law lets out now, and still at the end of the calls. The others wait, or are ended."""
    try:
        compliance.require_channel(provider.key)
    except ChannelBarred:
        for post in held:
            _move(post, State.REFUSED, rule="channel_barred")
        return []
    going, now = [], clock.now()
    for post, answer in zip(held, _answers(held, within=CALLS), strict=True):
        again = answer.until or now + ASK_AGAIN if answer is not None else now
        if post.expires_at <= now:
            _move(post, State.EXPIRED, reason="too_late")
        elif answer is None:
            going.append(post)
        elif answer.final:
            _move(post, State.REFUSED, rule=str(answer.rule))
        elif again >= post.expires_at:
            _move(post, State.EXPIRED, rule=str(answer.rule))
        else:
            _move(post, State.QUEUED, rule=str(answer.rule), ready_at=again, attempts=post.attempts - 1)
    return going


def _answers(posts: Sequence[Post], *, within: timedelta = timedelta(0), record: bool = True) -> list[Refusal | None]:
    """For each post, a rule that forbids it where it is heard, now or ``within`` that time; a final one counts most."""
    now = clock.now()
    heard = selectors.heard_in([post.place for post in posts])
    asked = [(number, there) for number, found in enumerate(heard) for there in found]
    questions = [
        SendingQuestion(there, posts[number].place.provider, "content", at, posts[number].kit_id, whole_branch=True)
        for number, there in asked
        for at in ((now, now + within) if within else (now,))
    ]
    judge = compliance.judge_sendings if record else judge_all
    owners = [number for number, _there in asked for _ in range(2 if within else 1)]
    found: list[Refusal | None] = [None] * len(posts)
    for number, answer in zip(owners, judge(questions), strict=True):
        if answer is not None and (found[number] is None or answer.final):
            found[number] = answer
    return found


def _written(provider: PostProvider, posts: Sequence[Post]) -> list[Ready]:
    """Those that can be expressed on the platform. One that cannot is put aside; the others go."""
    ready, writer = [], Writer()
    for post in posts:
        kit = post.kit
        assert kit is not None  # noqa: S101 tests are not queued
        try:
            link = link_of(kit, post.place)
            text = writer.text(kit, post.place.provider, post.language, post.variant, link)
            settings = keeping.settings_of(post.place)
        except PlaceInvalid:
            _pause(post.place_id, "settings")
            _move(post, State.QUEUED, reason="settings", attempts=post.attempts - 1)
            continue
        if text is None:
            _move(post, State.FAILED, reason="does_not_fit")
            continue
        picture = picture_for(kit, provider.platform, post.language)
        video = writer.video(kit, provider, post.language)
        begun = keeping.progress_of(post)
        outgoing = Outgoing(settings, text, link, picture, video, post.language, kit.made_with_ai, begun)
        ready.append(Ready(post, outgoing))
    return ready


def _settle(post: Post, receipt: Receipt) -> None:
    then = after_publishing(receipt.verdict, attempts=post.attempts, retry_after=receipt.retry_after)
    if then.pause:
        _pause(post.place_id, receipt.code)
    if receipt.retry_after:
        until = clock.now() + timedelta(seconds=receipt.retry_after)
        Place.objects.filter(pk=post.place_id, next_at__lt=until).update(next_at=until)
    begun: dict[str, Any] = {}
    if receipt.verdict is Verdict.BEGUN:  # no try of its own, and no post that the account has to pause after
        begun = {"progress_sealed": keeping.sealed_progress(post, receipt.progress), "attempts": post.attempts - 1}
        Place.objects.filter(pk=post.place_id).update(next_at=clock.now() + then.wait)
    _move(
        post,
        then.state,
        reason="" if receipt.verdict is Verdict.DONE else receipt.code or str(receipt.verdict),
        ref=receipt.ref,
        address=receipt.address,
        ready_at=clock.now() + then.wait,
        **begun,
    )


def _pause(place_id: int, reason: str) -> None:
    Place.objects.filter(pk=place_id, state=PlaceState.ACTIVE).update(state=PlaceState.PAUSED, reason=reason[:40])


def _move(post: Post, state: State, **fields: object) -> int:
    """Only the holder's word on its own call counts: ``attempts`` says which call it was (P1)."""
    now = clock.now()
    called = Post.objects.filter(pk=post.pk, attempts=post.attempts)
    news = {"state": state, "lease_until": None, **fields}
    for name, room in (("reason", 80), ("rule", 40), ("ref", 120), ("address", 300)):
        if name in news:
            news[name] = str(news[name])[:room]
    if state not in (State.QUEUED, State.UNKNOWN):
        news["progress_sealed"] = b""
    if state == State.POSTED:
        news["posted_at"] = now
    elif state not in (State.QUEUED, State.UNKNOWN):
        news["ended_at"] = now
    moved = called.filter(state__in=(State.SENDING, State.UNKNOWN, State.QUEUED)).update(**news)
    post.state = state
    if moved and state == State.QUEUED:  # recalled while it was held: it does not go out any more
        Post.objects.filter(pk=post.pk, state=State.QUEUED, recalled_at__isnull=False).update(
            state=State.CANCELLED, ended_at=now
        )
    if moved and state == State.POSTED:
        Post.objects.filter(pk=post.pk, recalled_at__isnull=False).update(attempts=0, ready_at=now)
    return moved
