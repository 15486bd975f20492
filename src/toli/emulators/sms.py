"""An SMS gateway on this machine: takes JSON and forms, keeps what it got in memory, shows it at GET /messages, reports
what became of each text, and hands on what people write: POST /inbox with ``from`` and ``text``."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import BasicAuth, web

from toli.core.ledger import read_ledger
from toli.emulators.faults import Faults, readable

TO, TEXT = ("to", "To", "mobile", "number"), ("message", "Body", "text", "content")
REFERENCE = ("reference", "client_ref", "custom")


@dataclass
class Reports:
    """Where delivery reports go, signed by which key. ``failing``: the status for numbers with this end. ``twice``:
    each report comes once more."""

    url: str = ""
    secret: str = ""
    failing: dict[str, str] = field(default_factory=dict)
    twice: bool = False


@dataclass
class SmsGateway:
    """``secret``: must stand in a header of each request; empty: nobody is asked for it. ``error``: what the answer
    says is wrong with every text. ``taken``: how often each reference was taken. ``ledger``: a file to which every text
    is added before it is answered, with the moment; who starts again reports on what stands there once more."""

    secret: str = ""
    faults: Faults = field(default_factory=Faults)
    reports: Reports = field(default_factory=Reports)
    error: str = ""
    ledger: Path | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    reported: int = 0

    def __post_init__(self) -> None:
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        for message in read_ledger(self.ledger) if self.ledger else ():
            self._remember(message)
        self._file = self.ledger.open("ab", buffering=0) if self.ledger else None

    def app(self) -> web.Application:
        """The service, to be run by emulators/running.py."""
        app = web.Application()
        app.router.add_get("/messages", self._show)
        app.router.add_delete("/messages", self._clear)
        app.router.add_post("/inbox", self._write)
        app.router.add_post("/{path:.*}", self._take)
        app.cleanup_ctx.append(self._reporting)
        return app

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        fault = self.faults.draw()
        if (refused := await self.faults.before(request, fault)) is not None:
            return refused
        if self.secret and not any(self.secret in value for value in _credentials(request)):
            return web.json_response({"status": "error", "error": "unknown key"}, status=401)
        fields = await _fields(request)
        to, text = _first(fields, TO), _first(fields, TEXT)
        if not to or not text:
            return web.json_response({"status": "error", "error": "number and text are needed"}, status=400)
        if self.error:
            return web.json_response({"status": "error", "error_code": self.error}, status=400)
        message = {"id": secrets.token_hex(8), "to": "+" + to.lstrip("+"), "text": text, "fields": fields}
        self.faults.take(request, fault, lambda: self._accept(message))
        answer = web.json_response({"status": "success", "message_id": message["id"]})
        return await self.faults.after(request, fault) or answer

    def _accept(self, message: dict[str, Any]) -> None:
        if self._file:
            self._file.write(json.dumps({"at": time.time(), **message}, ensure_ascii=False).encode() + b"\n")
        self._remember(message)

    def _remember(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        self.taken[_first(message["fields"], REFERENCE)] += 1
        if self.reports.url:
            self._waiting.put_nowait(self._report_on(message))

    async def _write(self, request: web.Request) -> web.Response:
        """Somebody writes to the number."""
        fields = await _fields(request)
        self._waiting.put_nowait(incoming_of(str(fields["from"]), str(fields["text"]), secrets.token_hex(8)))
        return web.json_response({"status": "success"})

    def _report_on(self, message: dict[str, Any]) -> bytes:
        failing = self.reports.failing.items()
        status = next((word for end, word in failing if message["to"].endswith(end)), "DELIVRD")
        return report_of(_first(message["fields"], REFERENCE), status, message["id"])

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self.messages, dumps=readable)

    async def _clear(self, request: web.Request) -> web.Response:
        self.messages.clear()
        return web.json_response([])

    # -- reports -----------------------------------------------------------------------------------------------

    async def _reporting(self, app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._report())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _report(self) -> None:
        """Tell what became of each text, and what came in; what is not answered with 200 is told again."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            while True:
                body = await self._waiting.get()
                for _time in range(1 + self.reports.twice):
                    await self._tell(session, body)

    async def _tell(self, session: aiohttp.ClientSession, body: bytes) -> None:
        headers = {"Content-Type": "application/json", "X-Signature": signed(body, self.reports.secret)}
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with session.post(self.reports.url, data=body, headers=headers) as answer:
                    if answer.status == 200:
                        self.reported += 1
                        return
            await asyncio.sleep(0.1)


def report_of(reference: str, status: str, ref: str = "") -> bytes:
    """The body of a delivery report. ``status``: a word of SMPP 3.4, or the gateway's own."""
    return json.dumps({"message_id": ref, "reference": reference, "status": status}).encode()


def incoming_of(number: str, text: str, ref: str) -> bytes:
    """The body in which a gateway hands on what somebody wrote."""
    return json.dumps({"message_id": ref, "from": number, "text": text}).encode()


def signed(body: bytes, secret: str) -> str:
    """The value of X-Signature: HMAC-SHA-256 over the body, in hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _credentials(request: web.Request) -> list[str]:
    found = list(request.headers.values())
    login = request.headers.get("Authorization", "")
    return [*found, BasicAuth.decode(login).password] if login.startswith("Basic ") else found


async def _fields(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        try:
            found = await request.json()
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    return {name: str(value) for name, value in (await request.post()).items()}


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(fields[name]) for name in names if fields.get(name)), "")
