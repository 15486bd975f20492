"""The page of a share link without Django's way through eight middlewares: what most visitors of Toli ever see.

Answers browsers that open a link in the language they have chosen. Everybody else is Django's: a code that does not
exist (the miss is counted there), a language to be remembered, somebody who is signed in, a visitor who was refused.

Pages are made by Django once a second at most for each kit and language, with marks in place of the code and the
sender's name. So whatever changes, a withdrawn kit or the organisation's name, shows within KIT_SECONDS, and a link
that is erased is gone within LINK_SECONDS, without anybody having to tell the processes that serve pages.
"""

import asyncio
import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import cast

from django.conf import settings
from django.db import close_old_connections, connections
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.utils import translation
from django.utils.html import escape

from toli.access.domain.scope import EVERYWHERE
from toli.cards.selectors import shortened
from toli.content import selectors as content
from toli.core import clock, wall
from toli.core.domain.limits import network_of
from toli.sharing.domain import link_codec, visitors
from toli.sharing.services.batches import FoundLink, LinkBook
from toli.web.beside import App, Headers, Receive, Said, Scope, Send
from toli.web.middleware import LANGUAGE_COOKIE, LANGUAGES, SecurityHeaders
from toli.web.public.share import page_of

PREFIX = "/s/"
KIT_SECONDS = 1.0
LINK_SECONDS = 5.0
MOST_LINKS = 50_000
MOST_REFUSED = 50_000
REFUSED_SECONDS = 60.0  # for which Django is asked about a visitor whom it has refused
CODE_MARK, SENDER_MARK = "qz7codeqz7", "qz7senderqz7"
log = logging.getLogger(__name__)

clean = lru_cache(65_536)(link_codec.clean)
is_robot = lru_cache(8_192)(visitors.is_robot)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page of a kit in one language, cut at its marks. ``counts``: visits to it count."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    head: bytes  # the same as lines
    parts: tuple[bytes, ...]
    codes: tuple[int, ...]  # the places among the parts where the link's code stands
    senders: tuple[int, ...]
    counts: bool
    made: float

    def body(self, code: bytes, sender: bytes) -> bytes:
        """The page of one link."""
        parts = list(self.parts)
        for place in self.codes:
            parts[place] = code
        for place in self.senders:
            parts[place] = sender
        return b"".join(parts)


