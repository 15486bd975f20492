"""Issuing cards to members who have none."""

from collections.abc import Callable, Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import QuerySet

from toli.access.domain.permissions import CARDS_ISSUE
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.cards import keys
from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import CardFace, Grade
from toli.cards.events import CardsIssued
from toli.cards.models import Card
from toli.core import clock, statistics
from toli.core.errors import Forbidden
from toli.core.events import publish
from toli.members.models import Member, MemberGrade

Advance = Callable[[int, int], None]
Holder = tuple[int, date, str, str]  # id of a member, their last day, the code of their place, their grade
BATCH = 2000
GRADES: dict[str, Grade] = {MemberGrade.PRIMARY: Grade.PRIMARY, MemberGrade.ACTIVE: Grade.ACTIVE}
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
def _issue_batch(actor: Actor, waiting: QuerySet[Member], *, after: int) -> list[Holder]:
    """Cards for the next members by id. Returns for whom; nothing when all have one."""
    alone()
    batch = list(
        waiting.filter(pk__gt=after)
        .order_by("pk")
        .values_list("pk", "member_until", "territory__code", "grade")[:BATCH]
    )
    if not batch:
        return []
    write_cards(batch)
    audit.record_act(
        actor,
        action="cards.issue",
        target="cards",
        details={"count": len(batch), "first_member": batch[0][0], "last_member": batch[-1][0]},
    )
    publish(CardsIssued(count=len(batch)))
    return batch


def alone() -> None:
    """Nobody else issues cards until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _without_card(scope: Scope, member_ids: Sequence[int] | None) -> QuerySet[Member]:
    members = Member.objects.within(scope).active().filter(cards__isnull=True)
    return members if member_ids is None else members.filter(pk__in=member_ids)


def write_cards(batch: Sequence[Holder]) -> None:
    """One statement for all rows; COPY would be as fast, but is not possible behind row-level security.

    The caller holds :func:`alone`. Raises NoCardKey.
    """
    version, seed = keys.signing_key()
    numbers = _new_numbers(len(batch))
    faces = [
        CardFace(number, valid_until, version, GRADES[grade], card_codec.place_on_card(code))
        for number, (_member_id, valid_until, code, grade) in zip(numbers, batch, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO cards_card
                 (member_id, number, valid_until, grade, place, signature, issued_on, key_version, revoked_because)
               SELECT m, n, v, g, p, s, %s, %s, ''
               FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::text[], %s::text[], %s::bytea[])
                    AS new (m, n, v, g, p, s)""",
            [
                clock.today(),
                version,
                [member_id for member_id, *_rest in batch],
                numbers,
                [face.valid_until for face in faces],
                [face.grade for face in faces],
                [face.place for face in faces],
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
