"""Telegram's gateway for verification codes on this machine, as far as codes of one's own need it.

After https://core.telegram.org/gateway/api: POST /checkSendAbility and /sendVerificationMessage with JSON, a bearer
token, answers ``{"ok": true, "result": {...}}`` or ``{"ok": false, "error": "NAME"}``. One fee for each request id.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from toli.emulators.faults import Faults, readable

ABSENT_NUMBER = re.compile(r"\+910000\d+")  # numbers that begin so are not on Telegram here


@dataclass
class TelegramGateway:
    """``token``: the bearer token that is asked for; empty: any. ``fees``: how many requests were charged."""

    token: str = ""
    faults: Faults = field(default_factory=Faults)
    messages: list[dict[str, Any]] = field(default_factory=list)
    checked: dict[str, str] = field(default_factory=dict)  # request id -> number
    requests: int = 0
    fees: int = 0

    def app(self) -> web.Application:
        """The service, to be run by emulators/running.py."""
        app = web.Application()
        app.router.add_get("/messages", self._show)
        app.router.add_delete("/messages", self._clear)
        app.router.add_post("/checkSendAbility", self._check)
        app.router.add_post("/sendVerificationMessage", self._send)
        return app

    async def _check(self, request: web.Request) -> web.StreamResponse:
        fields, error = await self._read(request)
        if error:
            return _refused(error)
        self.fees += 1
        reference = secrets.token_hex(8)
        self.checked[reference] = fields["phone_number"]
        return _done(reference, fields["phone_number"])

    async def _send(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.draw()
        if (refused := await self.faults.before(request, fault)) is not None:
            return refused
        fields, error = await self._read(request)
        if not error and not re.fullmatch(r"\d{4,8}", str(fields.get("code", ""))):
            error = "CODE_INVALID"
        if not error and not 30 <= int(fields.get("ttl", 60)) <= 3600:
            error = "TTL_INVALID"
        if error:
            return _refused(error)
        number, reference = fields["phone_number"], str(fields.get("request_id", ""))
        if self.checked.pop(reference, None) != number:
            reference, self.fees = secrets.token_hex(8), self.fees + 1
        message = {"id": reference, "to": number, "text": fields["code"], "fields": fields}
        self.faults.take(request, fault, lambda: self.messages.append(message))
        return await self.faults.after(request, fault) or _done(reference, number)

    async def _read(self, request: web.Request) -> tuple[dict[str, Any], str]:
        """The fields, and the name of what is wrong with them."""
        self.requests += 1
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return {}, "ACCESS_TOKEN_INVALID"
        try:
            fields = dict(await request.json())
        except (ValueError, TypeError):
            return {}, "REQUEST_INVALID"
        number = str(fields.get("phone_number", ""))
        if not re.fullmatch(r"\+\d{8,15}", number):
            return fields, "PHONE_NUMBER_INVALID"
        return fields, "PHONE_NUMBER_NOT_AVAILABLE" if ABSENT_NUMBER.fullmatch(number) else ""

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self.messages, dumps=readable)

    async def _clear(self, request: web.Request) -> web.Response:
        self.messages.clear()
        return web.json_response([])


def _done(reference: str, number: str) -> web.Response:
    return web.json_response({"ok": True, "result": {"request_id": reference, "phone_number": number}})


def _refused(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})
