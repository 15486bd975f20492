"""Complaints of anybody, by when they have to be taken up and answered, and which are late.

India: the Information Technology (Intermediary Guidelines and Digital Media Ethics Code) Rules 2021 want a complaint
acknowledged within 24 hours and decided within 15 days (rules 3(2)(a) and 11(2)); ours is settings.TOLI_COMPLAINT_DAYS,
which may be shorter. The number and the page that one gets at once acknowledge it; a person takes it up within the
same 24 hours.
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum


class About(StrEnum):
    MESSAGE = "message"
    DATA = "data"
    BEHAVIOUR = "behaviour"
    OTHER = "other"


class State(StrEnum):
    RECEIVED = "received"
    IN_WORK = "in_work"
    ANSWERED = "answered"


MOST_DAYS = 15  # the law's own limit
TAKE_UP = timedelta(hours=24)
WORDS_MOST = 1000
WORDS_LEAST = 3
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 bits


def is_token(text: str) -> bool:
    """Whether it looks like the end of the address at which a complaint is read."""
    return _TOKEN.fullmatch(text) is not None


def take_up_by(filed_at: datetime) -> datetime:
    """By when a person has to have taken it up."""
    return filed_at + TAKE_UP


def due_at(filed_at: datetime, days: int) -> datetime:
    """When the answer has to be there."""
    return filed_at + timedelta(days=min(days, MOST_DAYS))


def is_late(state: str, take_up: datetime, due: datetime, now: datetime) -> bool:
    """Whether nobody took it up in time, or the answer is missing past its day."""
    return state != State.ANSWERED and (now > due or (state == State.RECEIVED and now > take_up))