class QuickShare:
    """The thin path at ``/s/``."""

    def __init__(self) -> None:
        self._book = LinkBook()
        self._links: dict[str, tuple[FoundLink, bytes, float]] = {}
        self._sheets: dict[tuple[int, str], Sheet] = {}
        self._making: dict[tuple[int, str], asyncio.Task[Sheet]] = {}
        self._refused: dict[str, float] = {}
        self._language = str(settings.LANGUAGE_CODE)
        self._today: tuple[float, date, bytes] = (0.0, date.min, b"")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sheets")

    async def startup(self) -> None:
        """Open the connections."""
        await self._book.start()

    async def shutdown(self) -> None:
        """Write what waits and close."""
        await self._book.stop()
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send, django: App) -> None:
        asked = self._asked(scope)
        if asked is None:
            return await django(scope, receive, self._noting(scope, send))
        code, language, agent = asked
        try:
            found = await self._link(code)
            sheet = await self._sheet(found[0].kit_id, language) if found else None
        except Exception:  # Django tries for itself, and has a page for what went wrong
            log.warning("a share page could not be made the quick way", exc_info=True)
            sheet = found = None
        if found is None or sheet is None:
            return await django(scope, receive, self._noting(scope, send))
        written = self._count(found[0], sheet, scope["toli.address"], agent) if scope["method"] == "GET" else None
        if written is not None:
            await written
        return await _give(send, sheet, sheet.body(code.encode(), found[1]))

    def at_once(self, path: str, headers: Headers, address: str) -> Said | None:
        """The page, where link and kit have been looked up a moment ago: nearly always, when many come."""
        code = clean(path[len(PREFIX) :])
        kept = self._links.get(code) if code is not None else None
        if code is None or kept is None or (self._refused and self._was_refused(address)):
            return None
        cookies = headers.get(b"cookie")
        language = _language(cookies.decode("latin1")) if cookies else self._language
        sheet = self._sheets.get((kept[0].kit_id, language)) if language else None
        now = time.monotonic()
        if sheet is None or now - sheet.made >= KIT_SECONDS or now - kept[2] >= LINK_SECONDS:
            return None
        written = self._count(kept[0], sheet, address, headers.get(b"user-agent", b"").decode("latin1"))
        return Said(sheet.status, sheet.head, sheet.body(code.encode(), kept[1]), written)

    def _count(self, link: FoundLink, sheet: Sheet, address: str, agent: str) -> "asyncio.Future[bool] | None":
        """Have the visit written, if it counts: what the page has to wait for."""
        if not sheet.counts or is_robot(agent):
            return None
        day, key = self._day()
        return self._book.record(link.link_id, day, visitors.visitor(key, address, agent))

    def _asked(self, scope: Scope) -> tuple[str, str, str] | None:
        """Code, language and browser, where the request is one that can be answered here."""
        code = clean(scope["path"][len(PREFIX) :])
        if code is None or scope["method"] not in {"GET", "HEAD"} or b"lang=" in scope["query_string"]:
            return None
        if self._refused and self._was_refused(scope["toli.address"]):
            return None
        agent = cookies = ""
        for name, value in scope["headers"]:
            if name == b"user-agent":
                agent = value.decode("latin1")
            elif name == b"cookie":
                cookies = value.decode("latin1")
        language = _language(cookies) if cookies else settings.LANGUAGE_CODE
        return (code, language, agent) if language else None

    async def _link(self, code: str) -> tuple[FoundLink, bytes, float] | None:
        kept = self._links.get(code)
        if kept is not None and time.monotonic() - kept[2] < LINK_SECONDS:
            return kept
        found = await self._book.find(code)
        self._links.pop(code, None)
        if found is None:
            return None
        if len(self._links) >= MOST_LINKS:
            self._links.clear()
        kept = (found, escape(shortened(found.sender)).encode(), time.monotonic())
        self._links[code] = kept
        return kept

    async def _sheet(self, kit_id: int, language: str) -> Sheet:
        key = (kit_id, language)
        kept = self._sheets.get(key)
        if kept is not None and time.monotonic() - kept.made < KIT_SECONDS:
            return kept
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._make(key))
        return await asyncio.shield(self._making[key])

    async def _make(self, key: tuple[int, str]) -> Sheet:
        try:
            made = await asyncio.get_running_loop().run_in_executor(self._thread, make_sheet, *key)
            self._sheets[key] = made
            return made
        finally:
            del self._making[key]

    def _day(self) -> tuple[date, bytes]:
        """Today and its key."""
        looked, day, key = self._today
        now = time.monotonic()
        if now - looked > 1:
            today = clock.today()
            if today != day:
                day, key = today, visitors.day_key(settings.SECRET_KEY.encode(), today)
            self._today = (now, day, key)
        return day, key

    def _was_refused(self, address: str) -> bool:
        until = self._refused.get(network_of(address))
        return until is not None and time.monotonic() < until

    def _noting(self, scope: Scope, send: Send) -> Send:
        """Pass on what Django says, and remember whom it refuses: known codes are refused to them as well.

        Another process learns of it by the first miss that it sees itself, before which it has told nothing.
        """

        async def noted(message: dict[str, object]) -> None:
            if message.get("status") == 429:
                if len(self._refused) >= MOST_REFUSED:
                    self._refused.clear()
                self._refused[network_of(scope["toli.address"])] = time.monotonic() + REFUSED_SECONDS
            await send(message)

        return noted  # type: ignore[return-value]


def _language(cookies: str) -> str | None:
    """The language that the visitor chose; None where only Django can tell: somebody may be signed in."""
    chosen = None
    for cookie in cookies.split(";"):
        name, _is, value = cookie.strip().partition("=")
        if name == settings.SESSION_COOKIE_NAME:
            return None
        if name == LANGUAGE_COOKIE and value in LANGUAGES:
            chosen = value
    return chosen or str(settings.LANGUAGE_CODE)


def make_sheet(kit_id: int, language: str) -> Sheet:
    """Have Django make the page. For a thread of its own. Raises KitNotFound."""
    close_old_connections()
    made = time.monotonic()  # the page is as old as what was read for it
    request = HttpRequest()
    request.method, request.path, request.LANGUAGE_CODE = "GET", PREFIX, language
    with wall.lifted("a citizen opens a link to this kit"), translation.override(language):
        kit = content.get_kit(EVERYWHERE, kit_id)
        current = content.is_current(kit)
        page = page_of(request, kit, code=CODE_MARK, sender=SENDER_MARK, current=current)
    page.headers["Content-Language"] = language
    page.headers["Vary"] = "Cookie"
    safe = cast(HttpResponse, SecurityMiddleware(SecurityHeaders(lambda _request: page))(request))
    headers = tuple((name.lower().encode(), value.encode("latin1")) for name, value in safe.items())
    head = b"".join(b"%s: %s\r\n" % line for line in headers)
    code, sender = CODE_MARK.encode(), SENDER_MARK.encode()
    parts = tuple(re.split(b"(%s|%s)" % (code, sender), page.content))
    codes, senders = ([place for place, part in enumerate(parts) if part == mark] for mark in (code, sender))
    return Sheet(safe.status_code, headers, head, parts, tuple(codes), tuple(senders), counts=current, made=made)


async def _give(send: Send, sheet: Sheet, body: bytes) -> None:
    headers = [*sheet.headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": sheet.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
