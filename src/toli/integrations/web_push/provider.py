"""Notifications in browsers as a channel."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from toli.core.posting import Line, Post
from toli.integrations.web_push import vapid
from toli.integrations.web_push.receipts import Answer, answer_of, together
from toli.integrations.web_push.rendering import CAPABILITIES, devices_of, note_of
from toli.integrations.web_push.settings import Settings
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Callback, CallbackRejected, Capabilities, Flight, Letter, Payload, SendReceipt


class WebPushProvider:
    """All push services, known by one key. What a member's devices are sent is one message with one receipt."""

    key: ClassVar[str] = "web_push"
    channel: ClassVar[str] = "push"
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    settings_schema: ClassVar[type] = Settings

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.lingers = timedelta(seconds=int(settings.ttl))
        self._keys = {vapid.public_key(key): key for key in settings.keys}
        self.public_key = vapid.public_key(settings.private_key)
        self._known: dict[tuple[str, str], str] = {}  # header by push service and key: signed once for a batch

    def accepts(self, endpoint: str) -> bool:
        """Whether this is the address of a push service that we send to."""
        return self._settings.accepts(endpoint)

    def render(self, letter: Letter) -> Payload:
        note = note_of(letter, self._settings.title)
        devices = [item for item in devices_of(letter) if self._is_ours(item)]
        if not devices:
            raise MessageRefused(reason="no_device")
        return json.dumps({"devices": devices, "note": note}, ensure_ascii=False).encode()

    async def send(self, payloads: Sequence[Payload], *, flight: Flight) -> list[SendReceipt]:
        line = Line(flight.session)

        async def notify(payload: Payload) -> SendReceipt:
            found = json.loads(payload)
            told = [self._tell(line, device, found["note"]) for device in found["devices"]]
            return together(await asyncio.gather(*told))

        return await flight.each(payloads, notify)

    def greet(self, callback: Callback) -> bytes:
        raise CallbackRejected("push services report nothing")

    def verify(self, callback: Callback) -> None:
        raise CallbackRejected("push services report nothing")

    def parse_callback(self, body: bytes) -> Sequence[Any]:
        return []

    def _is_ours(self, device: Mapping[str, str]) -> bool:
        """Made for a key of ours, of a service that we send to still."""
        return device["key"] in self._keys and self.accepts(device["endpoint"])

    async def _tell(self, line: Line, device: Mapping[str, str], note: Mapping[str, str]) -> Answer:
        endpoint = device["endpoint"]
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "Authorization": self._authorisation(endpoint, device["key"]),
            "TTL": self._settings.ttl,
            "Urgency": "normal",
            "Topic": note["tag"],
        }
        reply = await line.post(Post(endpoint, encrypted(note, device), headers))
        return answer_of(device["id"], reply, ref=note["tag"])

    def _authorisation(self, endpoint: str, key: str) -> str:
        """Signed with the key that the browser was asked with: its service takes no other."""
        known = endpoint.partition("://")[2].partition("/")[0], key
        if known not in self._known:
            self._known[known] = vapid.authorisation(self._keys[key], endpoint=endpoint, contact=self._settings.contact)
        return self._known[known]


def encrypted(note: Mapping[str, str], device: Mapping[str, str]) -> bytes:
    """Readable in this browser only (RFC 8291), under a key that is used once."""
    made: bytes = http_ece.encrypt(
        json.dumps(note, ensure_ascii=False).encode(),
        salt=vapid.new_salt(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=vapid.decoded(device["p256dh"]),
        auth_secret=vapid.decoded(device["auth"]),
        version="aes128gcm",
    )
    return made
