"""``/in/<sender>``: what providers report. Answered once it is on disk, many at a time in one statement.

A provider that gets no 200 comes again, so nothing is answered early; and what comes twice is harmless.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import psycopg
from django.db import connection

from toli.core import clock, jobs, wall
from toli.core.domain import crowds
from toli.core.domain.storable import is_storable
from toli.core.errors import DomainError
from toli.messaging.ports import Callback, CallbackRejected
from toli.messaging.services.callbacks import KEEP, NEXT_IDS, Line, line, sealed_rows
from toli.web.beside import App, Headers, Hearing, Receive, Said, Scope, Send

log = logging.getLogger(__name__)
PREFIX = "/in/"
MOST_BODY = 3 * 1024 * 1024  # Meta sends 3 MB at most
KNOWN_SECONDS = 15.0  # how long a sender's settings are believed
MOST_WAITING = 5000
AT_ONCE = 1000
WAKE_SECONDS = 0.5
HEADERS = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
HEAD = b"".join(b"%s: %s\r\n" % line for line in HEADERS)
_Waiting = tuple[int, bytes, "asyncio.Future[None]"]
REJECTED, LATER = Said(403, HEAD, b""), Said(503, HEAD, b"")


class TooMuch(Exception):
    """More is waiting for the disk than we are willing to hold; the provider comes again."""


class Keeper:
    """Brings reports to the disk, many that wait in one statement (group commit)."""

    def __init__(self, aside: ThreadPoolExecutor) -> None:
        self._aside = aside
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._ids: list[int] = []  # taken from the sequence ahead, as a body is sealed for its row
        self._woken = 0.0
        self._work: asyncio.Task[None] | None = None

    def keep(self, sender_id: int, body: bytes) -> "asyncio.Future[None]":
        """Done when it is on disk, or with what the database raised. Raises TooMuch."""
        if len(self._waiting) >= MOST_WAITING:
            raise TooMuch
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._keep_all())
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((sender_id, body, kept))
        self._wake.set()
        return kept

    async def close(self) -> None:
        """Stop; what waits gets no answer, so it comes again."""
        if self._work is not None:
            self._work.cancel()
            with suppress(asyncio.CancelledError):
                await self._work
        if self._connection is not None:
            await self._connection.close()

    async def _keep_all(self) -> None:
        crowded = False  # whether others came with the last one
        while True:
            await self._wake.wait()
            if crowded and len(self._waiting) < crowds.ENOUGH:
                await asyncio.sleep(crowds.COMPANY)
            count = crowds.how_many(len(self._waiting), most=AT_ONCE)
            part, self._waiting = self._waiting[:count], self._waiting[count:]
            if not self._waiting:
                self._wake.clear()
            await self._keep_part(part)
            crowded = count > 1

    async def _keep_part(self, part: list[_Waiting]) -> None:
        try:
            await self._write([(sender_id, body) for sender_id, body, _kept in part])
        except Exception as error:
            log.warning("reports could not be kept (%s)", type(error).__name__)
            self._connection = None
            for _sender, _body, kept in part:
                if not kept.done():
                    kept.set_exception(error)
                    kept.exception()  # seen, also when nobody waits any more
            return
        for _sender, _body, kept in part:
            if not kept.done():
                kept.set_result(None)
        self._wake_reader()

    async def _write(self, bodies: list[tuple[int, bytes]]) -> None:
        if self._connection is None:
            self._connection = await _connect()
        if len(self._ids) < len(bodies):
            self._ids = [row[0] for row in await (await self._connection.execute(NEXT_IDS, [AT_ONCE])).fetchall()]
        ids, self._ids = self._ids[: len(bodies)], self._ids[len(bodies) :]
        await self._connection.execute(KEEP, sealed_rows(ids, bodies, at=clock.now()))

    def _wake_reader(self) -> None:
        """Have the job run soon, asked for at most twice a second; each minute it runs by itself."""
        if time.monotonic() - self._woken >= WAKE_SECONDS:
            self._woken = time.monotonic()
            self._aside.submit(_wake)


def _wake() -> None:
    try:
        jobs.enqueue_once("messaging.read_callbacks")
    except Exception as error:
        log.warning("the reader of reports could not be woken (%s)", type(error).__name__)
    finally:
        connection.close_if_unusable_or_obsolete()


async def _connect() -> psycopg.AsyncConnection[Any]:
    """A connection that may add reports and nothing else."""
    usual = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname", "application_name")
    made = await psycopg.AsyncConnection.connect(
        autocommit=True, **{name: usual[name] for name in names if usual.get(name)}
    )
    await made.execute(f"SET ROLE {wall.ROLE}")
    return made


class ProviderCallbacks:
    """The thin path: see toli.web.beside."""

    def __init__(self) -> None:
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="reports")
        self._keeper = Keeper(self._aside)
        self._lines: dict[str, tuple[float, Line | None]] = {}
        self._looking: dict[str, asyncio.Future[Line | None]] = {}

    async def startup(self) -> None:
        """Nothing to open before the first report comes."""

    async def shutdown(self) -> None:
        await self._keeper.close()
        await asyncio.get_running_loop().run_in_executor(self._aside, lambda: connection.close())
        self._aside.shutdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send, django: App) -> None:
        status, body = await self._answer(scope, receive)
        await _respond(send, status, body)

    def hears(self, path: str, headers: Headers) -> Hearing | None:
        """Who takes a report, where its sender has been looked up a moment ago."""
        at, found = self._lines.get(path[len(PREFIX) :], (0.0, None))
        if found is None or time.monotonic() - at > KNOWN_SECONDS:
            return None
        return partial(self._hear, found, _texts(headers.items()), {})

    def _hear(self, found: Line, headers: dict[str, str], query: dict[str, str], body: bytes) -> Said:
        """The answer, to be given when the report is on disk."""
        try:
            found.provider.verify(Callback(body, headers, query))
            return Said(200, HEAD, b"ok", self._keeper.keep(found.sender_id, body), otherwise=LATER)
        except CallbackRejected:
            return REJECTED
        except Exception as error:
            log.warning("a report could not be kept (%s)", type(error).__name__)
            return LATER

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        found = await self._line(scope["path"].removeprefix(PREFIX))
        if found is None:
            return 404, b""
        headers = _texts(scope["headers"])
        asked = scope.get("query_string", b"")
        query = dict(parse_qsl(asked.decode("latin-1"))) if asked else {}
        try:
            if scope["method"] == "GET":
                return 200, found.provider.greet(Callback(b"", headers, query, "GET"))
            if scope["method"] != "POST":
                return 405, b""
            said = self._hear(found, headers, query, await _body(receive))
            if said.written is not None:
                await said.written
        except CallbackRejected:
            return 403, b""
        except ValueError:
            return 413, b""
        except Exception:
            return 503, b""
        return said.status, said.body

    async def _line(self, code: str) -> Line | None:
        """The sender behind the address, as it was within the last seconds."""
        at, found = self._lines.get(code, (0.0, None))
        if time.monotonic() - at <= KNOWN_SECONDS:
            return found
        if not is_storable(code, 40) or (len(self._lines) > 200 and code not in self._lines):
            return None
        if code not in self._looking:  # hundreds may ask at the moment when it is no longer believed: one looks
            self._looking[code] = asyncio.ensure_future(self._look(code))
        return await asyncio.shield(self._looking[code])

    async def _look(self, code: str) -> Line | None:
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._aside, _look_up, code)
            self._lines[code] = (time.monotonic(), found)
            return found
        finally:
            del self._looking[code]


def _look_up(code: str) -> Line | None:
    try:
        return line(code)
    except DomainError:
        return None
    finally:
        connection.close_if_unusable_or_obsolete()


async def _body(receive: Receive) -> bytes:
    """The whole body. Raises ValueError when it is too large."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        part = message.get("body", b"")
        size += len(part)
        if size > MOST_BODY:
            raise ValueError
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


async def _respond(send: Send, status: int, body: bytes) -> None:
    headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
