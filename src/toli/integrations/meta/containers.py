"""Instagram and Threads take a post in two steps: a container, which nobody sees, and its publication.

The container's number is kept before it is published. So a video may take as long as it needs, and a lost answer is
cleared up by asking: a container is published once, however often that is asked for.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from toli.core.domain.storable import is_storable
from toli.integrations.meta.graph import DAY_WAIT, Asker
from toli.posting.answers import Answer
from toli.posting.domain.states import Verdict
from toli.posting.ports import Begun, Quota, Receipt

PATIENCE = 15.0  # seconds that a call waits for a container
PAUSE = 0.5  # seconds before it is asked about again; longer each time
SLOW = 30.0  # seconds until the next call, where it is not ready by then: a video takes minutes
LOOKED_THROUGH = "25"  # the latest posts of an account, among which a lost one is looked for
READY, THERE, BROKEN = "FINISHED", "PUBLISHED", frozenset({"ERROR", "EXPIRED"})


@dataclass(frozen=True, slots=True)
class Steps:
    """What the steps are called: paths below the account, the field that tells how a container stands, where posts are
    listed, and the field of their words."""

    container: str
    publish: str
    limit: str
    status: str
    posts: str
    words: str


async def begin(ask: Asker, account_id: str, steps: Steps, values: Mapping[str, str]) -> Receipt:
    """Look how much is left of today, and make the container."""
    allowed = await quota(ask, account_id, steps)
    if isinstance(allowed, Answer):
        return allowed.receipt
    if allowed.used >= allowed.total:
        return Receipt(Verdict.LATER, code="quota", retry_after=DAY_WAIT)
    made = await ask.post(f"{account_id}/{steps.container}", harmless=True, **values)
    if made.verdict is not Verdict.DONE:
        return made.receipt
    container = str(made.data.get("id", ""))
    if not container.isascii() or not container.isalnum() or len(container) > 120:
        return Receipt(Verdict.LATER, code="container_unreadable", retry_after=SLOW)
    return Receipt(Verdict.BEGUN, progress=container)


async def go_on(ask: Asker, account_id: str, steps: Steps, begun: Begun) -> Receipt:
    """Wait for the container as long as there is time, and publish it."""
    status = await _wait(ask, begun.progress, steps.status)
    if isinstance(status, Answer):
        return status.receipt
    if status == THERE:
        return await _among_the_latest(ask, account_id, steps, begun.link)
    if status in BROKEN:
        return Receipt(Verdict.REFUSED, code=f"container_{status.lower()}")
    if status != READY:
        return Receipt(Verdict.BEGUN, code="container_slow", retry_after=SLOW, progress=begun.progress)
    done = await ask.post(f"{account_id}/{steps.publish}", creation_id=begun.progress)
    if done.verdict is not Verdict.DONE:
        # What refuses a container that was published before says so in as many words as anything else.
        again = await _status(ask, begun.progress, steps.status) if done.verdict is Verdict.REFUSED else ""
        return await _among_the_latest(ask, account_id, steps, begun.link) if again == THERE else done.receipt
    ref = str(done.data.get("id", ""))
    if not is_storable(ref, 120):
        return Receipt(Verdict.DONE)  # it stands there, by a name that cannot be said again
    seen = await ask.get(ref, fields="permalink")
    return Receipt(Verdict.DONE, ref=ref, address=str(seen.data.get("permalink", ""))[:300])


async def what_became(ask: Asker, account_id: str, steps: Steps, begun: Begun) -> Receipt:
    """Ask for a post whose answer was lost. Reads only."""
    if not begun.progress:
        return Receipt(Verdict.LATER)
    status = await _status(ask, begun.progress, steps.status)
    if isinstance(status, Answer):
        return Receipt(Verdict.UNKNOWN, code=status.code)
    if status == THERE:
        return await _among_the_latest(ask, account_id, steps, begun.link)
    if status in BROKEN:
        return Receipt(Verdict.REFUSED, code=f"container_{status.lower()}")
    return Receipt(Verdict.LATER)


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


async def _wait(ask: Asker, container: str, field: str) -> str | Answer:
    """How it stands as soon as it does not change by itself any more, or when there is no time left."""
    ends_at, pause = time.monotonic() + PATIENCE, PAUSE
    while True:
        status = await _status(ask, container, field)
        if isinstance(status, Answer) or status in (READY, THERE) or status in BROKEN:
            return status
        if time.monotonic() + pause > ends_at:
            return status
        await asyncio.sleep(pause)
        pause *= 1.5


async def _status(ask: Asker, container: str, field: str) -> str | Answer:
    found = await ask.get(container, fields=field)
    return str(found.data.get(field, "")) if found.verdict is Verdict.DONE else found


async def _among_the_latest(ask: Asker, account_id: str, steps: Steps, link: str) -> Receipt:
    """The post that stands there, by its own link; by no name where it is not among the latest."""
    asked = {"fields": f"id,{steps.words},permalink", "limit": LOOKED_THROUGH}
    found = await ask.get(f"{account_id}/{steps.posts}", **asked)
    posts = found.data.get("data")
    for post in posts if isinstance(posts, list) else []:
        if isinstance(post, dict) and link and link in str(post.get(steps.words, "")).split():
            return Receipt(Verdict.DONE, ref=str(post.get("id", "")), address=str(post.get("permalink", "")))
    return Receipt(Verdict.DONE)
