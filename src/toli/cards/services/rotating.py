"""Changing the key that signs cards, because it is time to or because somebody else may have it."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.cards import keys
from toli.cards.domain.card_codec import MOST_KEY
from toli.cards.errors import CardKeyInUse, CardKeyNotFound, NoKeyLeft
from toli.cards.events import CardsIssued
from toli.cards.models import Card, WithdrawnKey
from toli.cards.services.issuing import alone, write_cards
from toli.cards.services.pressing import sign_cards
from toli.core import clock, jobs
from toli.core.errors import Forbidden
from toli.core.events import publish
from toli.members.models import MemberState

Advance = Callable[[int, int], None]
BATCH = 1000
REPLACED = "key withdrawn"


def add_key(*, actor: Actor) -> int:
    """A new key, which signs from now on; cards under older ones stay good. Returns its version.

    Raises:
        Forbidden. NoKeyLeft: a card has no sign for a further version.
    """
    _system(actor)
    if max(settings.TOLI_CARD_KEYS) >= MOST_KEY:
        raise NoKeyLeft(most=MOST_KEY)
    version = int(settings.TOLI_CARD_KEYS.add())
    _record("cards.key.add", version)
    return version


@transaction.atomic
def withdraw_key(*, actor: Actor, version: int, because: str) -> int:
    """Say that a key no longer counts, as somebody else may have it. Returns how many cards are to be replaced.

    Where it was the one that signs, a new one is made first. A job replaces the cards (:func:`reissue_cards`).
    After the last possible version an older one that still counts signs again. Raises CardKeyNotFound, Forbidden.
    """
    _system(actor)
    if version not in settings.TOLI_CARD_KEYS:
        raise CardKeyNotFound(version=version)
    made = WithdrawnKey.objects.get_or_create(
        pk=version, defaults={"withdrawn_at": clock.now(), "because": because[:200]}
    )[1]
    newest = max(settings.TOLI_CARD_KEYS)
    if newest in keys.withdrawn() and newest < MOST_KEY:  # the newest signs
        add_key(actor=actor)
    if made:
        _record("cards.key.withdraw", version)
    jobs.enqueue_once("cards.reissue")
    jobs.enqueue_once("cards.publish_revoked")
    return to_reissue().count()


def retire_key(*, actor: Actor, version: int) -> None:
    """Forget a key for ever. Raises CardKeyNotFound, Forbidden; CardKeyInUse while a card that counts bears it,
    or it is the newest."""
    _system(actor)
    if version not in settings.TOLI_CARD_KEYS:
        raise CardKeyNotFound(version=version)
    count = counting(version).count()
    if count or version == max(settings.TOLI_CARD_KEYS):
        raise CardKeyInUse(count=count, version=version)
    sign_cards(version=version)  # cards that no longer count are still shown to whoever holds them
    settings.TOLI_CARD_KEYS.retire(version)
    _record("cards.key.retire", version)


def counting(version: int) -> QuerySet[Card]:
    """Cards under a key that would be good at the door."""
    cards = Card.objects.filter(key_version=version, revoked_at__isnull=True, valid_until__gte=clock.today())
    return cards.filter(member__state=MemberState.ACTIVE)


def to_reissue() -> QuerySet[Card]:
    """Cards whose key was withdrawn, of members who need another one."""
    cards = Card.objects.filter(key_version__in=keys.withdrawn(), revoked_at__isnull=True)
    return cards.filter(member__state=MemberState.ACTIVE, member__member_until__gte=clock.today())


def reissue_cards(*, actor: Actor, advance: Advance | None = None) -> int:
    """New cards instead of all whose key was withdrawn. Returns how many. Raises Forbidden, NoCardKey.

    In batches, each its own transaction; stopped at any point, the next call goes on with what is left.
    """
    _system(actor)
    total, done = (to_reissue().count() if advance else 0), 0
    while count := _reissue_batch():
        done += count
        if advance:
            advance(done, total)
    return done


@transaction.atomic
def _reissue_batch() -> int:
    alone()
    found = to_reissue().select_for_update(of=("self",)).select_related("member__territory").order_by("pk")[:BATCH]
    cards = list(found)
    if not cards:
        return 0
    numbers = [card.pk for card in cards]
    Card.objects.filter(pk__in=numbers).update(revoked_at=clock.now(), revoked_because=REPLACED)
    holders = [card.member for card in cards]
    write_cards([(holder.pk, holder.member_until, holder.territory.code, holder.grade) for holder in holders])
    audit.record_act(
        SYSTEM,
        action="cards.reissue",
        target="cards",
        details={"count": len(cards), "first_card": numbers[0], "last_card": numbers[-1]},
    )
    publish(CardsIssued(count=len(cards)))
    return len(cards)


def _system(actor: Actor) -> None:
    if not actor.is_system:
        raise Forbidden


def _record(action: str, version: int) -> None:
    audit.record_act(SYSTEM, action=action, target=f"key:{version}")
