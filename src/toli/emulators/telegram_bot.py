"""Telegram's Bot API on this machine, as far as a bot that keeps groups needs it; strict where Telegram is.

POST or GET /bot<token>/<method> with JSON, a form or a query. People press buttons by POST /control/<act> with the
arguments of a method of World as JSON; GET /control/truth says who is in which group.
"""

import asyncio
import contextlib
import json
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from toli.core.ledger import read_ledger
from toli.emulators.faults import Fault, Faults, hang_up, readable
from toli.emulators.telegram_courier import Courier, Disturbance, Hook
from toli.emulators.telegram_world import BOT_ID, DEFAULT_UPDATES, IN_CHANNELS, INSIDE, Chat, Link, Refused, World, bad

ACTS = (
    "new_person", "new_people", "new_group", "new_channel", "start", "say", "add_bot", "set_rights", "kick_bot",
    "press", "press_many", "take_back", "add_person", "leave", "kick", "block", "migrate",
)  # fmt: skip
NAME_LIMIT, TITLE_LIMIT, DESCRIPTION_LIMIT = 32, 128, 255
SPOKEN = frozenset({"sendmessage", "sendphoto", "sendvideo"})  # what counts as a message


@dataclass
class Flood:
    """How much a bot may say: messages in a second in all and to one chat, in a minute to one group. 0: no limit.

    ``every``: after so many requests of any kind all are refused for ``storm`` seconds.
    """

    overall: int = 30
    per_chat: int = 1
    per_group: int = 20
    every: int = 0
    storm: int = 1
    refused: int = 0
    _heard: dict[int, deque[float]] = field(default_factory=dict)
    _requests: int = 0
    _storm_until: float = 0

    def wait(self, method: str, chat_id: int) -> int:
        """Seconds that the bot has to wait; 0: it may go on."""
        now = time.monotonic()
        self._requests += 1
        if self.every and self._requests % self.every == 0:
            self._storm_until = now + self.storm
        pause = self._storm_until - now
        if method in SPOKEN and pause <= 0:
            rules = [(0, self.overall, 1.0), (chat_id, self.per_chat, 1.0)]
            rules += [(chat_id, self.per_group, 60.0)] if chat_id < 0 else []
            pause = max(self._lacking(key, most, within, now) for key, most, within in rules)
            if pause <= 0:
                for key in (0, chat_id):
                    self._heard.setdefault(key, deque(maxlen=100)).append(now)
        if pause <= 0:
            return 0
        self.refused += 1
        return max(1, math.ceil(pause))

    def _lacking(self, key: int, most: int, within: float, now: float) -> float:
        heard = self._heard.get(key, deque())
        if not most or len(heard) < most:
            return 0
        return heard[-most] + within - now


