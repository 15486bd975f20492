"""The WhatsApp Cloud API as a channel."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import orjson
from django.utils.translation import gettext_lazy as _

from toli.core.domain.addresses import is_secure
from toli.core.posting import Line, Post, Reply
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
        if not is_secure(self.base_url):
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
        line = Line(flight.session)

        async def post(payload: Payload) -> SendReceipt:
            return _receipt_of(await line.post(Post(self._url, payload, self._headers)))

        return await flight.each(payloads, post)

    def greet(self, callback: Callback) -> bytes:
        return callbacks.greet(callback, self._settings.verify_token)

    def verify(self, callback: Callback) -> None:
        callbacks.verify(callback, self._settings.app_secret)

    def parse_callback(self, body: bytes) -> Sequence[ProviderEvent]:
        return callbacks.parse(body)


def _receipt_of(reply: Reply) -> SendReceipt:
    if not reply.reached:
        return SendReceipt(Verdict.NOT_REACHED, code="not_reached")
    if reply.status is None:
        return SendReceipt(Verdict.UNKNOWN, code="no_answer")
    return receipt_of(reply.status, _object(reply.body), reply.retry_after)


def _object(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None
