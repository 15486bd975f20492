"""The signed list of revoked cards: made when something changes and twice an hour, fetched by everybody."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from toli.cards import keys
from toli.cards.domain import revocation
from toli.cards.models import Card, EndedCard, RevokedList
from toli.core import clock, wall
from toli.members.models import MemberState

LIFETIME = timedelta(days=7)  # how long an app may go without a network before the list is too old


@transaction.atomic
def publish_revoked() -> int:
    """Make the list anew and store it. Returns how many cards are in it. Raises NoCardKey.

    In it are cards that were ended, cards of members who left, and cards of people whose data was erased, each
    until the day on which it would have expired.
    """
    now = clock.now()
    version, seed = keys.signing_key()
    revoked = revocation.listed(_tags(), issued_at=now, expires_at=now + LIFETIME)
    content = revocation.seal(revoked, version=version, seed=seed)
    RevokedList.objects.update_or_create(pk=1, defaults={"content": content, "issued_at": now})
    EndedCard.objects.filter(valid_until__lt=clock.today()).delete()
    return len(revoked)


def revoked_file() -> bytes:
    """The list as it was published last; made now where there is none yet."""
    stored = RevokedList.objects.first()
    if stored is None:
        with wall.lifted("the list holds no names and is for everybody"):
            publish_revoked()
        stored = RevokedList.objects.get()
    return bytes(stored.content)


def _tags() -> Iterator[bytes]:
    current = Q(valid_until__gte=clock.today())
    gone = Q(revoked_at__isnull=False) | ~Q(member__state=MemberState.ACTIVE)
    for number in Card.objects.filter(current & gone).values_list("number", flat=True).iterator(chunk_size=10_000):
        yield revocation.tag_of(number)
    for tag in EndedCard.objects.filter(current).values_list("tag", flat=True).iterator(chunk_size=10_000):
        yield bytes(tag)
