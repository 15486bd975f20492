"""Asking the law at the moment of sending: for each recipient, by where they live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """May something for ``purpose`` be sent by ``channel`` to somebody who lives there, now?"""

    territory_id: int
    channel: str
    purpose: str
    at: datetime


class Refusal(Protocol):
    """``rule``: a stable word. ``until``: from when it may be asked again. ``final``: it never may."""

    @property
    def rule(self) -> str: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def final(self) -> bool: ...


def judge(questions: Sequence[Question]) -> Sequence[Refusal | None]:
    """The law's answer to each question; None: it may be sent."""
    return [None for _ in questions]
