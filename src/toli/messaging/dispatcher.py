"""The process that sends: a few lanes for each sender, each a thread that claims, boards, sends and writes down.

The calls of all lanes share one event loop; the lanes themselves wait for the database and for each other's places
in time, which costs nothing. A sender that is slow holds up its own lanes and no others. Lanes sleep while nothing
waits for their sender: one statement asks for all senders, so idle ones cost nothing either.
"""

import asyncio
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import uvloop
from django.db import Error as DatabaseError
from django.db import connection

from toli.compliance.errors import ChannelBarred
from toli.core import heap
from toli.core.errors import DomainError
from toli.messaging import selectors
from toli.messaging.domain.pacing import Pace, Places, is_kept
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.models import Sender
from toli.messaging.ports import ChannelProvider, Payload, SendReceipt
from toli.messaging.services import control, dispatching, effects, limits, senders, sweeping

log = logging.getLogger(__name__)
BATCH = 500
LANES = 2
CONNECTIONS = 64
CALL_SECONDS = 20.0
IDLE = 0.2  # seconds between looks at an empty outbox
AFTER_TROUBLE = 1.0
LANE_SLEEPS = 30.0  # seconds without work after which a lane ends
ON_THE_WIRE = 2.0  # seconds from the beginning of a call until the provider has it
NOT_BEGUN = SendReceipt(Verdict.NOT_BEGUN)
CUT_OFF = SendReceipt(Verdict.UNKNOWN, code="cut_off")
TROUBLE = SendReceipt(Verdict.NOT_REACHED, code="trouble")


@dataclass(frozen=True, slots=True)
class Options:
    """How a dispatcher works. ``lease``: how long a claimed message is held; its calls end well before."""

    batch: int = BATCH
    lanes: int = LANES
    connections: int = CONNECTIONS
    lease: timedelta = dispatching.LEASE
    call_seconds: float = CALL_SECONDS
    window: timedelta = sweeping.WINDOW
    idle: float = IDLE

    @property
    def flight_seconds(self) -> float:
        """How long a batch may be under way: its calls are cut off before its lease can end."""
        return max(self.lease.total_seconds() * 0.75 - 1, self.lease.total_seconds() * 0.5)

    @property
    def abroad(self) -> timedelta:
        """How long after boarding a message can still arrive: the law is asked for that moment as well."""
        return timedelta(seconds=self.flight_seconds + ON_THE_WIRE)


@dataclass
class Journey:
    """One batch under way: see ports.Flight."""

    session: aiohttp.ClientSession
    ends_at: float  # time.monotonic
    connections: int
    places: Callable[[int], Awaitable[Places]] | None = None
    _pace: Pace = field(default_factory=Pace)
    _filling: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def each(
        self,
        payloads: Sequence[Payload],
        send: Callable[[Payload], Awaitable[SendReceipt]],
        *,
        at_once: int | None = None,
    ) -> list[SendReceipt]:
        """``send`` for each payload, none faster than the limits and none after the time is over. Receipts in order."""
        abreast = min(self.connections, at_once or self.connections, len(payloads))
        receipts = [NOT_BEGUN] * len(payloads)
        waiting = iter(range(len(payloads)))

        async def work() -> None:
            for place in waiting:
                if not await self._turn(len(payloads) - place):
                    continue
                receipts[place] = CUT_OFF  # until we hear more
                receipts[place] = await self._sent(payloads[place], send)

        with suppress(TimeoutError):  # what was begun when the journey ends stays cut off
            async with asyncio.timeout(max(self.ends_at - time.monotonic(), 0)):
                await asyncio.gather(*[work() for _ in range(abreast)])
        return receipts

    async def _sent(self, payload: Payload, send: Callable[[Payload], Awaitable[SendReceipt]]) -> SendReceipt:
        try:
            return await send(payload)
        except Exception as error:
            log.warning("a call failed in a way that its provider does not know: %s", type(error).__name__)
            return SendReceipt(Verdict.UNKNOWN, code=type(error).__name__)

    async def _turn(self, left: int) -> bool:
        """Wait for the next place in time. False: the journey is over before."""
        while time.monotonic() < self.ends_at:
            if self.places is None:
                return True
            place = self._pace.next(time.monotonic())
            if place is None:
                await self._fill(left)
                continue
            wait = place - time.monotonic()
            if wait > 0.001:
                await asyncio.sleep(min(wait, max(self.ends_at - time.monotonic(), 0)))
            if is_kept(place, time.monotonic()):
                return time.monotonic() < self.ends_at
        return False

    async def _fill(self, left: int) -> None:
        async with self._filling:
            if self._pace.left or self.places is None:
                return
            found = await self.places(left)
            self._pace.fill(found, time.monotonic())
            if not found.count:
                await asyncio.sleep(min(found.start_in, max(self.ends_at - time.monotonic(), 0.001)))


