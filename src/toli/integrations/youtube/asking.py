"""Calls of the YouTube Data API, and what its answers mean. Sources: developers.google.com, YouTube Data API v3
(quotas, errors, resumable uploads) and OAuth 2.0 for servers, as of 2026.

A token for acting lives an hour, and is made for each post from the one that lasts.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from toli.core import clock
from toli.core.domain.addresses import is_secure
from toli.core.posting import Line, Post, Reply
from toli.posting.answers import Answer
from toli.posting.domain.states import Verdict

PACIFIC = "America/Los_Angeles"  # whose midnight begins a new day of the quota
DAY_OVER = frozenset({"quotaExceeded", "dailyLimitExceeded"})
TOO_MANY = frozenset({"uploadLimitExceeded"})  # of the channel, not of the app
TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
STANDS_STILL = frozenset(
    {
        "authError", "required", "forbidden", "insufficientPermissions", "youtubeSignupRequired", "accountClosed",
        "accountSuspended", "accountDelegationForbidden", "authenticatedUserAccountClosed",
        "authenticatedUserAccountSuspended", "accessNotConfigured", "channelClosed", "channelSuspended",
    }
)  # fmt: skip
_CHANNEL = re.compile(r"UC[0-9A-Za-z_-]{22}")
WAIT = 60.0  # seconds, where calls came too fast
UPLOADS_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class Channel:
    """Settings of a channel: its number, the app that Google knows, and the consent that the owner gave to the app.

    ``category``: number of the platform's category; 29 is for organisations that act. ``privacy``: who can see it.
    """

    channel_id: str
    client_id: str = field(metadata={"of_app": True})
    client_secret: str = field(repr=False, metadata={"secret": True, "of_app": True})
    refresh_token: str = field(repr=False, metadata={"secret": True})
    privacy: str = "public"
    category: str = "29"
    base_url: str = "https://www.googleapis.com"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 an address

    def __post_init__(self) -> None:
        if not _CHANNEL.fullmatch(self.channel_id):
            raise ValueError("channel_id: UC…")
        if self.privacy not in ("public", "unlisted", "private"):
            raise ValueError("privacy: public, unlisted, private")
        if not self.category.isdigit():
            raise ValueError("category: 0-9")
        if not (is_secure(self.base_url) and is_secure(self.token_url)):
            raise ValueError("base_url, token_url: https://…")


class Asker:
    """Asks for one channel. No call through it shows anything to anybody: a lost answer means to try again."""

    def __init__(self, line: Line, channel: Channel) -> None:
        self._line = line
        self._channel = channel
        self._token = ""

    async def open(self) -> Answer | None:
        """Get a token for acting; None when there is one."""
        channel = self._channel
        values = {
            "grant_type": "refresh_token", "client_id": channel.client_id, "client_secret": channel.client_secret,
            "refresh_token": channel.refresh_token,
        }  # fmt: skip
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        found = of_reply(await self._line.post(Post(channel.token_url, urlencode(values).encode(), headers)))
        self._token = str(found.data.get("access_token", ""))
        if self._token.isascii() and self._token.isprintable() and self._token:
            return None
        if found.verdict is not Verdict.DONE:
            return found
        return Answer(Verdict.LATER, code="token_unreadable", retry_after=WAIT)

    async def call(
        self, method: str, path: str, values: Mapping[str, str], body: bytes = b"", **headers: str
    ) -> Answer:
        """One call below the address of the API."""
        return await self.send(Post(f"{self._channel.base_url}/{path}?{urlencode(values)}", body, headers, method))

    async def send(self, post: Post) -> Answer:
        """One call, with the token."""
        headers = {**post.headers, "Authorization": f"Bearer {self._token}"}
        return of_reply(await self._line.post(Post(post.url, post.body, headers, post.method)))


async def mine(ask: Asker, channel: Channel, part: str) -> Answer:
    """The channel of whoever gave the consent, which has to be the one that is kept."""
    found = await ask.call("GET", "youtube/v3/channels", {"part": f"id,{part}", "mine": "true"})
    if found.verdict is not Verdict.DONE:
        return found
    items = found.data.get("items")
    if not isinstance(items, list) or not items or not isinstance(items[0], dict):
        return Answer(Verdict.PAUSE, code="no_channel")
    if items[0].get("id") != channel.channel_id:
        return Answer(Verdict.PAUSE, code="another_channel")
    return Answer(Verdict.DONE, items[0])


def of_reply(reply: Reply) -> Answer:
    """What became of a call that shows nothing to anybody."""
    if not reply.reached:
        return Answer(Verdict.LATER, code="not_reached")
    if reply.status is None:
        return Answer(Verdict.LATER, code="no_answer")
    return read(reply.status, reply.body, reply.headers, clock.now())


def read(status: int, body: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
    """What an answer means. Pure.

    308 is an upload that is not complete: done, with ``status`` 308.
    """
    try:
        found = json.loads(body) if body else {}
    except ValueError:
        found = None
    if status in (200, 201, 204, 308):
        if isinstance(found, dict):
            return Answer(Verdict.DONE, found, headers=headers, status=status)
        return Answer(Verdict.LATER, code=f"http_{status}", status=status)
    code = _code(found) or f"http_{status}"
    if code in DAY_OVER:
        return Answer(Verdict.LATER, code=code, retry_after=_until_midnight(now), status=status)
    if code in TOO_MANY:
        return Answer(Verdict.LATER, code=code, retry_after=UPLOADS_WAIT, status=status)
    if code in TOO_FAST or status == 429:
        return Answer(Verdict.LATER, code=code, retry_after=WAIT, status=status)
    if code in STANDS_STILL or code in ("invalid_grant", "invalid_client", "unauthorized_client") or status == 401:
        return Answer(Verdict.PAUSE, code=code, status=status)
    if status >= 500:
        return Answer(Verdict.LATER, code=code, status=status)
    return Answer(Verdict.REFUSED, code=code, status=status)


def _code(found: Any) -> str:
    """The platform's word: of the API the first reason, of the giver of tokens its only one."""
    error = found.get("error") if isinstance(found, dict) else None
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return ""
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return str(first.get("reason") or error.get("status") or "")


def _until_midnight(now: datetime) -> float:
    """Seconds until the quota's next day begins."""
    there = now.astimezone(ZoneInfo(PACIFIC))
    tomorrow = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1.0, (tomorrow - now).total_seconds())
