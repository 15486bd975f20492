"""Telegram as a channel: only who has started the bot can be written to, so nobody is who did not want it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from toli.core.domain.addresses import is_secure
from toli.core.posting import Line, Post
from toli.integrations.telegram_channel.answers import receipt_of
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Callback, CallbackRejected, Capabilities, Flight, Letter, Payload, SendReceipt

LENGTH = 4096


@dataclass(frozen=True, slots=True)
class Settings:
    """``token``: of the bot that members have connected, which is the one that keeps groups: another may not write to
    them."""

    token: str = field(
        repr=False, metadata={"label": _("Token of the bot that members have connected"), "secret": True}
    )
    base_url: str = field(default="https://api.telegram.org", metadata={"label": _("Address of the API")})

    def __post_init__(self) -> None:
        if not is_secure(self.base_url):
            raise ValueError(f"base_url {self.base_url!r}: https://…")
        if not re.fullmatch(r"\d{3,20}:[\w-]{3,100}", self.token, re.ASCII):
            raise ValueError("token: 123456:ABC…")


class TelegramChannelProvider:
    """One bot. It says how long to wait when it is asked to do too much, and reports nothing afterwards."""

    key: ClassVar[str] = "telegram"
    channel: ClassVar[str] = "telegram"
    capabilities: ClassVar[Capabilities] = Capabilities(body_length=LENGTH, reports=False)
    settings_schema: ClassVar[type] = Settings
    lingers = timedelta(0)

    def __init__(self, settings: Settings) -> None:
        self._url = f"{settings.base_url.rstrip('/')}/bot{settings.token}/sendMessage"

    def render(self, letter: Letter) -> Payload:
        content = letter.content
        if not letter.to.isdigit():
            raise MessageRefused(reason="no_account")
        if content.media or content.buttons:
            raise MessageRefused(reason="media" if content.media else "buttons")
        if not content.text.strip():
            raise MessageRefused(reason="empty")
        if len(content.text) > LENGTH:
            raise MessageRefused(reason="too_long")
        body = {"chat_id": int(letter.to), "text": content.text}  # no parse_mode: every sign means itself
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    async def send(self, payloads: Sequence[Payload], *, flight: Flight) -> list[SendReceipt]:
        line = Line(flight.session)

        async def post(payload: Payload) -> SendReceipt:
            return receipt_of(await line.post(Post(self._url, payload, {"Content-Type": "application/json"})))

        return await flight.each(payloads, post)

    def greet(self, callback: Callback) -> bytes:
        raise CallbackRejected("Telegram reports nothing")

    def verify(self, callback: Callback) -> None:
        raise CallbackRejected("Telegram reports nothing")  # what people press comes by /hooks/groups

    def parse_callback(self, body: bytes) -> Sequence[Any]:
        return []
