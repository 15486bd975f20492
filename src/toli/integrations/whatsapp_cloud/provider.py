"""The WhatsApp Cloud API as a channel."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

import aiohttp
import orjson
from django.utils.translation import gettext_lazy as _

from toli.integrations.whatsapp_cloud import callbacks
from toli.integrations.whatsapp_cloud.rendering import CAPABILITIES, rendered
from toli.integrations.whatsapp_cloud.verdicts import receipt_of
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.ports import (
    Callback,
    Capabilities,
    Flight,
    Letter,
    Payload,
    ProviderEvent,
    SendReceipt,
)

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
BODY_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What Meta's console shows for a number. ``token`` and ``app_secret`` are secrets."""

    phone_number_id: str = field(metadata={"label": _("Phone number ID")})
    token: str = field(repr=False, metadata={"label": _("Access token"), "secret": True})
    app_secret: str = field(repr=False, metadata={"label": _("App secret"), "secret": True})
    verify_token: str = field(repr=False, metadata={"label": _("Verify token"), "secret": True})
    version: str = field(default="v23.0", metadata={"label": _("Version of the API")})
    base_url: str = field(default="https://graph.facebook.com", metadata={"label": _("Address of the API")})

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ValueError(f"base_url {self.base_url!r}: https://…")
        if not re.fullmatch(r"\d{5,20}", self.phone_number_id):
            raise ValueError("phone_number_id: 0-9")
        if not re.fullmatch(r"v\d{1,3}\.\d", self.version):
            raise ValueError("version: v23.0")
        if any(not secret.isascii() or not secret.isprintable() for secret in (self.token, self.app_secret)):
            raise ValueError("token, app_secret: ASCII")


class WhatsAppCloudProvider:
    """One number of a business. Statuses come by webhook and carry the correlation that went with the call."""

    key: ClassVar[str] = "whatsapp_cloud"
    channel: ClassVar[str] = "whatsapp"
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    settings_schema: ClassVar[type] = Settings
    lingers = timedelta(0)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = f"{settings.base_url.rstrip('/')}/{settings.version}/{settings.phone_number_id}/messages"
        self._headers = {"Authorization": f"Bearer {settings.token}", "Content-Type": "application/json"}

    def render(self, letter: Letter) -> Payload:
        return rendered(letter)

    async def send(self, payloads: Sequence[Payload], *, flight: Flight) -> list[SendReceipt]:
        async def post(payload: Payload) -> SendReceipt:
            return await self._post(flight.session, payload)

        return await flight.each(payloads, post)

    def greet(self, callback: Callback) -> bytes:
        return callbacks.greet(callback, self._settings.verify_token)

    def verify(self, callback: Callback) -> None:
        callbacks.verify(callback, self._settings.app_secret)

    def parse_callback(self, body: bytes) -> Sequence[ProviderEvent]:
        return callbacks.parse(body)

    async def _post(self, session: aiohttp.ClientSession, payload: Payload) -> SendReceipt:
        try:
            async with session.post(
                self._url, data=payload, headers=self._headers, allow_redirects=False
            ) as answer:  # fmt: skip
                body = await answer.content.read(BODY_LIMIT)
                return receipt_of(answer.status, _object(body), _seconds(answer.headers.get("Retry-After", "")))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return SendReceipt(Verdict.NOT_REACHED, code="not_reached")
        except (aiohttp.ClientError, TimeoutError, OSError):
            return SendReceipt(Verdict.UNKNOWN, code="no_answer")


def _object(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None
