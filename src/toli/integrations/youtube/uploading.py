"""An upload that can be gone on with: a session, which nobody sees, and parts of the video, the last of which shows it.

The address of the session is kept before the first byte leaves. Whoever goes on asks the session first how much it has,
so that a video never stands there twice.
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from toli.content.domain.platforms import PLATFORMS
from toli.core.domain.addresses import is_secure
from toli.core.domain.storable import is_storable
from toli.core.posting import Post
from toli.integrations.youtube.asking import Asker, Channel, mine
from toli.posting.answers import Answer
from toli.posting.domain.states import Verdict
from toli.posting.ports import Outgoing, Receipt

PART = 8 * 256 * 1024  # bytes: the platform takes multiples of 256 KiB; a slow line needs 20 s for one
WITHIN = 30.0  # seconds in which parts are begun; the next call goes on
MOST_TITLE = PLATFORMS["youtube"].most_title
_HAS = re.compile(r"bytes=0-(\d+)")
_BRACKETS = str.maketrans("<>", "‹›")  # the platform refuses angle brackets


async def begin(ask: Asker, post: Outgoing) -> Receipt:
    """Open a session for the video of the post."""
    video, channel = post.video, post.settings
    if video is None or not video.data:
        return Receipt(Verdict.REFUSED, code="video_missing")
    owner = await mine(ask, channel, "snippet")
    if owner.verdict is not Verdict.DONE:
        return owner.receipt
    told = {"X-Upload-Content-Type": "video/mp4", "X-Upload-Content-Length": str(len(video.data))}
    kind = {"Content-Type": "application/json; charset=UTF-8"}
    found = await ask.call(
        "POST", "upload/youtube/v3/videos", {"uploadType": "resumable", "part": "snippet,status"},
        json.dumps(_resource(post, channel)).encode(), **kind, **told,
    )  # fmt: skip
    if found.verdict is not Verdict.DONE:
        return found.receipt
    session = found.headers.get("Location", "")
    progress = json.dumps({"session": session, "size": len(video.data)})
    if not _is_theirs(session, channel) or not is_storable(progress, 1000):
        return Receipt(Verdict.LATER, code="session_unreadable", retry_after=60.0)
    return Receipt(Verdict.BEGUN, progress=progress)


async def go_on(ask: Asker, post: Outgoing) -> Receipt:
    """Hand over what the session does not have yet, as much as there is time for."""
    kept = opened(post.progress)
    data = post.video.data if post.video is not None else b""
    if kept is None or len(data) != kept["size"]:
        return Receipt(Verdict.REFUSED, code="video_changed")
    begun_at = time.monotonic()
    found = await look(ask, kept)
    while _is_incomplete(found):
        has = _has(found.headers)
        found = await _part(ask, kept, has, data[has : has + PART])
        if _is_incomplete(found) and time.monotonic() - begun_at > WITHIN:
            return Receipt(Verdict.BEGUN, code="uploading", progress=post.progress)
    return _ended(found, post.progress)


async def look(ask: Asker, kept: Mapping[str, Any]) -> Answer:
    """How much the session has: status 308, or the video once it has everything."""
    return await ask.send(Post(kept["session"], b"", {"Content-Range": f"bytes */{kept['size']}"}, "PUT"))


def _is_incomplete(found: Answer) -> bool:
    return found.verdict is Verdict.DONE and found.status == 308


def opened(progress: str) -> dict[str, Any] | None:
    """What ``begin`` kept. None: it was not we who wrote it."""
    try:
        kept = json.loads(progress)
        return {"session": str(kept["session"]), "size": int(kept["size"])}
    except (ValueError, KeyError, TypeError):
        return None


def stands(data: Mapping[str, Any]) -> Receipt:
    """A video that the platform has named."""
    ref = str(data.get("id", ""))
    ref = ref if ref and is_storable(ref, 120) else ""
    return Receipt(Verdict.DONE, ref=ref, address=f"https://www.youtube.com/watch?v={ref}" if ref else "")


async def _part(ask: Asker, kept: Mapping[str, Any], first: int, part: bytes) -> Answer:
    last = first + len(part) - 1
    where = {"Content-Range": f"bytes {first}-{last}/{kept['size']}", "Content-Type": "video/mp4"}
    return await ask.send(Post(kept["session"], part, where, "PUT"))


def _ended(found: Answer, progress: str) -> Receipt:
    if found.verdict is Verdict.DONE:
        return stands(found.data)
    lost = found.verdict is Verdict.LATER and found.retry_after is None
    if lost or found.status in (404, 410):
        # The answer to the last part may be the one that was lost: the session is asked before anything else.
        return Receipt(Verdict.UNKNOWN, code=found.code)
    return found.receipt


def _has(headers: Mapping[str, str]) -> int:
    """Bytes that the session has; without a word of it, none."""
    found = _HAS.fullmatch(headers.get("Range", ""))
    return int(found[1]) + 1 if found else 0


def _is_theirs(session: str, channel: Channel) -> bool:
    """Whether the token may be sent there."""
    host = urlsplit(session).hostname or ""
    return is_secure(session) and (host == urlsplit(channel.base_url).hostname or host.endswith(".googleapis.com"))


def _resource(post: Outgoing, channel: Channel) -> dict[str, Any]:
    title = post.video.title if post.video is not None else ""
    snippet = {
        "title": title.translate(_BRACKETS)[:MOST_TITLE],
        "description": post.text.translate(_BRACKETS),
        "categoryId": channel.category,
        "defaultLanguage": post.language,
    }
    status = {
        "privacyStatus": channel.privacy,
        "selfDeclaredMadeForKids": False,
        "containsSyntheticMedia": post.made_with_ai,
    }
    return {"snippet": {name: value for name, value in snippet.items() if value}, "status": status}
