"""Issuing and revoking cards."""

from collections.abc import Callable, Sequence
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from toli.access.domain.permissions import CARDS_ISSUE
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import CardFace
from toli.cards.errors import CardNotFound
from toli.cards.events import CardRevoked, CardsIssued
from toli.cards.models import Card
from toli.core import clock, statistics
from toli.core.domain import base32
from toli.core.errors import Forbidden
from toli.core.events import publish
from toli.members.models import Member

Advance = Callable[[int, int], None]
BATCH = 2000
_LOCK = 0x746F6C69_63617264  # one issuer at a time: two would sign cards for the same members


def issue_cards(*, actor: Actor, member_ids: Sequence[int] | None = None, advance: Advance | None = None) -> int:
    """A card for each active member (of ``member_ids``, or of all) who has never had one.

    Works in batches, each its own transaction; stopped at any point, the next call goes on. A member
    whose card was revoked gets none by this. Returns how many cards were issued.

    Raises:
        Forbidden: the actor issues cards nowhere.
    """
    scope = scope_for(actor, CARDS_ISSUE)
    if scope.is_empty:
        raise Forbidden
    waiting = _without_card(scope, member_ids)
    total, issued, last = (waiting.count() if advance else 0), 0, 0
    while batch := _issue_batch(actor, waiting, after=last):
        issued, last = issued + len(batch), batch[-1][0]
        if advance:
            advance(issued, total)
    if issued >= BATCH:
        statistics.refresh("cards_card")
    return issued


@transaction.atomic
def _issue_batch(actor: Actor, waiting: QuerySet[Member], *, after: int) -> list[tuple[int, date]]:
    """Cards for the next members by id. Returns their ids and last days; nothing when all have one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    batch = list(waiting.filter(pk__gt=after).order_by("pk").values_list("pk", "member_until")[:BATCH])
    if not batch:
        return []
    _write_cards(batch)
    audit.record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        action="cards.issue",
        target="cards",
        details={"count": len(batch), "first_member": batch[0][0], "last_member": batch[-1][0]},
    )
    publish(CardsIssued(count=len(batch)))
    return batch


@transaction.atomic
def revoke_card(*, actor: Actor, number: str, reason: str) -> None:
    """End a card at once. Raises CardNotFound, also for a card outside the actor's area."""
    scope = scope_for(actor, CARDS_ISSUE)
    card = (
        Card.objects.select_for_update(of=("self",))
        .select_related("member")
        .filter(number=base32.normalise(number), member__in=Member.objects.within(scope))
        .filter(revoked_at__isnull=True)
        .first()
    )
    if card is None:
        raise CardNotFound
    card.revoked_at, card.revoked_because = clock.now(), reason[:200]
    card.save(update_fields=["revoked_at", "revoked_because"])
    audit.record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        action="cards.revoke",
        target=f"card:{card.pk}",
        territory_id=card.member.territory_id,
    )
    publish(CardRevoked(card_id=card.pk, member_id=card.member_id))


def _without_card(scope: Scope, member_ids: Sequence[int] | None) -> QuerySet[Member]:
    members = Member.objects.within(scope).active().filter(cards__isnull=True)
    return members if member_ids is None else members.filter(pk__in=member_ids)


def _write_cards(batch: Sequence[tuple[int, date]]) -> None:
    """One statement for all rows; COPY would be as fast, but is not possible behind row-level security."""
    version, seed = max(settings.TOLI_CARD_KEYS.items())
    numbers = _new_numbers(len(batch))
    members, ends = zip(*batch, strict=True)
    faces = [CardFace(number, valid_until, version) for number, valid_until in zip(numbers, ends, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO cards_card
                 (member_id, number, valid_until, signature, issued_on, key_version, revoked_because)
               SELECT m, n, v, s, %s, %s, ''
               FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::bytea[]) AS new (m, n, v, s)""",
            [
                clock.today(),
                version,
                list(members),
                numbers,
                list(ends),
                [card_codec.sign(face, seed) for face in faces],
            ],
        )


def _new_numbers(count: int) -> list[str]:
    """Random numbers that no card has; for one that is taken, another is drawn.

    The issuer's lock holds meanwhile, so that a number that is free now is free when it is written.
    """
    numbers: set[str] = set()
    while len(numbers) < count:
        drawn = {card_codec.new_number() for _ in range(count - len(numbers))}
        numbers |= drawn - set(Card.objects.filter(number__in=drawn).values_list("number", flat=True))
    return list(numbers)
