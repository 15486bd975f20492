"""Runs an emulator: for as long as a block lasts, or until the developer stops it. Always on 127.0.0.1."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

import uvloop
from aiohttp import web

from toli.core import heap

HOST = "127.0.0.1"


class Emulator(Protocol):
    """What can be run: something that makes an aiohttp application."""

    def app(self) -> web.Application:
        """The application."""


@runtime_checkable
class RawEmulator(Protocol):
    """An emulator that brings a server of its own, because it has to be fast."""

    async def start(self, host: str, port: int) -> asyncio.Server:
        """Listen."""
        ...


Stop = Callable[[], Coroutine[Any, Any, None]]


async def _start(emulator: Emulator | RawEmulator, port: int) -> tuple[Stop, int]:
    if isinstance(emulator, RawEmulator):
        server = await emulator.start(HOST, port)

        async def close() -> None:
            server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        return close, int(server.sockets[0].getsockname()[1])
    runner = web.AppRunner(emulator.app(), handler_cancellation=True, shutdown_timeout=1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    return runner.cleanup, int(runner.addresses[0][1])


@contextmanager
def running(emulator: Emulator | RawEmulator, port: int = 0) -> Iterator[str]:
    """Its address, ``http://127.0.0.1:port``, in a thread of its own. ``port`` 0: a free one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="emulator", daemon=True)
    thread.start()
    stop, chosen = asyncio.run_coroutine_threadsafe(_start(emulator, port), loop).result(10)
    try:
        yield f"http://{HOST}:{chosen}"
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def serve(emulator: Emulator | RawEmulator, port: int) -> None:
    """Answer until interrupted. What is loaded is put aside from the collector: half a second in which nothing is read
    would make arrivals look like a burst."""
    heap.settle()
    if isinstance(emulator, RawEmulator):
        with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
            uvloop.run(_serve_raw(emulator, port))
        return
    web.run_app(emulator.app(), host=HOST, port=port, print=None, access_log=None)


async def _serve_raw(emulator: RawEmulator, port: int) -> None:
    server = await emulator.start(HOST, port)
    await server.serve_forever()