@dataclass
class TelegramBot:
    """``token``: which bot there is. ``calls``: how often each method was called. ``channels``: names of those in which
    the bot may post from the start. ``ledger``: a file to which is added what it says in channels and groups, and what
    it deletes; who starts again has what stands there.
    """

    token: str = f"{BOT_ID}:emulated"
    faults: Faults = field(default_factory=Faults)
    flood: Flood = field(default_factory=Flood)
    disturbance: Disturbance = field(default_factory=Disturbance)
    world: World = field(default_factory=World)
    calls: dict[str, int] = field(default_factory=dict)
    channels: Sequence[str] = ()
    ledger: Path | None = None

    def __post_init__(self) -> None:
        for name in self.channels:
            owner = self.world.new_person("Owner")
            self.world.add_bot(self.world.new_channel(owner, name, name), owner, rights=IN_CHANNELS)
        if self.ledger is not None:
            for line in read_ledger(self.ledger):
                self.world.stand(line)
            self._file = self.ledger.open("ab", buffering=0)
            self.world.written = lambda line: self._write_down(line)
        self.courier = Courier(self.disturbance)
        self.world.emit = self._emit
        self._methods: dict[str, Callable[[Values], Any]] = {
            name.removeprefix("do_").replace("_", ""): getattr(self, name)
            for name in dir(self)
            if name.startswith("do_")
        }

    def app(self) -> web.Application:
        """The service, to be run by emulators/running.py."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/messages", self._show)
        app.router.add_get("/control/truth", self._truth)
        app.router.add_get("/control/state", self._state)
        app.router.add_post("/control/{act}", self._act)
        app.cleanup_ctx.append(self._deliver)
        return app

    async def _deliver(self, app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self.courier.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def _write_down(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def _emit(self, update: dict[str, Any]) -> None:
        self.courier.take(update)
        if "chat_join_request" in update and self.disturbance.luck.random() < self.disturbance.again:
            self.world.tell_again(update)

    # -- HTTP ----------------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.draw()
        if (refused := await self.faults.before(request, fault)) is not None:
            return refused
        if fault is Fault.LATE:
            await request.read()
            self._late = asyncio.create_task(self._result(request))
            hang_up(request)
            return web.Response()
        try:
            result = await self._result(request)
        except Refused as refusal:
            answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": str(refusal)}
            if refusal.parameters:
                answer["parameters"] = refusal.parameters
            return web.json_response(answer, status=refusal.code)
        return await self.faults.after(request, fault) or web.json_response({"ok": True, "result": result})

    async def _result(self, request: web.Request) -> Any:
        if request.match_info["token"] != self.token:
            raise Refused(401, "Unauthorized")
        name = request.match_info["method"].lower()
        method = self._methods.get(name)
        if method is None:
            raise Refused(404, "Not Found: method not found")
        values = Values(await _fields(request))
        self.calls[name] = self.calls.get(name, 0) + 1
        if pause := self.flood.wait(name, self._number_of(values)):
            raise Refused(429, f"Too Many Requests: retry after {pause}", retry_after=pause)
        if name == "getupdates":
            return await self._fetch(values)
        with self.world.lock:
            return method(values)

    def _number_of(self, values: "Values") -> int:
        """Which chat is meant: by its number, or a channel by its @name; 0: none is."""
        name = values.text("chat_id", "")
        return self.world.find(name) if name.startswith("@") else values.number("chat_id", 0)

    async def _show(self, request: web.Request) -> web.Response:
        """What the bot said to people."""
        people = self.world.people.values()
        return web.json_response(
            [{"to": person.id, "text": text} for person in people for text in person.inbox], dumps=readable
        )

    async def _truth(self, request: web.Request) -> web.Response:
        found = {str(chat): sorted(people) for chat, people in self.world.truth().items()}
        return web.json_response(found, dumps=readable)

    async def _state(self, request: web.Request) -> web.Response:
        """How much came and went."""
        return web.json_response(
            {
                "happened": len(self.world.updates),
                "waiting": len(self.courier.waiting) + self.courier.under_way,
                "posted": self.courier.posted,
                "refused": self.flood.refused,
                "calls": self.calls,
                "asked": sum(len(chat.requests) for chat in self.world.chats.values()),
                "answers": self.world.answers,
                "standing": sum(len(chat.messages) for chat in self.world.chats.values()),
            }
        )

    async def _act(self, request: web.Request) -> web.Response:
        act = request.match_info["act"]
        if act not in ACTS:
            raise web.HTTPNotFound
        try:
            arguments = await request.json() if request.can_read_body else {}
            return web.json_response({"result": getattr(self.world, act)(**arguments)}, dumps=readable)
        except (TypeError, KeyError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    # -- the bot and its updates ---------------------------------------------------------------------------

    def do_get_me(self, values: "Values") -> dict[str, Any]:
        names = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return {**self.world.bot(), **names}

    def do_set_webhook(self, values: "Values") -> bool:
        url, secret = values.text("url", ""), values.text("secret_token", "")
        if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if not all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in secret) or len(secret) > 256:
            raise bad("secret token contains unallowed characters")
        self.courier.hook = Hook(url, secret, values.number("max_connections", 40))
        self.world.allowed = frozenset(values.items("allowed_updates")) or DEFAULT_UPDATES
        if values.flag("drop_pending_updates"):
            self.courier.waiting.clear()
        return True

    def do_delete_webhook(self, values: "Values") -> bool:
        self.courier.hook = Hook()
        if values.flag("drop_pending_updates"):
            self.courier.waiting.clear()
        return True

    def do_get_webhook_info(self, values: "Values") -> dict[str, Any]:
        hook = self.courier.hook
        found: dict[str, Any] = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.courier.waiting) + self.courier.under_way,
            "max_connections": hook.connections,
            "allowed_updates": sorted(self.world.allowed),
        }
        return found | ({"last_error_message": hook.error, "last_error_date": int(time.time())} if hook.error else {})

    def do_get_updates(self, values: "Values") -> list[dict[str, Any]]:
        if self.courier.hook.url:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first")
        waiting, offset = self.courier.waiting, values.number("offset", 0)
        if names := values.items("allowed_updates"):
            self.world.allowed = frozenset(names)
        while waiting and offset and waiting[0]["update_id"] < offset:
            waiting.popleft()
        return list(waiting)[: values.number("limit", 100)]

    async def _fetch(self, values: "Values") -> list[dict[str, Any]]:
        ends_at = time.monotonic() + min(values.number("timeout", 0), 50)
        while True:
            found = self.do_get_updates(values)
            if found or time.monotonic() >= ends_at:
                return found
            await asyncio.sleep(0.02)

    # -- groups --------------------------------------------------------------------------------------------

    def _chat(self, values: "Values", *rights: str) -> Chat:
        return self.world.chat_for_bot(self._number_of(values) or values.number("chat_id"), *rights)

    def do_get_chat(self, values: "Values") -> dict[str, Any]:
        chat = self._chat(values)
        gifts = dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
        )
        found = self.world.chat(chat) | {
            "accent_color_id": 1,
            "max_reaction_count": 11,
            "accepted_gift_types": gifts,
        }
        return found | ({"description": chat.description} if chat.description else {})

    def do_get_chat_member(self, values: "Values") -> dict[str, Any]:
        chat, person = self._chat(values), values.number("user_id")
        if person != BOT_ID and person not in self.world.people:
            raise bad("PARTICIPANT_ID_INVALID")
        return self.world.member(chat, person)

    def do_get_chat_member_count(self, values: "Values") -> int:
        return sum(status in INSIDE for status in self._chat(values).people.values())

    def do_get_chat_administrators(self, values: "Values") -> list[dict[str, Any]]:
        chat = self._chat(values)
        found = [person for person, status in chat.people.items() if status in ("creator", "administrator")]
        return [self.world.member(chat, person) for person in found if person != BOT_ID]

    def do_create_chat_invite_link(self, values: "Values") -> dict[str, Any]:
        chat = self._chat(values, "can_invite_users")
        name, limit, asks = (
            values.text("name", ""),
            values.number("member_limit", 0),
            values.flag("creates_join_request"),
        )
        if len(name) > NAME_LIMIT:
            raise bad("invite link name is too long")
        if asks and limit:
            raise bad("member limit can't be specified for links requiring administrator approval")
        if not 0 <= limit <= 99999:
            raise bad("member limit is invalid")
        link = Link("", name, asks, limit or None, values.number("expire_date", 0) or None)
        return self.world.link(self.world.add_link(chat, link))

    def do_revoke_chat_invite_link(self, values: "Values") -> dict[str, Any]:
        chat = self._chat(values, "can_invite_users")
        link = chat.links.get(values.text("invite_link"))
        if link is None:
            raise bad("INVITE_HASH_EXPIRED")
        link.revoked = True
        return self.world.link(link)

    def do_approve_chat_join_request(self, values: "Values") -> bool:
        self.world.answer(self._chat(values, "can_invite_users"), values.number("user_id"), take=True)
        return True

    def do_decline_chat_join_request(self, values: "Values") -> bool:
        self.world.answer(self._chat(values, "can_invite_users"), values.number("user_id"), take=False)
        return True

    def do_ban_chat_member(self, values: "Values") -> bool:
        self.world.ban(self._chat(values, "can_restrict_members"), values.number("user_id"))
        return True

    def do_unban_chat_member(self, values: "Values") -> bool:
        chat = self._chat(values, "can_restrict_members")
        self.world.unban(chat, values.number("user_id"), only_if_banned=values.flag("only_if_banned"))
        return True

    def do_set_chat_title(self, values: "Values") -> bool:
        chat, title = self._chat(values, "can_change_info"), values.text("title", "")
        if not 1 <= len(title) <= TITLE_LIMIT:
            raise bad("chat title is empty" if not title else "chat title is too long")
        chat.title = title
        return True

    def do_set_chat_description(self, values: "Values") -> bool:
        chat, text = self._chat(values, "can_change_info"), values.text("description", "")
        if len(text) > DESCRIPTION_LIMIT:
            raise bad("chat description is too long")
        if text == chat.description:
            raise bad("chat description is not modified")
        chat.description = text
        return True

    def do_leave_chat(self, values: "Values") -> bool:
        chat = self._chat(values)
        chat.people[BOT_ID], chat.rights = "left", frozenset()
        return True

    # -- messages ------------------------------------------------------------------------------------------

    def do_send_message(self, values: "Values") -> dict[str, Any]:
        return self.world.send(self._number_of(values) or values.number("chat_id"), values.text("text", ""))

    def do_send_photo(self, values: "Values") -> dict[str, Any]:
        chat = self._number_of(values) or values.number("chat_id")
        return self.world.send_photo(chat, values.file("photo"), values.text("caption", ""))

    def do_send_video(self, values: "Values") -> dict[str, Any]:
        chat = self._number_of(values) or values.number("chat_id")
        return self.world.send_video(chat, values.text("video"), values.text("caption", ""))

    def do_delete_message(self, values: "Values") -> bool:
        self.world.delete(self._chat(values), values.number("message_id"))
        return True

    def do_pin_chat_message(self, values: "Values") -> bool:
        chat, message = self._chat(values, "can_pin_messages"), values.number("message_id")
        if message not in chat.messages:
            raise bad("message to pin not found")
        chat.pinned.append(message)
        return True


class Values:
    """The parameters of a request: what is lacking or of another kind is refused."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number, also written as text."""
        value = self._fields.get(name, default)
        if value is None or value == "":
            raise bad(f"{name} is empty" if name != "chat_id" else "chat_id is empty")
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad("chat not found" if name == "chat_id" else f"{name} is invalid") from None

    def text(self, name: str, default: str | None = None) -> str:
        """A text."""
        value = self._fields.get(name, default)
        if value is None:
            raise bad(f"{name} is empty")
        return str(value)

    def file(self, name: str) -> bytes | str:
        """A file as it came with the request (``attach://`` names its part), or the id of one that was sent before."""
        value = self._fields.get(name, "")
        if isinstance(value, str) and value.startswith("attach://"):
            value = self._fields.get(value.removeprefix("attach://"), b"")
        return value if isinstance(value, bytes) else str(value)

    def flag(self, name: str) -> bool:
        """Yes or no."""
        return str(self._fields.get(name, "")).lower() in ("true", "1")

    def items(self, name: str) -> list[str]:
        """A list of texts, also written as JSON."""
        value = self._fields.get(name) or []
        try:
            return list(json.loads(value)) if isinstance(value, str) else list(value)
        except (ValueError, TypeError):
            raise bad(f"can't parse {name} JSON object") from None


async def _fields(request: web.Request) -> dict[str, Any]:
    fields: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            found = await request.json() if request.can_read_body else {}
        except ValueError:
            raise bad("can't parse JSON") from None
        return fields | (cast("dict[str, Any]", found) if isinstance(found, dict) else {})
    for name, value in (await request.post()).items():
        fields[name] = value if isinstance(value, str) else _content(value)
    return fields


def _content(part: Any) -> bytes:
    return bytes(part.file.read()) if hasattr(part, "file") else bytes(part)
