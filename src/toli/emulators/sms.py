"""An SMS gateway on this machine: takes JSON and forms, keeps what it got in memory, shows it at GET /messages."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BasicAuth, web

from toli.emulators.faults import Faults, readable

TO, TEXT = ("to", "To", "mobile", "number"), ("message", "Body", "text", "content")


@dataclass
class SmsGateway:
    """``secret``: must stand in a header of each request; empty: nobody is asked for it."""

    secret: str = ""
    faults: Faults = field(default_factory=Faults)
    messages: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0

    def app(self) -> web.Application:
        """The service, to be run by emulators/running.py."""
        app = web.Application()
        app.router.add_get("/messages", self._show)
        app.router.add_delete("/messages", self._clear)
        app.router.add_post("/{path:.*}", self._take)
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
        reference = secrets.token_hex(8)
        self.messages.append({"id": reference, "to": "+" + to.lstrip("+"), "text": text, "fields": fields})
        await self.faults.after(request, fault)
        return web.json_response({"status": "success", "message_id": reference})

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self.messages, dumps=readable)

    async def _clear(self, request: web.Request) -> web.Response:
        self.messages.clear()
        return web.json_response([])


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
