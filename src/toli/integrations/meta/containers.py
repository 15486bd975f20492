"""Instagram and Threads take a post in two steps: a container, which nobody sees, and its publication."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from toli.core.domain.storable import is_storable
from toli.integrations.meta.graph import DAY_WAIT, Answer, Asker
from toli.posting.domain.states import Verdict
from toli.posting.ports import Quota, Receipt

PATIENCE = 15.0  # seconds that a container may take
PAUSE = 0.5  # seconds before it is asked about again; longer each time
READY, BROKEN = frozenset({"FINISHED", "PUBLISHED"}), frozenset({"ERROR", "EXPIRED"})


@dataclass(frozen=True, slots=True)
class Steps:
    """What the steps are called: paths below the account, and the field that tells how a container stands."""

    container: str
    publish: str
    limit: str
    status: str


async def publish(ask: Asker, account_id: str, steps: Steps, values: Mapping[str, str]) -> Receipt:
    """Look how much is left of today, make the container, wait for it, publish it."""
    allowed = await quota(ask, account_id, steps)
    if isinstance(allowed, Answer):
        return allowed.receipt
    if allowed.used >= allowed.total:
        return Receipt(Verdict.LATER, code="quota", retry_after=DAY_WAIT)
    made = await ask.post(f"{account_id}/{steps.container}", harmless=True, **values)
    if made.verdict is not Verdict.DONE:
        return made.receipt
    container = str(made.data.get("id", ""))
    if not is_storable(container, 120):
        return Receipt(Verdict.LATER, code="container_unreadable")
    if problem := await _wait(ask, container, steps.status):
        return problem
    done = await ask.post(f"{account_id}/{steps.publish}", creation_id=container)
    if done.verdict is not Verdict.DONE:
        return done.receipt
    ref = str(done.data.get("id", ""))
    if not is_storable(ref, 120):
        return Receipt(Verdict.DONE)  # it stands there, by a name that cannot be said again
    seen = await ask.get(ref, fields="permalink")
    return Receipt(Verdict.DONE, ref=ref, address=str(seen.data.get("permalink", ""))[:300])


async def quota(ask: Asker, account_id: str, steps: Steps) -> Quota | Answer:
    """What was used of today's posts, as the platform tells it at this moment; else why it does not."""
    found = await ask.get(f"{account_id}/{steps.limit}", fields="config,quota_usage")
    if found.verdict is not Verdict.DONE:
        return found
    try:
        (line,) = found.data["data"]
        return Quota(int(line["quota_usage"]), int(line["config"]["quota_total"]))
    except (KeyError, TypeError, ValueError):
        return Answer(Verdict.LATER, code="quota_unreadable")


async def _wait(ask: Asker, container: str, field: str) -> Receipt | None:
    """None as soon as it can be published; else what became of it."""
    ends_at, pause = time.monotonic() + PATIENCE, PAUSE
    while True:
        found = await ask.get(container, fields=field)
        if found.verdict is not Verdict.DONE:
            return found.receipt
        status = str(found.data.get(field, ""))
        if status in READY:
            return None
        if status in BROKEN:
            return Receipt(Verdict.REFUSED, code=f"container_{status.lower()}")
        if time.monotonic() + pause > ends_at:
            return Receipt(Verdict.LATER, code="container_slow", retry_after=60.0)
        await asyncio.sleep(pause)
        pause *= 1.5
