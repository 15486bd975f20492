"""Telegram as a channel: only who has started the bot can be written to, so nobody is who did not want it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from toli.content.domain.platforms import counted_length
from toli.core.domain.addresses import is_secure
from toli.core.posting import Line, Post, Reply
from toli.integrations.telegram_channel.answers import is_of_picture, picture_in, receipt_of
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Callback, CallbackRejected, Capabilities, Flight, Letter, Payload, SendReceipt

LENGTH, CAPTION_LENGTH = 4096, 1024  # of plain text, counted by content.domain.platforms.counted_length
SPOKEN, SHOWN = "sendMessage", "sendPhoto"


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
    capabilities: ClassVar[Capabilities] = Capabilities(
        media=("image",), body_length=LENGTH, caption_length=CAPTION_LENGTH, reports=False, free=True
    )
    settings_schema: ClassVar[type] = Settings
    lingers = timedelta(0)

    def __init__(self, settings: Settings) -> None:
        self._url = f"{settings.base_url.rstrip('/')}/bot{settings.token}"
        self._pictures: dict[str, str] = {}  # by address: what Telegram calls it, once it has fetched it; "": it cannot

    def render(self, letter: Letter) -> Payload:
        content = letter.content
        if not letter.to.isdigit():
            raise MessageRefused(reason="no_account")
        if content.media not in {"", "image"} or content.buttons:
            raise MessageRefused(reason="buttons" if content.buttons else "media")
        if not content.text.strip():
            raise MessageRefused(reason="empty")
        length = counted_length(self.channel, content.text)
        if length > LENGTH:
            raise MessageRefused(reason="too_long")
        to = int(letter.to)
        if content.media and content.media_link and length <= CAPTION_LENGTH:
            return _written({"photo": content.media_link, "chat_id": to, "caption": content.text})
        return _written({"chat_id": to, "text": content.text})  # no parse_mode: every sign means itself

    async def send(self, payloads: Sequence[Payload], *, flight: Flight) -> list[SendReceipt]:
        line = Line(flight.session)

        async def post(payload: Payload) -> SendReceipt:
            if payload.startswith(b'{"photo"'):
                return await self._show(line, json.loads(payload))
            return receipt_of(await self._call(line, SPOKEN, payload))

        return await flight.each(payloads, post)

    async def _show(self, line: Line, body: dict[str, Any]) -> SendReceipt:
        """A picture with its words. Telegram fetches it once; where it cannot, the words go alone: they have a link."""
        address = body["photo"]
        known = self._pictures.get(address, address)
        if known:
            reply = await self._call(line, SHOWN, _written({**body, "photo": known}))
            if not is_of_picture(reply):
                self._pictures[address] = picture_in(reply) or known
                return receipt_of(reply)
            self._pictures[address] = ""
        words = _written({"chat_id": body["chat_id"], "text": body["caption"]})
        return receipt_of(await self._call(line, SPOKEN, words))

    async def _call(self, line: Line, method: str, payload: bytes) -> Reply:
        return await line.post(Post(f"{self._url}/{method}", payload, {"Content-Type": "application/json"}))

    def greet(self, callback: Callback) -> bytes:
        raise CallbackRejected("Telegram reports nothing")

    def verify(self, callback: Callback) -> None:
        raise CallbackRejected("Telegram reports nothing")  # what people press comes by /hooks/groups

    def parse_callback(self, body: bytes) -> Sequence[Any]:
        return []


def _written(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
