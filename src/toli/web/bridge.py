"""Django by WSGI inside the ASGI server: each request in a thread of a fixed set, as its views expect.

What a2wsgi does, with one hand-over between loop and thread for a page instead of one for each part of it: a page
costs about a third less (docs/decisions/0029). Answers in several parts are still sent part by part.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from a2wsgi.wsgi import Body, build_environ

from toli.web.beside import Receive, Scope, Send

Wsgi = Callable[[Any, Callable[..., Any]], Iterable[bytes]]
MOST_LINE = 16 * 1024  # bytes of a request's address; more is nobody's


class DjangoByWsgi:
    """An ASGI application around a WSGI one."""

    def __init__(self, application: Wsgi, *, threads: int) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        if len(scope["raw_path"]) + len(scope["query_string"]) > MOST_LINE:
            return await _plain(send, 414, b"too long\n")
        if not scope["query_string"].isascii():
            return await _plain(send, 400, b"not an address\n")
        environ = build_environ(scope, Body(loop, receive))  # type: ignore[arg-type]
        await loop.run_in_executor(self._pool, _Answer(self._application, loop, send).give, environ)
        return None

    def close(self) -> None:
        """End the threads once they are idle."""
        self._pool.shutdown(wait=True)


async def _plain(send: Send, status: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


class _Answer:
    """One answer on its way from a thread into the loop."""

    def __init__(self, application: Wsgi, loop: asyncio.AbstractEventLoop, send: Send) -> None:
        self._application, self._loop, self._send = application, loop, send
        self._start: dict[str, Any] | None = None

    def give(self, environ: Any) -> None:
        """Run the application and send what it says. For a thread of the pool."""
        parts = self._application(environ, self._begin)
        try:
            waiting: bytes | None = None
            for part in parts:
                if waiting is not None:
                    self._hand_over(waiting, more=True)
                waiting = part
            self._hand_over(waiting or b"", more=False)
        finally:
            getattr(parts, "close", lambda: None)()

    def _begin(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        self._start = {
            "type": "http.response.start",
            "status": int(status.split(" ", 1)[0]),
            "headers": [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers],
        }
        return lambda part: self._hand_over(part, more=True)

    def _hand_over(self, part: bytes, *, more: bool) -> None:
        asyncio.run_coroutine_threadsafe(self._say(part, more), self._loop).result()

    async def _say(self, part: bytes, more: bool) -> None:
        start, self._start = self._start, None
        if start is not None:
            await self._send(start)
        await self._send({"type": "http.response.body", "body": part, "more_body": more})
