"""Thin ASGI paths beside Django, in one process.

A thin path answers without Django's middlewares, so it is asked only where nothing is left for them to do: the host
is one of ours, and the visitor came by https where that is demanded. Everything else, and whatever a thin path hands
back, is Django's. ``settings.THIN_PATHS`` says which callable stands at which prefix.

A thin path is called as ``await path(scope, receive, send, django)``. It finds the visitor's address, with trusted
proxies taken into account, in ``scope["toli.address"]``; headers whose name holds an underscore are gone, because
WSGI could not tell them from those that a proxy wrote. It may have ``startup()`` and ``shutdown()``.

It may also have ``at_once``: what it can say to a plain request without asking anybody; and ``hears``: who says it,
once the whole body of a small post is there. The server asks for that first, before it makes a scope and a task, which
cost more than such an answer (``toli.web.serving``).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.module_loading import import_string

from toli.web.client import address_behind

Scope = MutableMapping[str, Any]
Headers = Mapping[bytes, bytes]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
log = logging.getLogger(__name__)
# A request that has one of these is not plain: its body has no end yet, or it wants to be told to go on.
_NOT_PLAIN = frozenset({b"transfer-encoding", b"expect", b"upgrade"})
_LENGTH = b"content-length"
SMALL_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Said:
    """A whole answer. ``head``: its header lines but the date. It is to be sent when ``written`` is done; should that
    fail, ``otherwise`` is."""

    status: int
    head: bytes
    body: bytes
    written: "asyncio.Future[Any] | None" = None
    otherwise: "Said | None" = None


Hearing = Callable[[bytes], Said]  # told a body, and raises nothing


class ThinPath(Protocol):
    """What stands at a prefix. ``django`` answers whatever it does not want to answer itself."""

    async def startup(self) -> None: ...
    async def shutdown(self) -> None: ...
    async def __call__(self, scope: Scope, receive: Receive, send: Send, django: App) -> None: ...


def thin_paths() -> dict[str, ThinPath]:
    """One of each that the settings name."""
    return {prefix: import_string(dotted)() for prefix, dotted in settings.THIN_PATHS.items()}


class Beside:
    """The ASGI application: thin paths by the longest prefix that fits, Django for the rest."""

    def __init__(self, django: App, thin: Mapping[str, ThinPath]) -> None:
        self._django = django
        self._thin = sorted(thin.items(), key=lambda item: -len(item[0]))
        self._at_once = [(prefix.encode(), path.at_once) for prefix, path in self._thin if hasattr(path, "at_once")]
        self._hears = [(prefix.encode(), path.hears) for prefix, path in self._thin if hasattr(path, "hears")]
        self._hosts: dict[bytes, bool] = {}

    def at_once(self, url: bytes, headers: Sequence[tuple[bytes, bytes]], peer: str) -> Said | None:
        """What a thin path can say to GET without asking anybody; None: it has to be called."""
        say = _at(url, self._at_once)
        said = _plain(url, headers) if say else None
        if say is None or said is None or _LENGTH in said:
            return None
        address = self._address(peer, said, said.get(b"x-forwarded-for", b"").decode("latin1"))
        return None if address is None else cast("Said | None", say(url.decode("latin1"), said, address))

    def hears(self, url: bytes, headers: Sequence[tuple[bytes, bytes]], peer: str) -> Hearing | None:
        """Who answers this POST as soon as its body is there; None: a path has to be called."""
        hears = _at(url, self._hears)
        said = _plain(url, headers) if hears else None
        if hears is None or said is None or int(said.get(_LENGTH, SMALL_BODY + 1)) > SMALL_BODY:
            return None
        if b"_" in b"".join(said) or self._address(peer, said, "") is None:
            return None
        return cast("Hearing | None", hears(url.decode("latin1"), said))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["headers"] = headers = [item for item in scope["headers"] if b"_" not in item[0]]
        path = scope["path"]
        for prefix, thin in self._thin:
            if path.startswith(prefix):
                if self._is_in_order(scope, dict(headers)):
                    return await thin(scope, receive, send, self._django)
                break
        return await self._django(scope, receive, send)

    def _is_in_order(self, scope: Scope, headers: Headers) -> bool:
        """Whether Django's middlewares would let the request through; fills in the address."""
        peer = scope["client"][0] if scope.get("client") else ""
        scope["toli.address"] = address = self._address(peer, headers, _forwarded(scope))
        return address is not None

    def _address(self, peer: str, headers: Headers, forwarded: str) -> str | None:
        """The visitor's address; None where Django's middlewares would not let the request through."""
        proxied = peer in settings.TRUSTED_PROXIES
        if settings.HTTPS_ONLY and not (proxied and headers.get(b"x-forwarded-proto") == b"https"):
            return None
        return address_behind(peer, forwarded if proxied else "") if self._is_ours(headers.get(b"host", b"")) else None

    def _is_ours(self, host: bytes) -> bool:
        known = self._hosts.get(host)
        if known is None:
            domain, _port = split_domain_port(host.decode("latin1"))
            known = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
            if len(self._hosts) < 100:
                self._hosts[host] = known
        return known

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            for _prefix, thin in self._thin:
                await thin.startup()
        except Exception as error:
            log.exception("a thin path could not be started")
            await send({"type": "lifespan.startup.failed", "message": type(error).__name__})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for _prefix, thin in self._thin:
            await thin.shutdown()
        await send({"type": "lifespan.shutdown.complete"})


def _at(url: bytes, paths: Sequence[tuple[bytes, Callable[..., Any]]]) -> Callable[..., Any] | None:
    return next((found for prefix, found in paths if url.startswith(prefix)), None)


def _plain(url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Headers | None:
    """The headers, each there once, of a request that needs nothing but an answer. None: it needs more."""
    said = dict(headers)
    if len(said) != len(headers) or not _NOT_PLAIN.isdisjoint(said) or b"?" in url or b"%" in url:
        return None
    return said


def _forwarded(scope: Scope) -> str:
    """What X-Forwarded-For says, also where a proxy wrote it as a line of its own."""
    return ",".join(value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for")
