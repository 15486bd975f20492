"""What the Bot API's answers mean (https://core.telegram.org/bots/api#making-requests). Telegram has no list of its
errors: the words of each are what clients go by. Those that we have never met are refusals of that one message."""

import json
from collections.abc import Mapping
from typing import Any

from toli.core.posting import Reply
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.ports import SendReceipt

# The first that stands in the description.
WORDS: Mapping[str, Verdict] = {
    "bot was blocked by the user": Verdict.BLOCKED,
    "user is deactivated": Verdict.OTHER_CHANNEL,  # the account is gone
    "can't initiate conversation": Verdict.OTHER_CHANNEL,  # they started another bot than this one
    "chat not found": Verdict.OTHER_CHANNEL,
    "PEER_ID_INVALID": Verdict.OTHER_CHANNEL,
    "user not found": Verdict.OTHER_CHANNEL,
}
# Said of a picture that Telegram cannot fetch or show: the message was surely not taken.
OF_PICTURE = (
    "wrong file identifier", "failed to get HTTP URL content", "wrong type of the web page content", "PHOTO_",
    "IMAGE_PROCESS_FAILED", "WEBPAGE_", "MEDIA_EMPTY", "message caption is too long",
)  # fmt: skip
STATUSES: Mapping[int, Verdict] = {
    401: Verdict.PAUSE_SENDER,  # the token
    404: Verdict.PAUSE_SENDER,  # the token, or a wrong address
    403: Verdict.OTHER_CHANNEL,
    408: Verdict.UNKNOWN,
    429: Verdict.SLOW_SENDER,
}


def receipt_of(reply: Reply) -> SendReceipt:
    """What became of a message. An answer that cannot be read leaves it unknown."""
    if not reply.reached:
        return SendReceipt(Verdict.NOT_REACHED, code="not_reached")
    if reply.status is None:
        return SendReceipt(Verdict.UNKNOWN, code="no_answer")
    found = _object(reply.body)
    if reply.status == 200 and found.get("ok") is True and isinstance(found.get("result"), dict):
        return SendReceipt(Verdict.ACCEPTED, ref=str(found["result"].get("message_id", ""))[:120])
    verdict = _verdict(reply.status, str(found.get("description", "")))
    return SendReceipt(verdict, code=f"http_{reply.status}", retry_after=_wait(found, reply.retry_after))


def is_of_picture(reply: Reply) -> bool:
    """Whether it was refused for its picture alone."""
    description = str(_object(reply.body).get("description", ""))
    return reply.status == 400 and any(words in description for words in OF_PICTURE)


def picture_in(reply: Reply) -> str:
    """What Telegram calls the picture that it has taken; empty: it does not say."""
    result = _object(reply.body).get("result")
    sizes = result.get("photo") if isinstance(result, dict) else None
    largest = sizes[-1] if isinstance(sizes, list) and sizes else None
    return str(largest.get("file_id", "")) if isinstance(largest, dict) else ""


def _verdict(status: int, description: str) -> Verdict:
    told = next((verdict for words, verdict in WORDS.items() if words in description), None)
    if told is not None and status in {400, 403}:
        return told
    if status in STATUSES:
        return STATUSES[status]
    return Verdict.REFUSED if 400 <= status < 500 else Verdict.UNKNOWN


def _wait(found: Mapping[str, Any], header: float | None) -> float | None:
    parameters = found.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(wait) if isinstance(wait, int) else header


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
