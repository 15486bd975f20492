"""HTTP/1.1 as far as API clients on this machine speak it, without a framework: an emulator must not be what a
benchmark measures."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests",
           500: "Internal Server Error", 503: "Service Unavailable"}  # fmt: skip
MOST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """``hang_up``: cut the connection instead of answering. ``after``: seconds to wait first."""

    status: int = 200
    body: bytes = b"{}"
    hang_up: bool = False
    after: float = 0.0
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = "application/json"


Handle = Callable[[Request], Answer]


class Connection(asyncio.Protocol):
    """One connection of a client: requests one after the other, answered by ``handle``."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._seen = b""
        self._transport: asyncio.Transport | None = None
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._seen = self._seen + data if self._seen else data
        self._go_on()

    def _go_on(self) -> None:
        while not self._waiting and self._transport is not None and (request := self._next()) is not None:
            answer = self._handle(request)
            if answer.after:
                self._waiting = True
                asyncio.get_running_loop().call_later(answer.after, self._late, answer)
            else:
                self._answer(answer)

    def _late(self, answer: Answer) -> None:
        self._waiting = False
        if self._transport is not None:
            self._answer(answer)
            self._go_on()

    def _answer(self, answer: Answer) -> None:
        if self._transport is None:
            return
        if answer.hang_up:
            self._transport.abort()
            self._transport = None
            return
        more = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        head = (
            f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Status')}\r\nContent-Type: {answer.kind}\r\n"
            f"Content-Length: {len(answer.body)}\r\n{more}\r\n"
        )
        self._transport.write(head.encode() + answer.body)

    def _next(self) -> Request | None:
        """The next whole request; None while some of it is missing."""
        end = self._seen.find(b"\r\n\r\n")
        if end < 0:
            return None
        lines = self._seen[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        if headers.get("transfer-encoding") or length > MOST:
            self._answer(Answer(400, hang_up=True))
            return None
        if len(self._seen) < end + 4 + length:
            return None
        body, self._seen = self._seen[end + 4 : end + 4 + length], self._seen[end + 4 + length :]
        method, target, _version = lines[0].split(" ", 2)
        return Request(method, target, headers, body)


async def listen(handle: Handle, host: str, port: int) -> asyncio.Server:
    """Answer on ``host`` and ``port`` (0: a free one) until the server is closed."""
    return await asyncio.get_running_loop().create_server(lambda: Connection(handle), host, port, backlog=1024)
