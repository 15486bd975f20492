"""Asking a platform what became of a post whose answer was lost (docs/algorithms/posting.md, P8)."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from toli.core import clock
from toli.messaging.services.control import RESTORED
from toli.posting.domain.states import State, Verdict
from toli.posting.errors import PlaceInvalid
from toli.posting.models import Post
from toli.posting.ports import CALLS, Asking, Begun, PostProvider, Receipt
from toli.posting.providers import providers
from toli.posting.services import keeping
from toli.posting.services.writing import link_of

HELD = CALLS + timedelta(seconds=90)
ASKED_FOR = timedelta(days=1)  # after its time is over; then it is a person's to look
BATCH = 100


def ask(provider: PostProvider, posts: Sequence[Post]) -> dict[int, Receipt]:
    """By number of the post, what the platform says of it now; none at all where it cannot be asked. Reads only."""
    if not isinstance(provider, Asking):
        return {}
    asked, begun, found = [], [], {}
    for post in posts:
        if post.kit is None:
            continue
        try:
            settings, link = keeping.settings_of(post.place), link_of(post.kit, post.place)
            begun.append(Begun(settings, keeping.progress_of(post), link))
            asked.append(post)
        except PlaceInvalid:
            found[post.pk] = Receipt(Verdict.PAUSE, code="settings")
    answers = provider.ask(begun) if begun else []
    return found | {post.pk: answer for post, answer in zip(asked, answers, strict=True)}


@transaction.atomic
def hold_lost() -> dict[str, list[Post]]:
    """Posts of which nobody knows, by provider that can be asked. They are the caller's for a while."""
    now = clock.now()
    keys = [key for key, provider in providers().items() if isinstance(provider, Asking)]
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    lost = Post.objects.select_for_update(of=("self",), skip_locked=True).filter(
        free, state=State.UNKNOWN, place__provider__in=keys, ready_at__lte=now, expires_at__gt=now - ASKED_FOR,
        recalled_at__isnull=True, kit__isnull=False,
    )  # fmt: skip
    lost = lost.exclude(reason=RESTORED).select_related("kit", "place__group__territory", "place__territory")
    found = list(lost.order_by("ready_at", "pk")[:BATCH])
    Post.objects.filter(pk__in=[post.pk for post in found]).update(lease_until=now + HELD, attempts=F("attempts") + 1)
    held: dict[str, list[Post]] = {}
    for post in found:
        post.attempts += 1
        held.setdefault(post.place.provider, []).append(post)
    return held
