"""How an emulated service misbehaves when asked to."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import web


class Fault(StrEnum):
    """``busy``: 429. ``error``: 500. ``denied``: 401. ``reset``: hangs up before it takes the text. ``lost``: takes it
    and hangs up. ``silent``: takes it and never answers. ``late``: hangs up, and takes it a moment later.
    ``error_after``: takes it and answers 500. ``slow``: takes it and answers late."""

    NONE = "none"
    BUSY = "busy"
    ERROR = "error"
    DENIED = "denied"
    RESET = "reset"
    LOST = "lost"
    SILENT = "silent"
    LATE = "late"
    ERROR_AFTER = "error_after"
    SLOW = "slow"


SILENCE_SECONDS = 60.0
SLOW_SECONDS = 0.6
LATE_SECONDS = 0.05


@dataclass
class Faults:
    """``kind`` for the next ``times`` requests (None: for all). ``delay``: seconds before each answer."""

    kind: Fault = Fault.NONE
    times: int | None = None
    delay: float = 0
    retry_after: int | None = None

    def draw(self) -> Fault:
        """The fault of the request that has just come."""
        if self.kind is Fault.NONE or self.times == 0:
            return Fault.NONE
        if self.times is not None:
            self.times -= 1
        return self.kind

    async def before(self, request: web.Request, fault: Fault) -> web.Response | None:
        """The answer of a request that is not taken; None when it is."""
        await asyncio.sleep(self.delay)
        if fault is Fault.RESET:
            hang_up(request)
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        statuses = {Fault.BUSY: 429, Fault.ERROR: 500, Fault.DENIED: 401, Fault.RESET: 500}
        return web.json_response({"ok": False}, status=statuses[fault], headers=headers) if fault in statuses else None

    async def after(self, request: web.Request, fault: Fault) -> web.Response | None:
        """What happens once the text is taken, before the answer; an answer of its own, if there is one."""
        if fault is Fault.LOST:
            hang_up(request)
        if fault in {Fault.SILENT, Fault.SLOW}:
            await asyncio.sleep(SILENCE_SECONDS if fault is Fault.SILENT else SLOW_SECONDS)
        return web.json_response({"ok": False}, status=500) if fault is Fault.ERROR_AFTER else None

    def take(self, request: web.Request, fault: Fault, take: Callable[[], object]) -> None:
        """Take what the request brings: at once, or after hanging up."""
        if fault is Fault.LATE:
            asyncio.get_running_loop().call_later(LATE_SECONDS, take)
            hang_up(request)
        else:
            take()


def hang_up(request: web.Request) -> None:
    """Cut the connection; whatever is answered afterwards goes nowhere."""
    if request.transport is not None:
        request.transport.abort()


def readable(found: Any) -> str:
    """JSON in which Hindi can be read."""
    return json.dumps(found, ensure_ascii=False, indent=1)
