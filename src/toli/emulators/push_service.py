"""A push service and the browsers behind it, on this machine: strict about RFC 8030 (push), 8188 and 8291 (encryption)
and 8292 (who sends). What came is decrypted with the browser's own key, as a browser does, and shown at GET /messages.
"""

import base64
import json
import re
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import http_ece
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from toli.emulators.faults import Faults, readable

MOST_BODY = 4096
URGENCIES = {"very-low", "low", "normal", "high"}
DAY = 24 * 3600


@dataclass
class Browser:
    """One that allowed notifications: its keys, and for whom."""

    key: ec.EllipticCurvePrivateKey
    auth: bytes
    sender: bytes
    gone: bool = False
    topics: dict[str, dict[str, Any]] = field(default_factory=dict)


class Refused(Exception):
    """``status`` and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass
class PushService:
    """``taken``: how often each note was taken, by its tag. ``most``: bytes that a body may have."""

    faults: Faults = field(default_factory=Faults)
    most: int = MOST_BODY
    browsers: dict[str, Browser] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    requests: int = 0

    def app(self) -> web.Application:
        """The service, to be run by emulators/running.py."""
        app = web.Application()
        app.router.add_post("/push/{token}", self._push)
        app.router.add_get("/messages", self._show)
        app.router.add_post("/control/subscribe", self._subscribe)
        app.router.add_post("/control/gone/{token}", self._end)
        return app

    def subscribe(self, url: str, sender_key: str) -> dict[str, Any]:
        """A new browser's subscription, as PushSubscription.toJSON() writes it. ``url``: where this service is."""
        token, key, auth = secrets.token_urlsafe(24), ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        self.browsers[token] = Browser(key, auth, decoded(sender_key))
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": f"{url}/push/{token}",
            "expirationTime": None,
            "keys": {"p256dh": encoded(point), "auth": encoded(auth)},
        }

    async def _push(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        fault = self.faults.draw()
        if (refused := await self.faults.before(request, fault)) is not None:
            return refused
        try:
            browser = self._browser(request)
            note = self._read(request, browser, await request.read())
        except Refused as refusal:
            return web.Response(status=refusal.status, text=str(refusal))
        self.faults.take(request, fault, lambda: self._accept(request, browser, note))
        location = f"{request.url.origin()}/message/{secrets.token_hex(8)}"
        answer = web.Response(status=201, headers={"Location": location, "TTL": request.headers["TTL"]})
        return await self.faults.after(request, fault) or answer

    def _browser(self, request: web.Request) -> Browser:
        browser = self.browsers.get(request.match_info["token"])
        if browser is None:
            raise Refused(404, "no such subscription")
        if browser.gone:
            raise Refused(410, "the subscription has expired")
        return browser

    def _read(self, request: web.Request, browser: Browser, body: bytes) -> dict[str, Any]:
        if len(body) > self.most:
            raise Refused(413, "too large")
        headers = request.headers
        if not headers.get("TTL", "").isdigit():
            raise Refused(400, "TTL is needed (RFC 8030, 5.2)")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,32}", headers.get("Topic", "")):
            raise Refused(400, "Topic: 32 characters at most (RFC 8030, 5.4)")
        if headers.get("Urgency", "normal") not in URGENCIES:
            raise Refused(400, "Urgency (RFC 8030, 5.3)")
        if headers.get("Content-Encoding") != "aes128gcm":
            raise Refused(400, "Content-Encoding: aes128gcm")
        check_sender(headers.get("Authorization", ""), str(request.url.origin()), browser.sender)
        return opened(body, browser)

    def _accept(self, request: web.Request, browser: Browser, note: dict[str, Any]) -> None:
        self.taken[str(note.get("tag", ""))] += 1
        self.messages.append({"to": request.match_info["token"], "note": note})
        browser.topics[request.headers.get("Topic", "")] = note

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self.messages, dumps=readable)

    async def _subscribe(self, request: web.Request) -> web.Response:
        """For developers: POST {"key": "<our public key>"}."""
        found = await request.json()
        return web.json_response(self.subscribe(str(request.url.origin()), str(found["key"])))

    async def _end(self, request: web.Request) -> web.Response:
        self.browsers[request.match_info["token"]].gone = True
        return web.json_response({})


def check_sender(header: str, origin: str, key: bytes) -> None:
    """Raises Refused unless a token of RFC 8292 says that the holder of this key sends, here and now."""
    found = re.fullmatch(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)", header)
    if found is None:
        raise Refused(401, "Authorization: vapid t=..., k=...")
    head, claims, signature, given = found.groups()
    if decoded(given) != key:
        raise Refused(403, "the subscription is for another key")
    told, signed = json.loads(decoded(claims)), decoded(signature)
    if json.loads(decoded(head)).get("alg") != "ES256" or len(signed) != 64:
        raise Refused(401, "ES256 is needed")
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
        numbers = encode_dss_signature(int.from_bytes(signed[:32], "big"), int.from_bytes(signed[32:], "big"))
        point.verify(numbers, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        raise Refused(401, "the signature is wrong") from None
    if told.get("aud") != origin:
        raise Refused(401, "aud: another service")
    if not time.time() < float(told.get("exp", 0)) <= time.time() + DAY:
        raise Refused(401, "exp: within 24 hours")
    if not str(told.get("sub", "")).startswith(("mailto:", "https:")):
        raise Refused(401, "sub: a way to reach who sends")


def opened(body: bytes, browser: Browser) -> dict[str, Any]:
    """What the browser reads. Raises Refused, so that a mistake in the encryption is seen."""
    try:
        plain = http_ece.decrypt(body, private_key=browser.key, auth_secret=browser.auth, version="aes128gcm")
        found = json.loads(plain)
    except (http_ece.ECEException, ValueError):
        raise Refused(400, "the browser cannot decrypt it (RFC 8291)") from None
    if not isinstance(found, dict):
        raise Refused(400, "no note")
    return found


def encoded(data: bytes) -> str:
    """Base 64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