@dataclass
class Lane:
    """A thread that sends for one sender, and what wakes it."""

    thread: threading.Thread
    wake: threading.Event


class Dispatcher:
    """Sends until told to stop."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.worker = f"{socket.gethostname()[:20]}:{os.getpid()}:{secrets.token_hex(4)}"[:40]
        self.sent = 0
        self._stopping = threading.Event()
        self._loop = uvloop.new_event_loop()
        self._lanes: dict[tuple[int, int], Lane] = {}
        self._session: aiohttp.ClientSession | None = None
        self._opening = threading.Lock()
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="places")

    def stop(self) -> None:
        """Claim nothing more; what is under way is brought to its end."""
        self._stopping.set()

    def run(self) -> None:
        """Work until :meth:`stop`, with lanes of their own for each sender. For a process that does nothing else."""
        heap.settle()
        with self._calls():
            try:
                self._supervise()
            finally:
                self._stopping.set()
                for lane in self._lanes.values():
                    lane.wake.set()
                for lane in self._lanes.values():
                    lane.thread.join()
                connection.close()

    def run_until_idle(self) -> int:
        """Send what can be sent now, in this thread. Returns how many messages were accepted."""
        with self._calls():
            if control.require_sending():
                return 0
            sweeping.sweep(window=self.options.window)
            while not self._stopping.is_set():
                claimed = [self._step(sender) for sender in selectors.active_senders()]  # one batch of each
                if not any(claimed):
                    break
        return self.sent

    @contextmanager
    def _calls(self) -> Iterator[None]:
        """The event loop of the calls, in a thread of its own."""
        loop = threading.Thread(target=self._loop.run_forever, name="calls", daemon=True)
        loop.start()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            loop.join(10)
            self._asking.submit(lambda: connection.close()).result(10)  # each thread has its own
            self._asking.shutdown()
            self._loop.close()

    # -- internals -----------------------------------------------------------------------------

    def _supervise(self) -> None:
        """Wake the lanes of senders that have something to send; do what time demands."""
        swept = 0.0
        while not self._stopping.is_set():
            try:
                for sender in [] if control.require_sending() else selectors.senders_with_work():
                    self._wake_lanes(sender)
                if time.monotonic() - swept > min(self.options.lease.total_seconds() / 4, 5):
                    swept = time.monotonic()
                    sweeping.sweep(window=self.options.window)
            except DatabaseError:
                _rest_after_trouble()
            self._stopping.wait(self.options.idle)

    def _wake_lanes(self, sender: Sender) -> None:
        for number in range(self.options.lanes):
            lane = self._lanes.get((sender.pk, number))
            if lane is None or not lane.thread.is_alive():
                wake = threading.Event()
                thread = threading.Thread(
                    target=self._lane, args=(sender.pk, wake), name=f"{sender.code}-{number}", daemon=True
                )
                lane = self._lanes[sender.pk, number] = Lane(thread, wake)
                thread.start()
            lane.wake.set()

    def _lane(self, sender_id: int, wake: threading.Event) -> None:
        """One batch after the other while there are any, until the sender is no longer active."""
        try:
            while self._goes_on(wake):
                try:
                    sender = Sender.objects.select_related("portfolio").filter(pk=sender_id, state="active").first()
                    if sender is None or control.standing().paused:
                        return
                    if not self._step(sender):
                        wake.clear()  # who still has something to send is woken again with the next look
                except DatabaseError:
                    _rest_after_trouble()
        finally:
            connection.close()

    def _goes_on(self, wake: threading.Event) -> bool:
        """Sleep until there is work. Asked before and after: who is told to stop has ``wake`` set behind it."""
        return not self._stopping.is_set() and wake.wait(LANE_SLEEPS) and not self._stopping.is_set()

    def _step(self, sender: Sender) -> int:
        """Claim, board, send, write down. Returns how many were claimed."""
        try:
            provider = senders.provider_of(sender)
        except DomainError as error:
            effects.pause_sender(sender, "channel_barred" if isinstance(error, ChannelBarred) else error.code)
            return 0
        most = self._allowance(sender)
        ends_at = time.monotonic() + self.options.flight_seconds  # before the lease begins, so that it ends before it
        held = dispatching.claim(sender, most=most, worker=self.worker, lease=self.options.lease) if most else []
        if sender.portfolio_id and len(held) < most:
            limits.give_back(sender.portfolio_id, most - len(held))
        if held:
            self._carry(sender, provider, held, ends_at)
        return len(held)

    def _carry(
        self, sender: Sender, provider: ChannelProvider, held: Sequence[dispatching.Held], ends_at: float
    ) -> None:
        """Send what was claimed. Where we fail before the first call, all of it goes back."""
        called = False
        try:
            within = self.options.abroad + provider.lingers
            with dispatching.boarding(sender, provider, held, within=within) as boarded:
                receipts: list[SendReceipt] = []
                if boarded.going:
                    flight = self._journey(sender, ends_at)
                    called = True
                    going = provider.send(boarded.payloads, flight=flight)
                    receipts = asyncio.run_coroutine_threadsafe(going, self._loop).result()
                news = [*boarded.news, *map(dispatching.judged, boarded.going, receipts)]
                dispatching.settle(news)
                effects.publish_effects(sender, news)
        except DatabaseError:
            raise
        except Exception:
            log.exception("a batch of sender %s came to grief", sender.code)
            if not called:
                dispatching.settle([dispatching.judged(item, TROUBLE) for item in held])
            self._stopping.wait(AFTER_TROUBLE)
            return
        self.sent += sum(receipt.verdict is Verdict.ACCEPTED for receipt in receipts)
        effects.apply_effects(sender, news)

    def _allowance(self, sender: Sender) -> int:
        """How many to claim: a second's worth at most, and no more than the portfolio has left."""
        most = self.options.batch if not sender.per_second else max(min(self.options.batch, int(sender.per_second)), 1)
        if sender.portfolio and sender.portfolio.per_day:
            most = limits.spend(sender.portfolio.pk, wanted=most, per_day=sender.portfolio.per_day)
        return most

    def _journey(self, sender: Sender, ends_at: float) -> Journey:
        with self._opening:
            if self._session is None:
                self._session = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
            session = self._session
        places = None if not sender.per_second else self._places(sender)
        return Journey(session, ends_at, self.options.connections, places)

    async def _hang_up(self) -> None:
        """Close every line. Providers that keep lines of their own open do so in tasks, which end here."""
        if self._session is not None:
            await self._session.close()
        kept = asyncio.all_tasks() - {asyncio.current_task()}
        for task in kept:
            task.cancel()
        await asyncio.gather(*kept, return_exceptions=True)

    async def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self.options.call_seconds, connect=5),
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=self.options.connections * self.options.lanes),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    def _places(self, sender: Sender) -> Callable[[int], Awaitable[Places]]:
        key, per_second = f"sender:{sender.pk}", sender.per_second

        def take(wanted: int) -> Places:
            return limits.take_places(key, wanted=wanted, per_second=per_second, horizon=max(0.25, 2 / per_second))

        async def places(wanted: int) -> Places:
            return await asyncio.get_running_loop().run_in_executor(self._asking, take, wanted)

        return places


def _rest_after_trouble() -> None:
    """The database went away: what this lane held is unknown to us, and its lease will end."""
    log.warning("the database does not answer; trying again")
    with suppress(DatabaseError):
        connection.close()
    time.sleep(AFTER_TROUBLE)
