"""Attackers with all the time in the world: the clock moves as they like."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from tests.accounts.conftest import quick_hashes
from tests.cli.conftest import toli
from tests.web.conftest import browser, coordinator, headquarters, sent, sunita, world
from toli.core import clock
from toli.core.domain.limits import LIMITS, Limit

__all__ = [
    "browser",
    "coordinator",
    "headquarters",
    "quick_hashes",
    "sent",
    "sunita",
    "toli",
    "world",
]  # the stage of tests/web


class Clock:
    """The time as Toli sees it."""

    def __init__(self, start: datetime) -> None:
        self.start = self.at = start

    def wait(self, **amount: float) -> None:
        self.at += timedelta(**amount)

    @property
    def passed(self) -> timedelta:
        return self.at - self.start

    def attack(self, attempt: Callable[[], bool], *, hours: float = 24, pause: float = 10) -> int:
        """How many attempts were let through in so many hours; after a refusal comes a ``pause`` of minutes."""
        self.start, passed = self.at, 0
        while self.passed < timedelta(hours=hours):
            if attempt():
                passed += 1
            else:
                self.wait(minutes=pause)
        return passed


@pytest.fixture
def time(monkeypatch) -> Iterator[Clock]:
    moved = Clock(clock.now())
    monkeypatch.setattr(clock, "now", lambda: moved.at)
    return moved


@pytest.fixture
def only(monkeypatch) -> Callable[[str, int], None]:
    """``only("verify.address", 5)``: fewer tries than are declared, so that a day of them can be played through."""

    def lower(name: str, times: int) -> None:
        declared = LIMITS[name]
        monkeypatch.setitem(LIMITS, name, Limit(name, times, declared.per, declared.keyed_by, declared.why))

    return lower
