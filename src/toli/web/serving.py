"""The server around the application: processes that are watched, replaced and ended in peace."""

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from asyncio import Transport
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn, cast

from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from toli.core import heap
from toli.web.beside import Hearing, Said

log = logging.getLogger(__name__)
APPLICATION = "toli.config.asgi:application"
GRACE_SECONDS = 20  # for answers that are on their way when the server is told to stop
MOST_AT_ONCE = 2000  # connections to one process; more are told to come again
MOST_HEADER = 64 * 1024  # bytes of a request before its body
HEADER_SECONDS = 20  # until a new connection has said what it wants


class CarefulProtocol(HttpToolsProtocol):
    """HTTP from strangers: headers without an end, and connections that say nothing, are cut off."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._unread = 0
        self._silence = self.loop.call_later(HEADER_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._silence.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._in_headers = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._silence.cancel()
        self._in_headers, self._unread = False, 0
        self._hearing: Hearing | None = None
        self._heard: list[bytes] = []
        if (said := self._asked(b"GET", "at_once")) is not None:
            self._give(_Answer(), said)
        elif (hearing := self._asked(b"POST", "hears")) is not None:
            self._hearing = cast(Hearing, hearing)
            self.cycle = _Answer()  # type: ignore[assignment]
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._hearing is None:
            super().on_body(body)
        else:
            self._heard.append(body)

    def on_message_complete(self) -> None:
        hearing, self._hearing = self._hearing, None
        if hearing is None:
            super().on_message_complete()
        else:
            self._give(cast(_Answer, self.cycle), hearing(b"".join(self._heard)))

    def _asked(self, method: bytes, name: str) -> Any:
        """What the application says to a plain request without being called. None: it has to be called."""
        say = getattr(self.app, name, None)
        if say is None or self.parser.get_method() != method or self.parser.get_http_version() != "1.1":
            return None
        if (
            not self.parser.should_keep_alive()
            or self.parser.should_upgrade()
            or self.config.access_log
            or self._is_busy()
        ):
            return None
        try:
            return say(self.url, self.headers, self.client[0] if self.client else "")
        except Exception:  # called, the application has a page for what went wrong
            log.warning("an answer could not be given at once", exc_info=True)
            return None

    def _is_busy(self) -> bool:
        """Whether this connection, or the server, has more to do than to hear what is said at once."""
        most = self.limit_concurrency
        return (
            (self.cycle is not None and not self.cycle.response_complete)
            or bool(self.pipeline)
            or self.flow.write_paused
            or (most is not None and (len(self.connections) >= most or len(self.tasks) >= most))
        )

    def _give(self, answer: "_Answer", said: Said) -> None:
        """Send it, as soon as what it waits for is written. The server waits for it like for any other answer."""
        self.cycle = answer  # type: ignore[assignment]
        if said.written is None or said.written.done():
            self._send(answer, said)
        else:
            said.written.add_done_callback(lambda _written: self._send(answer, said))

    def _send(self, answer: "_Answer", said: Said) -> None:
        if answer.disconnected or self.transport.is_closing():
            return
        if said.otherwise is not None and (
            said.written is None or said.written.cancelled() or said.written.exception()
        ):
            said = said.otherwise
        lines = [b"%s: %s\r\n" % line for line in self.server_state.default_headers]
        length = b"content-length: %d\r\n" % len(said.body)
        close = b"" if answer.keep_alive else b"connection: close\r\n"
        self.transport.write(b"".join((STATUS_LINE[said.status], *lines, said.head, length, close, b"\r\n", said.body)))
        answer.response_complete = True
        if not answer.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if not getattr(self, "_in_headers", True):
            self._unread = 0
        elif self._unread > MOST_HEADER and not self.transport.is_closing():
            self.send_400_response("Too much before the body.")


class _Answer:
    """Stands for an answer given at once where uvicorn looks for the one that is being given."""

    __slots__ = ("disconnected", "keep_alive", "more_body", "response_complete")
    message_event = asyncio.Event()  # nobody waits for it

    def __init__(self) -> None:
        self.disconnected = self.response_complete = self.more_body = False
        self.keep_alive = True


def serve(*, host: str, port: int, workers: int, each_second: Callable[[], None]) -> None:
    """Answer until told to stop, by SIGTERM or Ctrl+C. What is being answered then is answered to its end.

    ``each_second`` is called about once a second by the process that watches the others.
    """
    config = Config(
        APPLICATION,
        loop="uvloop",
        http=CarefulProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # whom to believe is decided in web/client.py
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with socket.create_server((host, port), family=_family(host), backlog=2048) as listening:
        Watched(lambda: Server(config).run([listening]), count=workers).run(each_second)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class Watched:
    """Processes that all do ``work``: one that dies is replaced, and none outlives the one that watches.

    They are forked from a process that has loaded everything and has no other threads, so a new one answers at once.
    """

    def __init__(self, work: Callable[[], None], *, count: int) -> None:
        self._work, self._count = work, count
        self._running: set[int] = set()
        self._stopping = False

    def run(self, each_second: Callable[[], None]) -> None:
        """Keep them running until SIGTERM or SIGINT, then end them in peace."""
        heap.settle()
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self._stopping:
                self._bury()
                self._fill_up()
                each_second()
                self._sleep(1.0)
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, *_signal: object) -> None:
        self._stopping = True

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until:
            time.sleep(0.05)

    def _fill_up(self) -> None:
        while len(self._running) < self._count and not self._stopping:
            parent = os.getpid()
            child = os.fork()
            if child:
                self._running.add(child)
            else:
                _be_child(self._work, parent)

    def _bury(self) -> None:
        for pid in list(self._running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._running.discard(pid)
                if not self._stopping:
                    log.warning("a process of the server ended (%s): starting another", status)

    def _end(self) -> None:
        """Ask all to stop; whoever has not within the grace given is killed."""
        self._stopping = True
        self._signal(signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS + 5
        while self._running and time.monotonic() < until:
            self._bury()
            time.sleep(0.02)
        self._signal(signal.SIGKILL)
        while self._running:
            self._bury()
            time.sleep(0.02)

    def _signal(self, number: int) -> None:
        for pid in self._running:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _be_child(work: Callable[[], None], parent: int) -> NoReturn:
    """Work, and leave without the clearing up that the parent will do."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=_end_with, args=(parent,), name="parent-watch", daemon=True).start()
        work()
        code = 0
    except (KeyboardInterrupt, SystemExit):
        code = 0
    except BaseException:
        log.exception("a process of the server failed")
    finally:
        logging.shutdown()
        os._exit(code)


def _end_with(parent: int) -> None:
    """Stop when the one that watches is gone, so that the port is free again."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
