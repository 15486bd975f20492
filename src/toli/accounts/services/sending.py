"""The way by which short texts leave: one sender after the other, as TOLI_SENDER names them.

Which sender fares how is known to each process by itself, in memory: it costs nothing, and the next process finds
out within three texts.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from toli.accounts.domain.sending import AILING, Health, Outcome, next_may_try, taken_together
from toli.accounts.errors import TextNotSent
from toli.accounts.ports import KeepsTexts, Receipt, TextMessage, TextSender
from toli.core import clock

log = logging.getLogger(__name__)
WAITING_PAGES = 4  # of the eight that a process answers at once
QUEUING_PAGES = 1  # may stand behind them, for WAIT_SECONDS; the others stay free for everything else
WAIT_SECONDS = 2.0

_health: dict[str, Health] = {}
_health_lock = threading.Lock()
_places = threading.BoundedSemaphore(WAITING_PAGES)
_room = threading.BoundedSemaphore(WAITING_PAGES + QUEUING_PAGES)


class Senders:
    """All senders in use, as one."""

    def __init__(self, senders: Sequence[TextSender]) -> None:
        self.senders = tuple(senders)
        self.distant = any(sender.distant for sender in self.senders)

    def send_many(self, messages: Sequence[TextMessage]) -> list[Receipt]:
        """Hand over all messages. One receipt for each, in order: what all senders together made of it.

        The next sender gets what the one before surely did not send; of codes also what it may have sent.
        """
        receipts: list[list[Receipt]] = [[] for _ in messages]
        waiting = list(range(len(messages)))
        for sender in self.senders:
            taken = [place for place in waiting if not self._objects(sender, messages[place], receipts[place])]
            for place, receipt in zip(taken, self._hand_over(sender, [messages[p] for p in taken]), strict=True):
                receipts[place].append(receipt)
            waiting = [
                place for place in waiting if next_may_try(messages[place].kind, receipts[place][-1].outcome)
            ]  # fmt: skip
        return [self._together(found) for found in receipts]

    def _objects(self, sender: TextSender, message: TextMessage, receipts: list[Receipt]) -> bool:
        """Whether this sender does not get the message, which its receipt then says."""
        if objection := sender.objection(message):
            receipts.append(Receipt(Outcome.REFUSED, sender.key, objection))
        elif is_skipped(sender.key):
            receipts.append(Receipt(Outcome.DOWN, sender.key, "skipped"))
        else:
            return False
        return True

    def _hand_over(self, sender: TextSender, messages: list[TextMessage]) -> list[Receipt]:
        if not messages:
            return []
        receipts = list(sender.send_many(messages))
        _learn(sender.key, [receipt.outcome for receipt in receipts if receipt.reason != "not_tried"])
        for receipt in receipts:
            if receipt.outcome in AILING:
                log.warning("sender %s: %s (%s)", sender.key, receipt.outcome, receipt.reason)
                break
        return receipts

    def _together(self, receipts: list[Receipt]) -> Receipt:
        outcome = taken_together(receipt.outcome for receipt in receipts)
        return next(receipt for receipt in reversed(receipts) if receipt.outcome is outcome)


def is_skipped(key: str) -> bool:
    """Whether this process leaves the sender alone just now, because it failed three times in a row."""
    with _health_lock:
        return _health.get(key, Health()).is_skipped(clock.now())


def forget_health() -> None:
    """Trust every sender again."""
    with _health_lock:
        _health.clear()


def _learn(key: str, outcomes: Sequence[Outcome]) -> None:
    with _health_lock:
        _health[key] = _health.get(key, Health()).after(outcomes, clock.now())


@cache
def text_sender() -> Senders:
    """The senders that this installation is set up with."""
    return Senders([sender_named(name) for name in settings.TEXT_SENDER_ORDER])


def sender_named(name: str) -> Any:
    """A sender by its key, or by the dotted path of its class.

    Raises:
        ImportError: there is none. ValueError: it lacks a setting, or cannot be used here.
    """
    return import_string(settings.TEXT_SENDERS.get(name, name))()


def keepers() -> list[KeepsTexts]:
    """Every sender of this installation that keeps copies: those of the past too, as their files are still there."""
    paths = dict.fromkeys([*settings.TEXT_SENDERS.values(), *map(_path, settings.TEXT_SENDER_ORDER)])
    return [kind() for kind in map(import_string, paths) if hasattr(kind, "forget_texts")]


def _path(name: str) -> str:
    return str(settings.TEXT_SENDERS.get(name, name))


@contextmanager
def place_to_wait(senders: Senders) -> Iterator[None]:
    """Held by a page while it waits for a provider. A few at a time in a process, so that a provider that does not
    answer holds up sign-ins and nothing else.

    Raises:
        TextNotSent: all places are taken, and somebody stands in line already or two seconds were not enough.
    """
    if not senders.distant:
        yield
        return
    if not _room.acquire(blocking=False):
        raise TextNotSent
    try:
        if not _places.acquire(timeout=WAIT_SECONDS):
            raise TextNotSent
        try:
            yield
        finally:
            _places.release()
    finally:
        _room.release()
