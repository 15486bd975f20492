"""How updates come to a bot: posted to its webhook, or fetched by it; late, twice and in another order if asked to."""

import asyncio
import contextlib
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import aiohttp

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 the name of a header
TICK = 0.005


@dataclass
class Disturbance:
    """``twice``: the share of updates that arrive twice. ``again``: of requests to join, those that come under another
    number too. ``window``: so many that wait are put into another order. ``delay``: seconds that one may be late.
    ``pause``: seconds before the first new try after the bot did not answer 2xx, doubled each time."""

    twice: float = 0
    again: float = 0
    window: int = 0
    delay: float = 0
    pause: float = 0.1
    luck: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 no secret


@dataclass
class Hook:
    """Where updates are posted to; ``url`` empty: they wait to be fetched."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    error: str = ""


class Courier:
    """``waiting``: what has not arrived yet. ``posted``: tries; ``arrived``: those that were answered by 2xx."""

    def __init__(self, disturbance: Disturbance) -> None:
        self.disturbance = disturbance
        self.hook = Hook()
        self.waiting: deque[dict[str, Any]] = deque()
        self.under_way = 0
        self.posted = 0
        self.arrived = 0
        self._again: list[dict[str, Any]] = []

    def take(self, update: dict[str, Any]) -> None:
        """One more to bring."""
        self.waiting.append(update)
        if self.disturbance.luck.random() < self.disturbance.twice:
            self.waiting.append(update)

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is under way."""
        return not self.waiting and not self.under_way

    async def run(self) -> None:
        """Bring updates until cancelled."""
        timeout = aiohttp.ClientTimeout(total=30)
        lines = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=lines) as session, asyncio.TaskGroup() as tasks:
            while True:
                while self.hook.url and self.waiting and self.under_way < self.hook.connections:
                    self.under_way += 1
                    tasks.create_task(self._bring(session, self._next()))
                await asyncio.sleep(TICK)

    def _next(self) -> dict[str, Any]:
        window = min(self.disturbance.window, len(self.waiting))
        if window > 1:
            self.waiting.rotate(-self.disturbance.luck.randrange(window))
        return self.waiting.popleft()

    async def _bring(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> None:
        pause = self.disturbance.pause
        try:
            if self.disturbance.delay:
                await asyncio.sleep(self.disturbance.luck.uniform(0, self.disturbance.delay))
            while not await self._post(session, update):
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)
            self.arrived += 1
        finally:
            self.under_way -= 1

    async def _post(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> bool:
        self.posted += 1
        hook = self.hook
        headers = {SECRET_HEADER: hook.secret} if hook.secret else {}
        if not hook.url:
            return False
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with session.post(hook.url, json=update, headers=headers) as answer:
                hook.error = "" if answer.status < 300 else f"Wrong response from the webhook: {answer.status}"
                return answer.status < 300
        hook.error = "Connection refused"
        return False
