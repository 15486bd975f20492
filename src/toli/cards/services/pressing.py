"""Cards for whole lists of new members: numbers at once, signatures afterwards.

A signature takes as long as everything else about an imported member together. It follows from what stands in the
row, so a job makes it when the list is in; whoever looks at a card before has it made for them
(:func:`toli.cards.selectors.signature_of`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import polars as pl
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from toli.accounts.domain.actor import SYSTEM
from toli.audit import services as audit
from toli.cards import keys, selectors
from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import Grade
from toli.cards.models import Card
from toli.core import clock, statistics
from toli.core.copying import copy_in
from toli.members import selectors as members

BATCH = 2000
MANY = 2000  # new cards after which the planner is told


@contextmanager
def card_press() -> Iterator[Callable[[pl.DataFrame, date], None]]:
    """Inside, a function writes a card for each of some new members (columns ``member_id`` and ``code``, the code of
    their place) in the transaction at hand."""
    written = 0

    def write(people: pl.DataFrame, until: date) -> None:
        nonlocal written
        if people.height:
            _write(people, until)
            written += people.height

    yield write
    if written >= MANY:
        statistics.refresh("cards_card")


def _write(people: pl.DataFrame, until: date) -> None:
    version, _seed = keys.signing_key()
    numbers = card_codec.new_numbers(people.height)
    try:
        with transaction.atomic():
            _copy(people, until, numbers, version)
    except IntegrityError:
        # One number of 2**40 was drawn before: about once in a list of a million. Draw anew for those.
        _copy(people, until, _replaced(numbers), version)
    ids = people["member_id"]
    audit.record_act(
        SYSTEM,
        action="cards.issue",
        target="cards",
        details={"count": people.height, "first_member": ids[0], "last_member": ids[-1]},
    )


def _replaced(numbers: Sequence[str]) -> list[str]:
    """As many numbers, but none twice and none that somebody has."""
    taken = set(Card.objects.filter(number__in=numbers).values_list("number", flat=True))
    fresh = dict.fromkeys(number for number in numbers if number not in taken)
    while len(fresh) < len(numbers):
        number = card_codec.new_number()
        if not Card.objects.filter(number=number).exists():
            fresh[number] = None
    return list(fresh)


def _copy(people: pl.DataFrame, until: date, numbers: Sequence[str], version: int) -> None:
    """In the order of the numbers, which keeps the writes to their index close together."""
    cards = people.select("member_id", "code").with_columns(number=pl.Series(numbers)).sort("number")
    codes = cards["code"].unique().to_list()
    cards = cards.select(
        "member_id",
        "number",
        grade=pl.lit(str(Grade.PRIMARY)),
        place=pl.col("code").replace_strict({code: card_codec.place_on_card(code) for code in codes}),
        issued=pl.lit(clock.today().isoformat()),
        until=pl.lit(until.isoformat()),
        key=pl.lit(version),
        signature=pl.lit("\\\\x"),
        because=pl.lit(""),
    )
    copy_in(
        """cards_card (member_id, number, grade, place, issued_on, valid_until, key_version, signature,
           revoked_because)""",
        [cards],
    )


def sign_cards(*, run_id: int | None = None, version: int | None = None) -> int:
    """Sign cards that have no signature yet: of the members that an import made, under a key, or all. Returns how many.

    Works in batches, each its own transaction; stopped at any point, the next call goes on. A card whose key is gone
    stays as it is: it counts no more.
    """
    unsigned = Card.objects.filter(signature=b"", key_version__in=list(settings.TOLI_CARD_KEYS))
    if version is not None:
        unsigned = unsigned.filter(key_version=version)
    if run_id is None:
        return _sign_all(unsigned)
    # By the ids of the members: a short list shall not have every card of the organisation looked at.
    return sum(
        _sign_all(unsigned.filter(member_id__gte=first, member_id__lte=last))
        for first, last in members.made_by_import(run_id)
    )


def _sign_all(unsigned: QuerySet[Card]) -> int:
    signed = last = 0
    while batch := list(unsigned.filter(pk__gt=last).order_by("pk")[:BATCH]):
        signed, last = signed + _sign(batch), batch[-1].pk
    return signed


def _sign(batch: Sequence[Card]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE cards_card kept SET signature = given.signature
               FROM unnest(%s::bigint[], %s::bytea[]) AS given (id, signature)
               WHERE kept.id = given.id AND kept.signature = ''""",
            [[card.pk for card in batch], [selectors.signature_of(card) for card in batch]],
        )
        return int(cursor.rowcount)
