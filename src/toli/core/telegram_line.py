"""aiogram's client, kept open in a thread of its own, for code that is not asynchronous."""

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession

Result = TypeVar("Result")
AT_ONCE = 30
SECONDS = 20.0  # for one call


class Line:
    """A loop in a thread of its own, and aiogram's open sessions in it: making one costs a tenth of a second."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._sessions: dict[str, AiohttpSession] = {}
        threading.Thread(target=self._loop.run_forever, name="telegram", daemon=True).start()
        atexit.register(self.hang_up)

    def meet(self, token: str, url: str, do: "Callable[[Bot], Coroutine[Any, Any, Result]]") -> Result:
        """What ``do`` returns, given aiogram's client."""
        return asyncio.run_coroutine_threadsafe(self._met(token, url, do), self._loop).result()

    async def _met(self, token: str, url: str, do: "Callable[[Bot], Coroutine[Any, Any, Result]]") -> Result:
        from aiogram import Bot

        return await do(Bot(token, session=self._session(url)))

    def _session(self, url: str) -> "AiohttpSession":
        from aiogram.client.session.aiohttp import AiohttpSession
        from aiogram.client.telegram import TelegramAPIServer

        if url not in self._sessions:
            api = TelegramAPIServer.from_base(url)
            self._sessions[url] = AiohttpSession(api=api, timeout=SECONDS, limit=AT_ONCE)
        return self._sessions[url]

    def hang_up(self) -> None:
        """Close what is open."""

        async def close() -> None:
            await asyncio.gather(*[session.close() for session in self._sessions.values()])

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)


@cache
def line() -> Line:
    """The one of this process, opened on first use: a server that forks has not opened it yet."""
    return Line()
