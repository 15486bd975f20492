"""Webhooks of the Cloud API: whose they are, and what they say."""

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from toli.core import clock
from toli.integrations.whatsapp_cloud.verdicts import verdict_of
from toli.messaging.domain.states import Tidings
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.ports import Callback, CallbackRejected, InboundEvent, ProviderEvent, StatusEvent

SIGNATURE = "x-hub-signature-256"
TIDINGS = {
    "sent": Tidings.SENT, "delivered": Tidings.DELIVERED, "read": Tidings.READ, "played": Tidings.READ,
    "failed": Tidings.FAILED,
}  # fmt: skip


def signature_of(body: bytes, secret: str) -> str:
    """What the header holds when these bytes come from who knows the secret."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def verify(callback: Callback, secret: str) -> None:
    """Raises CallbackRejected unless the body was signed with the secret."""
    given = callback.headers.get(SIGNATURE, "")
    if not given.isascii() or not hmac.compare_digest(given, signature_of(callback.body, secret)):
        raise CallbackRejected("signature")


def greet(callback: Callback, token: str) -> bytes:
    """The challenge, to somebody who knows the token that was agreed on."""
    query = callback.query
    given = query.get("hub.verify_token", "").encode()
    if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(given, token.encode()):
        raise CallbackRejected("token")
    return query.get("hub.challenge", "").encode()[:1000]


def parse(body: bytes) -> Sequence[ProviderEvent]:
    """All that concerns us in a webhook, in its order."""
    try:
        found = json.loads(body)
        return list(_events(found))
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
        raise CallbackRejected("unreadable") from error


def _events(found: Mapping[str, Any]) -> Iterator[ProviderEvent]:
    for entry in found.get("entry") or ():
        for change in entry.get("changes") or ():
            if change.get("field") != "messages":
                continue
            value = change.get("value") or {}
            for status in value.get("statuses") or ():
                if status.get("status") in TIDINGS:
                    yield _status(status)
            for message in value.get("messages") or ():
                if message.get("from") and message.get("id"):
                    yield _inbound(message)


def _status(status: Mapping[str, Any]) -> StatusEvent:
    tidings, code = TIDINGS[status["status"]], _code(status)
    failed = tidings is Tidings.FAILED
    verdict = _surely(verdict_of(code, 400)) if failed else None
    return StatusEvent(
        tidings,
        ref=str(status.get("id", ""))[:120],
        correlation=str(status.get("biz_opaque_callback_data") or "")[:100],
        at=_instant(status.get("timestamp")),
        verdict=verdict,
        code=str(code) if failed else "",
    )


def _surely(verdict: Verdict) -> Verdict:
    """A report of failure leaves nothing unknown."""
    return Verdict.REFUSED if verdict is Verdict.UNKNOWN else verdict


def _code(status: Mapping[str, Any]) -> int:
    errors = status.get("errors") or ()
    return int(errors[0].get("code", 0)) if errors else -1


def _inbound(message: Mapping[str, Any]) -> InboundEvent:
    kind = str(message.get("type", ""))[:20]
    return InboundEvent(
        ref=str(message["id"])[:120],
        sender="+" + str(message["from"]).lstrip("+"),
        text=_text(message, kind)[:4096],
        kind=kind,
        at=_instant(message["timestamp"]) if message.get("timestamp") else clock.now(),
    )


def _text(message: Mapping[str, Any], kind: str) -> str:
    if kind == "text":
        return str((message.get("text") or {}).get("body", ""))
    if kind == "button":
        return str((message.get("button") or {}).get("text", ""))
    if kind == "interactive":
        reply = message.get("interactive") or {}
        return str((reply.get("button_reply") or reply.get("list_reply") or {}).get("title", ""))
    return ""


def _instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds or 0), UTC)
