"""Handing many small requests to a service on the internet, and knowing of each what became of it.

The difference that counts is kept: a request that surely never arrived, one that was answered, and one of which
nobody knows. Redirects are not followed, as they would carry a credential to another host.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import aiohttp

from toli.core.apart import apart

Item = TypeVar("Item")
Result = TypeVar("Result")

BODY_LIMIT = 64 * 1024
CONNECT_SECONDS = 3.0
GIVE_UP = 5  # failures in a row, after which the rest of a batch is not begun


@dataclass(frozen=True, slots=True)
class Post:
    """One request. What it holds is not shown in tracebacks."""

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request.

    ``reached`` False: no byte of it arrived. ``reached`` with ``status`` None: it may have arrived, the answer did
    not. ``retry_after``: seconds that the service asked us to wait.
    """

    reached: bool
    status: int | None = None
    body: bytes = field(default=b"", repr=False)
    retry_after: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Line:
    """An open line to services, with one limit of time for each request."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(self, post: Post) -> Reply:
        """What became of it; never raises for what the network or the service does."""
        try:
            async with self._session.request(
                post.method, post.url, data=post.body, headers=dict(post.headers), allow_redirects=False
            ) as answer:
                body = await answer.content.read(BODY_LIMIT)
                wait = _seconds(answer.headers.get("Retry-After", ""))
                return Reply(True, answer.status, body, wait, answer.headers)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL):
            return Reply(reached=False)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Reply(reached=True)


def each(
    items: Sequence[Item],
    do: Callable[[Line, Item], Awaitable[Result]],
    *,
    failed: Callable[[Result], bool],
    timeout: float,
    within: float,
    concurrency: int = 20,
) -> list[Result | None]:
    """``do`` for each item, several at a time. Results in the order of the items; None for what was not begun.

    Nothing more is begun after ``within`` seconds, or after five ``failed`` results in a row. ``timeout``: seconds
    for one request, of which three at most are for connecting. Blocks, also where a loop of asyncio runs already.
    """
    return apart(lambda: asyncio.run(_each(items, do, failed, timeout, within, concurrency)), name="posting")


async def _each(
    items: Sequence[Item],
    do: Callable[[Line, Item], Awaitable[Result]],
    failed: Callable[[Result], bool],
    timeout: float,
    within: float,
    concurrency: int,
) -> list[Result | None]:
    results: list[Result | None] = [None] * len(items)
    places = iter(range(len(items)))
    ends_at = time.monotonic() + within
    in_a_row = 0

    async def work(line: Line) -> None:
        nonlocal in_a_row
        for place in places:
            if in_a_row >= GIVE_UP or time.monotonic() >= ends_at:
                return
            result = await do(line, items[place])
            results[place] = result
            in_a_row = in_a_row + 1 if failed(result) else 0

    limits = aiohttp.ClientTimeout(total=timeout, connect=min(CONNECT_SECONDS, timeout))
    workers = min(concurrency, len(items))
    async with aiohttp.ClientSession(
        timeout=limits, connector=aiohttp.TCPConnector(limit=workers or 1), cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        line = Line(session)
        await asyncio.gather(*[work(line) for _ in range(workers)])
    return results


def _seconds(text: str) -> float | None:
    """Retry-After in seconds; a date, which few services send, reads as not said."""
    return float(text) if text.isascii() and text.isdigit() else None
