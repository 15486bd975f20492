"""Share links for the thin path: found and counted in batches, on the event loop.

Whoever records an open waits until it is on the disk; many who wait at one moment share one statement (group commit).
Should the database take longer than PATIENCE, they are told so and go on, and the opens stay in the queue: only then,
and only for as long as that lasts, is something answered that is not yet written.
"""

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from toli.core import quick
from toli.core.domain import crowds
from toli.sharing.services.opens import RECORD

PATIENCE = 2.0  # seconds that a page waits for its open to be written
MOST_AT_ONCE = 500  # opens in one statement
MOST_WAITING = 100_000  # opens kept while the database is away; more are let go, and that is logged
MOST_KNOWN = 200_000  # visits remembered as written, so that reloading a page costs no statement
TRY_AGAIN = 0.5  # seconds
_FIND = """SELECT l.code, l.id, l.kit_id, l.member_id, m.name
  FROM sharing_sharelink l JOIN members_member m ON m.id = l.member_id WHERE l.code = ANY(%s)"""
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, OSError)
log = logging.getLogger(__name__)

Visit = tuple[int, date, bytes]
Waiting = list[tuple[Visit, "asyncio.Future[bool]"]]


@dataclass(frozen=True, slots=True)
class FoundLink:
    """What the page of a link needs to know of it."""

    code: str
    link_id: int
    kit_id: int
    member_id: int
    sender: str


@dataclass(slots=True)
class _Batch:
    """What is asked with one statement. ``done`` tells whoever waits."""

    items: list[str] = field(default_factory=list)
    done: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class LinkBook:
    """Finds links and records opens. Lives on one event loop, from :meth:`start` to :meth:`stop`."""

    def __init__(self) -> None:
        self._pool = quick.pool("a citizen opens a link whose code they were given")
        self._asked: _Batch | None = None
        self._waiting: Waiting = []
        self._known: set[Visit] = set()
        self._wanted = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writing = False
        self._overdue = False  # whether the statement under way takes too long: nobody waits for the next ones

    async def start(self) -> None:
        """Begin. A database that is away does not hinder that."""
        self._loop = asyncio.get_running_loop()
        await self._pool.open(wait=False)
        self._start(self._keep_writing())

    async def stop(self) -> None:
        """Write what waits, if the database answers, and end."""
        until = time.monotonic() + PATIENCE
        while (self._waiting or self._writing) and time.monotonic() < until:
            await asyncio.sleep(0.01)
        for task in list(self._tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._pool.close()

    async def find(self, code: str) -> FoundLink | None:
        """The link with this code, which must be clean. Questions of one moment are asked together.

        Raises:
            OSError, psycopg.OperationalError, PoolTimeout: the database is away.
        """
        if self._asked is None:
            self._asked = _Batch()
            self._start(self._look_up())
        asked = self._asked
        asked.items.append(code)
        found: dict[str, FoundLink] = await asyncio.shield(asked.done)
        return found.get(code)

    def record(self, link_id: int, day: date, visitor: bytes) -> "asyncio.Future[bool] | None":
        """Count a visit, once for each visitor and day. None: it is counted already, or cannot be.

        Else the future that becomes True as soon as it is on the disk, or False when that takes too long.
        """
        visit = (link_id, day, visitor)
        if visit in self._known:
            return None
        if len(self._waiting) >= MOST_WAITING:
            log.error("opens are not counted: %s wait for the database", MOST_WAITING)
            return None
        told = self._loop.create_future()
        if self._overdue:
            told.set_result(False)
        self._waiting.append((visit, told))
        self._wanted.set()
        return told

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look_up(self) -> None:
        await asyncio.sleep(0)  # whoever asks in this turn of the loop comes along
        asked, self._asked = self._asked, None
        if asked is None:
            return
        try:
            async with self._pool.connection() as connection:
                rows = await (await connection.execute(_FIND, [asked.items])).fetchall()
            asked.done.set_result({row[0]: FoundLink(*row) for row in rows})
        except Exception as error:
            asked.done.set_exception(error)
            asked.done.exception()  # seen, also when nobody waits any more

    async def _keep_writing(self) -> None:
        crowded = False  # whether others came with the last one
        while True:
            await self._wanted.wait()
            if crowded and len(self._waiting) < crowds.ENOUGH:
                await asyncio.sleep(crowds.COMPANY)
            count = crowds.how_many(len(self._waiting), most=MOST_AT_ONCE)
            part, self._waiting = self._waiting[:count], self._waiting[count:]
            if not self._waiting:
                self._wanted.clear()
            self._writing = True
            impatient = self._loop.call_later(PATIENCE, self._let_go, part)
            await self._write({visit for visit, _told in part})
            impatient.cancel()
            _tell(part, is_written=True)
            self._writing = self._overdue = False
            crowded = count > 1

    def _let_go(self, part: "Waiting") -> None:
        """The disk takes too long for these, and for those behind them."""
        self._overdue = True
        _tell([*part, *self._waiting], is_written=False)

    async def _write(self, visits: set[Visit]) -> None:
        links, days, seen = zip(*sorted(visits), strict=True)
        values = {"links": list(links), "days": list(days), "visitors": list(seen)}
        while True:
            try:
                async with self._pool.connection() as connection:
                    await connection.execute(RECORD, values)
                break
            except _AWAY:
                log.warning("opens wait: the database does not answer")
                await asyncio.sleep(TRY_AGAIN)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._known.update(visits)


def _tell(waiting: "Waiting", *, is_written: bool) -> None:
    for _visit, told in waiting:
        if not told.done():  # the visitor may be gone, or was told before that it takes too long
            told.set_result(is_written)
