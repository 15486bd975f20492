"""Cards for whole lists of new members: signed in advance, while the database stores people."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import polars as pl
from django.db import IntegrityError, transaction

from toli.accounts.domain.actor import SYSTEM
from toli.audit import services as audit
from toli.cards import keys
from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import CardFace
from toli.cards.models import Card
from toli.core import clock, statistics
from toli.core.ahead import ahead
from toli.core.copying import copy_in, hexed

BATCH = 2000  # cards signed together
AHEAD = 10  # batches: as many cards as the next piece of a list needs
Key = tuple[int, bytes]  # version and seed
_Signed = list[tuple[str, bytes]]


@contextmanager
def card_press() -> Iterator[Callable[[Sequence[int], date], None]]:
    """Inside, a function writes a card for each of some new members in the transaction at hand.

    Nothing is signed before it is first called: a list of known people needs no card.
    """
    press = _Press()
    try:
        yield press.write
    finally:
        press.close()
    if press.written >= BATCH:
        statistics.refresh("cards_card")


class _Press:
    """A stock of signed cards of one last day."""

    def __init__(self) -> None:
        self._until: date | None = None
        self._key: Key = (0, b"")
        self._source: Iterator[_Signed] = iter(())
        self._stock: _Signed = []
        self.written = 0

    def write(self, members: Sequence[int], until: date) -> None:
        if not members:
            return
        self._stock_for(until, len(members))
        signed, self._stock = self._stock[: len(members)], self._stock[len(members) :]
        try:
            with transaction.atomic():
                _copy(members, until, signed, self._key)
        except IntegrityError:
            # One number of 2**40 was drawn before: about once in a list of a million. Draw anew for those.
            _copy(members, until, _replaced(signed, until, self._key), self._key)
        self.written += len(members)
        audit.record_act(
            SYSTEM,
            action="cards.issue",
            target="cards",
            details={"count": len(members), "first_member": members[0], "last_member": members[-1]},
        )

    def close(self) -> None:
        close = getattr(self._source, "close", None)
        if close:
            close()

    def _stock_for(self, until: date, count: int) -> None:
        if until != self._until:
            self.close()
            self._until, self._key, self._stock = until, keys.signing_key(), []
            self._source = ahead(_signed(until, self._key), by=AHEAD)
        while len(self._stock) < count:
            self._stock += next(self._source)


def _signed(until: date, key: Key) -> Iterator[_Signed]:
    """Cards without end."""
    while True:
        yield [_sign(card_codec.new_number(), until, key) for _ in range(BATCH)]


def _sign(number: str, until: date, key: Key) -> tuple[str, bytes]:
    """Signed ahead, before it is known whose card it will be: in the first form, without class and place."""
    version, seed = key
    return number, card_codec.sign(CardFace(number, until, version), seed)


def _replaced(signed: _Signed, until: date, key: Key) -> _Signed:
    """The same cards, but none twice and none with a number that somebody has."""
    numbers = [number for number, _signature in signed]
    taken = set(Card.objects.filter(number__in=numbers).values_list("number", flat=True))
    fresh: dict[str, bytes] = {number: signature for number, signature in signed if number not in taken}
    while len(fresh) < len(signed):
        number, signature = _sign(card_codec.new_number(), until, key)
        if not Card.objects.filter(number=number).exists():
            fresh[number] = signature
    return list(fresh.items())


def _copy(members: Sequence[int], until: date, signed: _Signed, key: Key) -> None:
    numbers, signatures = zip(*signed, strict=True)
    frame = pl.DataFrame({"member": members, "number": numbers, "signature": signatures}).sort("number")
    cards = frame.select(
        "member",
        "number",
        issued=pl.lit(clock.today().isoformat()),
        until=pl.lit(until.isoformat()),
        key=pl.lit(key[0]),
        sealed=hexed(pl.col("signature")),
        because=pl.lit(""),
    )
    copy_in("cards_card (member_id, number, issued_on, valid_until, key_version, signature, revoked_because)", [cards])
