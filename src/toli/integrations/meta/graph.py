"""Calls of the Graph API, and what its answers mean. Sources: developers.facebook.com, Graph API (error handling, rate
limits), Instagram platform (content publishing) and Threads API, as of 2026.

The token goes in a header, never in an address, as addresses stand in logs.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from toli.core.domain.addresses import is_secure
from toli.core.posting import Line, Post, each
from toli.posting.answers import Answer
from toli.posting.domain.states import Verdict

Item = TypeVar("Item")
Result = TypeVar("Result")
TIMEOUT = 10.0  # seconds for one call
WITHIN = 25.0  # seconds in which posts are begun: with the calls of one post it stays below posting.ports.CALLS
TOO_FAST = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
STANDS_STILL = frozenset({3, 10, 102, 190, 368, *range(200, 300)})  # token, rights, blocked
INSIDE = frozenset({1, 2})  # a fault of theirs: it may have been taken
NO_MORE_TODAY = 9  # Instagram: the limit of posts in 24 hours
NOT_THERE = (100, 33)  # code and subcode: deleted before, or never there
WAIT = 600.0  # seconds, where the platform does not say how long
DAY_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class MetaAccount:
    """Settings of an account: its number, and the token that may post for it."""

    account_id: str
    token: str = field(repr=False, metadata={"secret": True})
    base_url: str = "https://graph.facebook.com"
    version: str = "v23.0"

    def __post_init__(self) -> None:
        if not self.account_id.isdigit():
            raise ValueError("account_id: 0-9")
        if not is_secure(self.base_url):
            raise ValueError("base_url: https://…")


class Asker:
    """Asks for one account. ``harmless`` calls show nothing to anybody: a lost answer means to try again."""

    def __init__(self, line: Line, account: MetaAccount) -> None:
        self._line = line
        self._account = account

    async def get(self, path: str, **values: str) -> Answer:
        """Read something."""
        return await self._ask("GET", path, values, harmless=True)

    async def post(self, path: str, *, harmless: bool = False, **values: str) -> Answer:
        """Have something made."""
        return await self._ask("POST", path, values, harmless=harmless)

    async def delete(self, path: str) -> Answer:
        """Have something deleted. What is not there is done."""
        found = await self._ask("DELETE", path, {}, harmless=True)
        return Answer(Verdict.DONE) if found.code == "100.33" else found

    async def _ask(self, method: str, path: str, values: Mapping[str, str], *, harmless: bool) -> Answer:
        account = self._account
        address = f"{account.base_url}/{account.version}/{path}"
        sent = urlencode({name: value for name, value in values.items() if value})
        if method == "GET" and sent:
            address, sent = f"{address}?{sent}", ""
        headers = {"Authorization": f"Bearer {account.token}"}
        if sent:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        reply = await self._line.post(Post(address, sent.encode(), headers, method))
        if not reply.reached:
            return Answer(Verdict.LATER, code="not_reached")
        lost = Verdict.LATER if harmless else Verdict.UNKNOWN
        if reply.status is None:
            return Answer(lost, code="no_answer")
        return read(reply.status, reply.body, reply.headers, lost)


def read(status: int, body: bytes, headers: Mapping[str, str], lost: Verdict) -> Answer:
    """What an answer means. ``lost``: what follows when nobody can tell whether it was taken. Pure."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return Answer(lost, code=f"http_{status}")
    error = found.get("error")
    if not isinstance(error, dict):
        done = 200 <= status < 300
        return Answer(Verdict.DONE, found, headers=headers) if done else Answer(lost, code=f"http_{status}")
    code, part = int(error.get("code") or 0), int(error.get("error_subcode") or 0)
    name = f"{code}.{part}" if part else str(code)
    if code in TOO_FAST:
        return Answer(Verdict.LATER, code=name, retry_after=_regain(headers))
    if code == NO_MORE_TODAY:
        return Answer(Verdict.LATER, code=name, retry_after=DAY_WAIT)
    if code in STANDS_STILL:
        return Answer(Verdict.PAUSE, code=name)
    if code in INSIDE or status >= 500:
        return Answer(lost, code=name)
    return Answer(Verdict.REFUSED, code=name)


def _regain(headers: Mapping[str, str]) -> float:
    """Seconds until calls are taken again: the platform tells minutes for each business use case."""
    try:
        cases = json.loads(headers.get("X-Business-Use-Case-Usage", "{}")).values()
        minutes = [case.get("estimated_time_to_regain_access", 0) for found in cases for case in found]
    except (ValueError, AttributeError, TypeError):
        return WAIT
    return max(minutes, default=0) * 60.0 or WAIT


def work(
    items: Sequence[Item], do: Callable[[Asker, Item], Awaitable[Result]], account: Callable[[Item], MetaAccount]
) -> list[Result | None]:
    """``do`` for each, several at a time; None for what was not begun in time."""
    return each(
        items,
        lambda line, item: do(Asker(line, account(item)), item),
        failed=lambda result: getattr(result, "code", "") == "not_reached",
        timeout=TIMEOUT,
        within=WITHIN,
    )
