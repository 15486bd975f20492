"""New members get their card in the transaction that makes them. Cards stand above members and offer to do it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date

import polars as pl

CardWriter = Callable[[pl.DataFrame, date], None]
"""Writes a card for each of these new members (columns ``member_id`` and ``code``, the code of their place), valid
until the day, in the transaction at hand."""

CardDesk = Callable[[], AbstractContextManager[CardWriter]]
_desks: list[CardDesk] = []


def offer_cards(desk: CardDesk) -> None:
    """Let ``desk``, which is opened once for each list, write the cards of imported members."""
    _desks[:] = [desk]


def card_desk() -> AbstractContextManager[CardWriter]:
    """Who writes cards for one list."""
    return _desks[0]() if _desks else nullcontext(lambda _people, _until: None)
