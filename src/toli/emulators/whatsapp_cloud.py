"""Meta's WhatsApp Cloud API on this machine: messages, media, numbers, limits, errors, and webhooks with statuses.

After https://developers.facebook.com/docs/whatsapp/cloud-api: strict about what must stand in a request, and truthful
about what was taken (:attr:`WhatsAppCloud.taken`), which a test compares with what Toli believes. Somebody writes to
the number by POST /inbox, with ``from`` and ``text``.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import random
import re
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from toli.emulators.raw_http import Answer, Request, listen

NUMBER = re.compile(r"\+?\d{7,15}")
KINDS = {
    "text", "template", "image", "video", "audio", "document", "sticker", "location", "contacts", "interactive",
    "reaction",
}  # fmt: skip
INTERACTIVE = {
    "button", "list", "cta_url", "flow", "product", "product_list", "catalog_message", "order_details", "order_status",
    "location_request_message", "voice_call",
}  # fmt: skip
WORDS = {
    4: "Application request limit reached", 100: "Invalid parameter", 190: "Access token has expired",
    368: "Temporarily blocked for policies violations", 130429: "Rate limit hit", 131000: "Something went wrong",
    131008: "Required parameter is missing", 131009: "Parameter value is not valid", 131026: "Message undeliverable",
    131047: "Re-engagement message", 131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped marketing messages", 131056: "Pair rate limit hit",
    132000: "Number of parameters does not match", 132001: "Template name does not exist in the translation",
    132015: "Template is paused",
}  # fmt: skip
STATUS_OF = {4: 429, 190: 401, 368: 403, 80007: 429, 130429: 429, 131000: 500, 131048: 429, 131056: 429}


class Mischief(StrEnum):
    """How one request goes wrong. Of the last five, the message is taken all the same."""

    RESET = "reset"  # hangs up before it takes the message
    ERROR = "error"  # 500, not taken
    BUSY = "busy"  # 130429
    LOST = "lost"  # takes it and hangs up
    SILENT = "silent"  # takes it and never answers
    LATE = "late"  # hangs up, and takes it a while later
    ERROR_AFTER = "error_after"  # takes it and answers 500
    SLOW = "slow"  # takes it and answers late


SILENCE = 120.0


@dataclass
class Webhooks:
    """Where statuses are reported, and how badly. ``twice``, ``lost``: shares; ``shuffled``: in any order."""

    url: str = ""
    app_secret: str = ""
    batch: int = 50
    delay: float = 0.0
    twice: float = 0.0
    lost: float = 0.0
    shuffled: bool = False
    statuses: tuple[str, ...] = ("sent", "delivered")


@dataclass
class WhatsAppCloud:
    """``tokens``: which are known; empty: any. ``per_second``: how many messages a number may send (0: any).

    ``mischief``: shares of requests by kind. ``errors``: error codes by the end of the recipient's number.
    ``late``: seconds after which a late message is taken. ``ledger``: a file to which every message that is taken is
    added before it is answered, so that the truth outlives the process.
    """

    tokens: tuple[str, ...] = ()
    per_second: float = 0
    mischief: dict[Mischief, float] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    failing: dict[str, int] = field(default_factory=dict)  # as errors, but reported by webhook
    templates: frozenset[str] = frozenset()  # known names; empty: any
    late: float = 1.0
    slow: float = 0.5
    seed: int = 1
    ledger: Path | None = None
    keep: bool = True
    webhooks: Webhooks = field(default_factory=Webhooks)
    requests: int = 0
    taken: Counter[str] = field(default_factory=Counter)  # correlation -> how often
    messages: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=20_000))
    arrivals: list[float] = field(default_factory=list)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    reported: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 which requests go wrong is no secret
        self._number = 0
        self._prefix = os.urandom(6).hex()
        self._recent: deque[float] = deque()
        self._waiting: deque[dict[str, Any]] = deque()
        self._inbox: deque[dict[str, Any]] = deque()
        self._wake: asyncio.Event | None = None
        self._file = self.ledger.open("ab", buffering=0) if self.ledger else None
        self._kinds = list(self.mischief)

    # -- running -------------------------------------------------------------------------------

    async def start(self, host: str, port: int) -> asyncio.Server:
        """Listen, and report statuses where that is asked for."""
        self._wake = asyncio.Event()
        server = await listen(self.answer, host, port)
        self._reporting = asyncio.create_task(self._report())
        return server

    # -- requests ------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        """What the API answers."""
        parts = urlsplit(request.target).path.strip("/").split("/")
        if parts == ["messages"]:
            return self._show(request)
        if parts == ["inbox"] and request.method == "POST":
            return self._write(json.loads(request.body))
        if parts == ["pace"]:
            return answered({"requests": self.requests, "most_in_a_second": most_within(self.arrivals, 1.0)})
        if self.tokens and request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return failure(190)
        if len(parts) == 3 and request.method == "POST" and parts[2] == "messages":
            return self._post(parts[1], request)
        if len(parts) == 3 and request.method == "POST" and parts[2] == "media":
            return self._upload(request)
        if len(parts) == 2:
            return self._node(request.method, parts[1])
        return failure(100, f"Unsupported {request.method.lower()} request")

    def _post(self, number_id: str, request: Request) -> Answer:
        self.requests += 1
        self.arrivals.append(time.monotonic())
        kind = self._draw()
        if kind is Mischief.RESET:
            return Answer(hang_up=True)
        if kind is Mischief.ERROR:
            return failure(131000)
        if kind is Mischief.BUSY or self._too_fast():
            return failure(130429)
        try:
            found = json.loads(request.body)
        except ValueError:
            return failure(100, "The request is no JSON")
        if isinstance(found, dict) and found.get("status") == "read":
            return answered({"success": True}) if found.get("message_id") else failure(100, "message_id is missing")
        if problem := problem_with(found):
            return failure(*problem)
        if code := self._refusal(found):
            return failure(code)
        return self._take(number_id, found, kind)

    def _take(self, number_id: str, found: dict[str, Any], kind: Mischief | None) -> Answer:
        to = str(found["to"]).lstrip("+")
        if kind is Mischief.LATE:
            asyncio.get_running_loop().call_later(self.late, self._accept, number_id, to, found)
            return Answer(hang_up=True)
        ref = self._accept(number_id, to, found)
        if kind is Mischief.LOST:
            return Answer(hang_up=True)
        if kind is Mischief.ERROR_AFTER:
            return failure(131000)
        after = {Mischief.SILENT: SILENCE, Mischief.SLOW: self.slow}.get(kind, 0.0) if kind else 0.0
        body = (
            f'{{"messaging_product":"whatsapp","contacts":[{{"input":"{found["to"]}","wa_id":"{to}"}}],'
            f'"messages":[{{"id":"{ref}","message_status":"accepted"}}]}}'
        )
        return Answer(200, body.encode(), after=after)

    def _accept(self, number_id: str, to: str, found: dict[str, Any]) -> str:
        self._number += 1
        ref = f"wamid.{self._prefix}{self._number:010d}"
        correlation = str(found.get("biz_opaque_callback_data", ""))
        self.taken[correlation] += 1
        if self._file is not None:
            self._file.write(f"{correlation} {ref}\n".encode())
        if self.keep:
            self.messages.append({"id": ref, "from": number_id, "to": f"+{to}", "body": found, "at": time.time()})
        if self.webhooks.url:
            self._waiting.append({"ref": ref, "to": to, "correlation": correlation, "number": number_id})
            if self._wake is not None:
                self._wake.set()
        return ref

    def _write(self, letter: dict[str, Any]) -> Answer:
        """Somebody writes to the number: ``from`` and ``text``."""
        if not self.webhooks.url:
            return failure(100, "There is no webhook")
        self._number += 1
        self._inbox.append(incoming_of(letter["from"], letter["text"], f"wamid.in{self._prefix}{self._number:010d}"))
        if self._wake is not None:
            self._wake.set()
        return answered({"success": True})

    def _draw(self) -> Mischief | None:
        if not self.mischief:
            return None
        drawn, share = self._random.random(), 0.0
        for kind in self._kinds:
            share += self.mischief[kind]
            if drawn < share:
                return kind
        return None

    def _too_fast(self) -> bool:
        if not self.per_second:
            return False
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= self.per_second:
            return True
        self._recent.append(now)
        return False

    def _refusal(self, found: dict[str, Any]) -> int:
        to = str(found["to"])
        code = next((code for end, code in self.errors.items() if to.endswith(end)), 0)
        if not code and found["type"] == "template" and self.templates:
            code = 0 if found["template"]["name"] in self.templates else 132001
        return code

    def _upload(self, request: Request) -> Answer:
        head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
        whole = BytesParser(policy=HTTP).parsebytes(head + request.body)
        fields = {str(part.get_param("name", header="content-disposition")): part for part in whole.iter_parts()}
        if "file" not in fields or "messaging_product" not in fields:
            return failure(100, "file and messaging_product are needed")
        data = bytes(fields["file"].get_payload(decode=True) or b"")
        key = str(int.from_bytes(hashlib.sha256(data).digest()[:6], "big"))
        self.media[key] = (fields["file"].get_content_type(), data)
        return answered({"id": key})

    def _node(self, method: str, key: str) -> Answer:
        if key in self.media:
            if method == "DELETE":
                del self.media[key]
                return answered({"success": True})
            kind, data = self.media[key]
            return answered(
                {
                    "messaging_product": "whatsapp",
                    "id": key,
                    "mime_type": kind,
                    "file_size": len(data),
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "url": f"https://lookaside.fbsbx.com/{key}",
                }
            )
        if method == "GET" and key.isdigit() and len(key) >= 5:
            return answered(
                {
                    "id": key,
                    "display_phone_number": "+91 1234 567890",
                    "verified_name": "Emulated",
                    "quality_rating": "GREEN",
                    "code_verification_status": "VERIFIED",
                    "platform_type": "CLOUD_API",
                    "throughput": {"level": "STANDARD"},
                }
            )
        return failure(100, "Object with this ID does not exist")

    def _show(self, request: Request) -> Answer:
        if request.method == "DELETE":
            self.messages.clear()
            self.arrivals.clear()
        shown = [{"id": item["id"], "to": item["to"], "body": item["body"]} for item in self.messages]
        return Answer(200, json.dumps(shown, ensure_ascii=False).encode())

    # -- webhooks ------------------------------------------------------------------------------

    async def _report(self) -> None:
        """Tell about every message that was taken. What is not answered with 200 is told again."""
        assert self._wake is not None  # noqa: S101 set by start
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if self.webhooks.delay:
                    await asyncio.sleep(self.webhooks.delay)
                while self._inbox:
                    letter = webhook("106540352242922", [], [self._inbox.popleft()])
                    for _time in range(1 + (self._random.random() < self.webhooks.twice)):
                        await self._post_webhook(session, letter)
                while self._waiting:
                    part = [self._waiting.popleft() for _ in range(min(self.webhooks.batch, len(self._waiting)))]
                    statuses = [status for item in part for status in self._statuses(item)]
                    if self.webhooks.shuffled:
                        self._random.shuffle(statuses)
                    await self._tell(session, part[0]["number"], statuses)

    def _statuses(self, item: Mapping[str, Any]) -> list[dict[str, Any]]:
        code = next((code for end, code in self.failing.items() if item["to"].endswith(end)), 0)
        found = []
        for name in ("failed",) if code else self.webhooks.statuses:
            if self._random.random() < self.webhooks.lost:
                continue
            status = status_of(item["ref"], item["to"], item["correlation"], name, code)
            found += [status] * (2 if self._random.random() < self.webhooks.twice else 1)
        return found

    async def _tell(self, session: aiohttp.ClientSession, number: str, statuses: list[dict[str, Any]]) -> None:
        if statuses:
            await self._post_webhook(session, webhook(number, statuses))
            self.reported += len(statuses)

    async def _post_webhook(self, session: aiohttp.ClientSession, found: dict[str, Any]) -> None:
        body = json.dumps(found, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signed(body, self.webhooks.app_secret)}
        wait = 0.05
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with session.post(self.webhooks.url, data=body, headers=headers) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(wait)
            wait = min(wait * 2, 2.0)


def most_within(moments: list[float], seconds: float) -> int:
    """The largest number of moments in any window of that length."""
    first = most = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def problem_with(found: Any) -> tuple[int, str] | None:
    """The error code of a message that the API would refuse, and what is wrong; None when it is well formed."""
    if not isinstance(found, dict) or found.get("messaging_product") != "whatsapp":
        return 100, "messaging_product must be whatsapp"
    if not isinstance(found.get("to"), str) or not found["to"]:
        return 131008, "to is missing"
    if not NUMBER.fullmatch(found["to"]):
        return 131009, "to is no phone number"
    kind = found.get("type", "text")
    if kind not in KINDS:
        return 131009, f"type {kind!r} is not known"
    part = found.get(kind)
    if not isinstance(part, dict | list) or not part:
        return 131008, f"{kind} is missing"
    if len(str(found.get("biz_opaque_callback_data", ""))) > 512:
        return 131009, "biz_opaque_callback_data is too long"
    found["type"] = kind
    return _problem_with_part(kind, part)


def _problem_with_part(kind: str, part: Any) -> tuple[int, str] | None:
    if kind == "text" and not (isinstance(part.get("body"), str) and 0 < len(part["body"]) <= 4096):
        return 100, "text.body must have 1 to 4096 characters"
    if kind in {"image", "video", "audio", "document", "sticker"} and bool(part.get("id")) == bool(part.get("link")):
        return 131008, f"{kind} needs either id or link"
    if kind == "template" and not (part.get("name") and (part.get("language") or {}).get("code")):
        return 131008, "template needs name and language.code"
    if kind == "interactive" and (part.get("type") not in INTERACTIVE or not isinstance(part.get("action"), dict)):
        return 131009, "interactive needs type and action"
    if kind == "interactive" and part["type"] == "button":
        buttons = part["action"].get("buttons") or []
        if not 1 <= len(buttons) <= 3 or any(len(item["reply"]["title"]) > 20 for item in buttons if "reply" in item):
            return 131009, "one to three buttons, with titles of 20 characters at most"
    return None


def failure(code: int, details: str = "") -> Answer:
    """An error as the Graph API words it."""
    error = {
        "message": f"(#{code}) {WORDS.get(code, 'Error')}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details or WORDS.get(code, "Error")},
        "fbtrace_id": "Emulated",
    }
    return Answer(STATUS_OF.get(code, 400), json.dumps({"error": error}).encode())


def answered(found: dict[str, Any]) -> Answer:
    """A good answer."""
    return Answer(200, json.dumps(found).encode())


def signed(body: bytes, secret: str) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def status_of(ref: str, to: str, correlation: str, name: str, code: int = 0, at: int | None = None) -> dict[str, Any]:
    """One status as it stands in a webhook."""
    found: dict[str, Any] = {
        "id": ref, "status": name, "timestamp": str(at or int(time.time())), "recipient_id": to,
    }  # fmt: skip
    if correlation:
        found["biz_opaque_callback_data"] = correlation
    if name == "failed":
        words = WORDS.get(code, "Error")
        found["errors"] = [{"code": code, "title": words, "message": words, "error_data": {"details": words}}]
    return found


def incoming_of(number: str, text: str, ref: str, at: int | None = None) -> dict[str, Any]:
    """A text that somebody wrote, as it stands in a webhook."""
    number, seconds = number.lstrip("+"), str(at or int(time.time()))
    return {"from": number, "id": ref, "timestamp": seconds, "type": "text", "text": {"body": text}}


def webhook(number: str, statuses: list[dict[str, Any]], letters: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The body of a webhook with these statuses, and with what people wrote."""
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "911234567890", "phone_number_id": number},
        "contacts": [
            {"profile": {"name": "Emulated"}, "wa_id": wa_id}
            for wa_id in {*(item["recipient_id"] for item in statuses), *(item["from"] for item in letters)}
        ],
    }
    if statuses or not letters:
        value["statuses"] = statuses
    if letters:
        value["messages"] = list(letters)
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}],
    }
