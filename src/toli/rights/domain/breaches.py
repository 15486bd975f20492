"""A breach of personal data: what the law asks for and when, and how somebody's data can have been reached.

Digital Personal Data Protection Act 2023, section 8(6), and the Rules of 2025, rule 7: everybody affected and the
Data Protection Board are told without delay; the Board has the details within 72 hours of becoming aware.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import IntFlag, StrEnum

BOARD_HOURS = 72


class Kind(IntFlag):
    """Kinds of data, as bits: what was reached is the union over all acts. New ones go to the end."""

    NAME = 1
    PLACE = 2
    NUMBER = 4
    DIGITS = 8  # a masked number
    CARD = 16
    DATES = 32  # member since, until
    LANGUAGE = 64
    WORDS = 128  # what the person wrote or said
    CONSENTS = 256
    LOOKS = 512  # who looked at them, lists, groups, links: everything else of the person's own copy


class Way(IntFlag):
    """How the data was reached, as bits."""

    LIST_FILE = 1
    REVEAL = 2
    PAGE = 4
    LIST_PAGE = 8
    SEARCH = 16
    COPY = 32
    REQUEST = 64
    ALL = 128  # the database or a backup was taken


class State(StrEnum):
    """``FINDING``: a job is reading the trail. ``FOUND``: the affected people are known."""

    FINDING = "finding"
    FOUND = "found"
    CLOSED = "closed"


class Letters(StrEnum):
    """From nothing to sent; ``APPROVED``: a job is sending. Of a drill nothing is ever sent."""

    NONE = "none"
    ASKED = "asked"
    APPROVED = "approved"
    SENT = "sent"


ALL_KINDS = Kind(sum(Kind))
COLUMNS = {
    "name": Kind.NAME,
    "card": Kind.CARD,
    "place": Kind.PLACE,
    "code": Kind.PLACE,
    "joined": Kind.DATES,
    "until": Kind.DATES,
    "language": Kind.LANGUAGE,
    "masked_phone": Kind.DIGITS,
    "phone": Kind.NUMBER,
}
# What somebody who went this way has seen; of a file it is the file's columns.
SHOWS = {
    Way.REVEAL: Kind.NAME | Kind.PLACE | Kind.NUMBER,
    Way.PAGE: Kind.NAME | Kind.PLACE | Kind.DIGITS | Kind.DATES | Kind.CARD,
    Way.LIST_PAGE: Kind.NAME | Kind.PLACE | Kind.DIGITS,
    Way.SEARCH: Kind.NAME | Kind.PLACE | Kind.DIGITS,
    Way.COPY: ALL_KINDS,
    Way.REQUEST: Kind.NAME | Kind.PLACE | Kind.WORDS,
    Way.ALL: ALL_KINDS & ~Kind.NUMBER,  # numbers are encrypted under keys that lie elsewhere
}


def kinds_of(columns: Iterable[str]) -> Kind:
    """What a list with these columns shows. A column that is not known counts as everything."""
    found = Kind(0)
    for column in columns:
        found |= COLUMNS.get(column, ALL_KINDS)
    return found


def board_by(aware_at: datetime) -> datetime:
    """Until when the Board must have the details."""
    return aware_at + timedelta(hours=BOARD_HOURS)


def hours_left(aware_at: datetime, now: datetime) -> int:
    """Whole hours until then; negative once it is late."""
    return (board_by(aware_at) - now) // timedelta(hours=1)
