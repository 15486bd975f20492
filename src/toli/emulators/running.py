"""Runs an emulator: for as long as a block lasts, or until the developer stops it. Always on 127.0.0.1."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from aiohttp import web

HOST = "127.0.0.1"


class Emulator(Protocol):
    """What can be run: something that makes an aiohttp application."""

    def app(self) -> web.Application:
        """The application."""


async def _start(emulator: Emulator, port: int) -> tuple[web.AppRunner, int]:
    runner = web.AppRunner(emulator.app(), handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    return runner, int(runner.addresses[0][1])


@contextmanager
def running(emulator: Emulator, port: int = 0) -> Iterator[str]:
    """Its address, ``http://127.0.0.1:port``, in a thread of its own. ``port`` 0: a free one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="emulator", daemon=True)
    thread.start()
    runner, chosen = asyncio.run_coroutine_threadsafe(_start(emulator, port), loop).result(10)
    try:
        yield f"http://{HOST}:{chosen}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def serve(emulator: Emulator, port: int) -> None:
    """Answer until interrupted."""
    web.run_app(emulator.app(), host=HOST, port=port, print=None, access_log=None)
