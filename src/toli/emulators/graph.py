"""Meta's Graph API on this machine, as far as publishing needs it: Facebook Pages, Instagram, Threads; strict where
Meta is. ``GET /control/standing`` shows what stands where; ``POST /control/<name>`` with JSON sets an account's state.
"""

import contextlib
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from toli.emulators.faults import Fault, Faults, readable

LIMITS = {"facebook": 63_206, "instagram": 2200, "threads": 500}
KINDS = tuple(LIMITS)
CONTAINERS = {"instagram": ("IMAGE", "REELS"), "threads": ("TEXT", "IMAGE", "VIDEO")}


class Refused(Exception):
    """An error as the Graph API writes it."""

    def __init__(self, code: int, message: str, *, subcode: int = 0, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.subcode, self.status = code, subcode, status


@dataclass
class Account:
    """A Page or an account. ``error``: the code with which everything is refused; ``total``: posts in 24 hours."""

    id: str
    kind: str
    name: str
    token: str
    total: int = 50
    error: int = 0
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    published: list[float] = field(default_factory=list)
    calls: int = 0

    def used(self) -> int:
        """Posts of the last 24 hours; those that were deleted count."""
        since = time.time() - 86_400
        return sum(at > since for at in self.published)


@dataclass
class Container:
    """A post that nobody sees yet. ``asked``: how often it was asked about; ready after ``slow`` times."""

    account: Account
    values: dict[str, str]
    asked: int = 0
    published: bool = False


@dataclass
class Graph:
    """``slow``: how often a container is in progress before it is ready. ``broken``: how containers turn out instead,
    such as ``ERROR``. ``regain``: minutes told when too fast. ``only``: faults strike calls of paths that end so.
    """

    faults: Faults = field(default_factory=Faults)
    only: str = ""
    slow: int = 0
    broken: str = ""
    regain: int = 0
    accounts: dict[str, Account] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    address: str = ""  # as the last caller wrote it: answers of several pages name the next one
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(17_000_000_000_001))

    def add(self, kind: str, name: str, token: str, account_id: str = "") -> Account:
        """A Page or account that there is."""
        if kind not in KINDS:
            raise ValueError(kind)
        made = Account(account_id or str(next(self._numbers)), kind, name, token)
        self.accounts[made.id] = made
        return made

    def app(self) -> web.Application:
        """The service, to be run by emulators/running.py."""
        app = web.Application()
        app.router.add_get("/control/standing", self._standing)
        app.router.add_post("/control/{name}", self._control)
        app.router.add_route("*", r"/v{version:\d+\.\d+}/{path:.+}", self._call)
        return app

    # -- HTTP ----------------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"].strip("/")
        self.address = f"{request.url.origin()}/v{request.match_info['version']}"
        fault = self.faults.draw() if path.endswith(self.only) else Fault.NONE
        if (refused := await self.faults.before(request, fault)) is not None:
            return refused
        values = {name: str(value) for name, value in (*request.query.items(), *(await request.post()).items())}
        token = values.pop("access_token", "") or request.headers.get("Authorization", "").partition(" ")[2]
        method = values.pop("method", request.method).upper()
        if fault is Fault.LATE:
            self.faults.take(request, fault, lambda: self._late(method, path, values, token))
            return web.Response(status=500)
        try:
            found, account = self._answer(method, path, values, token)
        except Refused as error:
            told = {"message": str(error), "type": "OAuthException", "code": error.code, "fbtrace_id": "A1"}
            if error.subcode:
                told["error_subcode"] = error.subcode
            case = json.dumps({"1": [{"type": "pages", "estimated_time_to_regain_access": self.regain}]})
            headers = {"X-Business-Use-Case-Usage": case}
            return web.json_response({"error": told}, status=error.status, headers=headers)
        if (own := await self.faults.after(request, fault)) is not None:
            return own
        usage = json.dumps({"call_count": min(100, account.calls), "total_time": 1, "total_cputime": 1})
        return web.json_response(found, headers={"X-Page-Usage": usage})

    def _late(self, method: str, path: str, values: dict[str, str], token: str) -> None:
        with contextlib.suppress(Refused):
            self._answer(method, path, values, token)

    def _answer(self, method: str, path: str, values: dict[str, str], token: str) -> tuple[Any, Account]:
        mine = next((found for found in self.accounts.values() if token and found.token == token), None)
        if mine is None:
            raise Refused(190, "Invalid OAuth access token.", status=401)
        mine.calls += 1
        first, _, edge = path.partition("/")
        if mine.error:
            raise Refused(mine.error, f"(#{mine.error}) emulated", status=403)
        if first == "me":
            first = mine.id
        if first == mine.id:
            return self._of_account(method, edge, values, mine), mine
        if first in self.containers and self.containers[first].account is mine and method == "GET":
            return self._status(first, values), mine
        if first in mine.posts:
            return self._of_post(method, first, values, mine), mine
        raise Refused(100, f"Unsupported {method.lower()} request. Object with ID '{first}' does not exist", subcode=33)

    def _of_account(self, method: str, edge: str, values: dict[str, str], account: Account) -> Any:
        edges: dict[tuple[str, str, str], Callable[[dict[str, str], Account], Any]] = {
            ("facebook", "POST", "feed"): self._feed,
            ("facebook", "POST", "photos"): self._photo,
            ("facebook", "POST", "videos"): self._video,
            ("facebook", "GET", "feed"): self._posts,
            ("facebook", "GET", "posts"): self._posts,
            ("facebook", "GET", "published_posts"): self._posts,
            ("instagram", "POST", "media"): self._container,
            ("instagram", "POST", "media_publish"): self._publish,
            ("instagram", "GET", "content_publishing_limit"): self._limit,
            ("instagram", "GET", "media"): self._posts,
            ("threads", "POST", "threads"): self._container,
            ("threads", "POST", "threads_publish"): self._publish,
            ("threads", "GET", "threads_publishing_limit"): self._limit,
            ("threads", "GET", "threads"): self._posts,
        }
        if method == "GET" and not edge:
            known = {"id": account.id, "name": account.name, "username": account.name}
            return _picked(known, values.get("fields", "id,name"))
        if (account.kind, method, edge) not in edges:
            raise Refused(100, f"Unsupported {method.lower()} request.")
        return edges[account.kind, method, edge](values, account)

    # -- Facebook ------------------------------------------------------------------------------------------

    def _feed(self, values: dict[str, str], account: Account) -> dict[str, str]:
        if not values.get("message") and not values.get("link"):
            raise Refused(100, "(#100) Param message must not be empty")
        return {"id": self._stand(account, values.get("message", ""), f"{account.id}_{next(self._numbers)}")}

    def _photo(self, values: dict[str, str], account: Account) -> dict[str, str]:
        _require_address(values.get("url", ""))
        number = str(next(self._numbers))
        ref = self._stand(account, values.get("caption", ""), f"{account.id}_{number}")
        return {"id": number, "post_id": ref}

    def _video(self, values: dict[str, str], account: Account) -> dict[str, str]:
        _require_address(values.get("file_url", ""))
        ref = self._stand(account, values.get("description", ""), str(next(self._numbers)))
        account.posts[ref]["video"] = values["file_url"]
        return {"id": ref}

    def _posts(self, values: dict[str, str], account: Account) -> dict[str, Any]:
        """What stands on the Page, the latest first, at most ``limit`` at once, behind ``after``."""
        limit, after = int(values.get("limit", "25")), values.get("after", "")
        if not 1 <= limit <= 100:
            raise Refused(100, "(#100) limit must be between 1 and 100")
        refs = list(reversed(account.posts))
        if after and after not in refs:
            raise Refused(100, "Invalid cursors values")
        start = refs.index(after) + 1 if after else 0
        part, fields = refs[start : start + limit], values.get("fields", "id,message,created_time")
        found: dict[str, Any] = {"data": [_picked(_shown(account, ref), fields) for ref in part]}
        if part:
            found["paging"] = {"cursors": {"before": part[0], "after": part[-1]}}
        if refs[start + limit :]:
            more = {"limit": limit, "after": part[-1], "fields": fields, "access_token": account.token}
            found["paging"]["next"] = f"{self.address}/{account.id}/published_posts?{urlencode(more)}"
        return found

    # -- Instagram and Threads -----------------------------------------------------------------------------

    def _container(self, values: dict[str, str], account: Account) -> dict[str, str]:
        kind = values.get("media_type", "IMAGE" if account.kind == "instagram" else "")
        if kind not in CONTAINERS[account.kind]:
            raise Refused(100, f"(#100) Param media_type must be one of {{{', '.join(CONTAINERS[account.kind])}}}")
        if kind != "TEXT":
            _require_address(values.get("image_url" if kind == "IMAGE" else "video_url", ""))
        _require_length(account, values.get("caption" if account.kind == "instagram" else "text", ""))
        number = str(next(self._numbers))
        self.containers[number] = Container(account, values)
        return {"id": number}

    def _status(self, number: str, values: dict[str, str]) -> dict[str, str]:
        found = self.containers[number]
        found.asked += 1
        done = self.broken or ("FINISHED" if found.asked > self.slow else "IN_PROGRESS")
        status = "PUBLISHED" if found.published else done
        return _picked({"id": number, "status_code": status, "status": status}, values.get("fields", "id"))

    def _publish(self, values: dict[str, str], account: Account) -> dict[str, str]:
        container = self.containers.get(values.get("creation_id", ""))
        if container is None or container.account is not account:
            raise Refused(100, "(#100) The parameter creation_id is required")
        if container.asked <= self.slow and self.slow:
            raise Refused(9007, "Media ID is not available", subcode=2207027)
        if account.used() >= account.total:
            raise Refused(9, "(#9) The app user's limit was reached", subcode=2207042, status=403)
        if container.published:
            raise Refused(100, "(#100) The container was published before")
        container.published = True
        text = container.values.get("caption") or container.values.get("text", "")
        ref = self._stand(account, text, str(next(self._numbers)))
        if "video_url" in container.values:
            account.posts[ref]["video"] = container.values["video_url"]
        return {"id": ref}

    def _limit(self, values: dict[str, str], account: Account) -> dict[str, Any]:
        config = {"quota_total": account.total, "quota_duration": 86_400}
        return {"data": [{"config": config, "quota_usage": account.used()}]}

    # -- what stands there ---------------------------------------------------------------------------------

    def _stand(self, account: Account, text: str, ref: str) -> str:
        _require_length(account, text)
        account.posts[ref] = {"text": text, "at": time.time()}
        account.published.append(time.time())
        return ref

    def _of_post(self, method: str, ref: str, values: dict[str, str], account: Account) -> Any:
        if method == "GET":
            return _picked(_shown(account, ref), values.get("fields", "id"))
        if method != "DELETE" or account.kind == "instagram":
            raise Refused(100, f"Unsupported {method.lower()} request.")
        del account.posts[ref]
        return {"success": True}

    async def _standing(self, request: web.Request) -> web.Response:
        found = {item.id: [post["text"] for post in item.posts.values()] for item in self.accounts.values()}
        return web.json_response(found, dumps=readable)

    async def _control(self, request: web.Request) -> web.Response:
        """``account``: add one (kind, name, token, account_id); ``set``: error or total of one (account_id)."""
        given = await request.json()
        try:
            if request.match_info["name"] == "account":
                return web.json_response({"result": self.add(**given).id})
            account = self.accounts[given.pop("account_id")]
            account.error, account.total = given.get("error", account.error), given.get("total", account.total)
        except (TypeError, KeyError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({"result": account.id})


def _shown(account: Account, ref: str) -> dict[str, str]:
    post = account.posts[ref]
    at = datetime.fromtimestamp(post["at"], UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    address = f"https://{account.kind}.example/p/{ref}"
    words = dict.fromkeys(("message", "caption", "text"), post["text"])
    return {"id": ref, **words, "created_time": at, "permalink": address, "permalink_url": address}


def _picked(known: dict[str, str], fields: str) -> dict[str, str]:
    return {name: known[name] for name in ("id", *fields.split(",")) if name in known}


def _require_address(address: str) -> None:
    if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise Refused(9004, "Only photo or video can be accepted as media type.", subcode=2207052)


def _require_length(account: Account, text: str) -> None:
    if len(text.encode("utf-16-le")) // 2 > LIMITS[account.kind]:
        raise Refused(100, "(#100) The text is too long")
