"""What SMS gateways report: what became of texts, and what people write back. JSON objects, lists of them, and forms.

There is no standard for them. The states are those of SMPP 3.4 (section 5.2.28), which most gateways hand on, and the
words that others use instead; fields are looked for under their usual names.
"""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from toli.core import clock
from toli.core.domain.phone import InvalidPhone, to_e164
from toli.integrations.sms.times import ReportTimes
from toli.integrations.sms.verdicts import verdict_of
from toli.messaging.domain.states import Tidings
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.ports import Callback, CallbackRejected, InboundEvent, ProviderEvent, StatusEvent

REFERENCE = ("reference", "client_ref", "clientRef", "custom")
REF = ("message_id", "messageId", "MessageSid", "SmsSid", "request_id", "sid", "id")
STATUS = ("status", "MessageStatus", "SmsStatus", "stat", "state")
CODE = ("error_code", "ErrorCode", "err", "errorCode", "code")
FROM = ("from", "From", "sender", "msisdn", "mobile", "number")
TEXT = ("text", "Body", "message", "content", "body")
TIDINGS = {
    "accepted": Tidings.SENT, "acceptd": Tidings.SENT, "enroute": Tidings.SENT, "sent": Tidings.SENT,
    "submitted": Tidings.SENT, "delivrd": Tidings.DELIVERED, "delivered": Tidings.DELIVERED,
    "undeliv": Tidings.FAILED, "undelivered": Tidings.FAILED, "undeliverable": Tidings.FAILED,
    "expired": Tidings.FAILED, "rejectd": Tidings.FAILED, "rejected": Tidings.FAILED, "deleted": Tidings.FAILED,
    "failed": Tidings.FAILED, "blocked": Tidings.FAILED,
}  # fmt: skip


def verify(callback: Callback, *, secret: str, header: str) -> None:
    """Raises CallbackRejected unless the report was signed with the secret; without a header: unless it is in the
    address, for gateways that sign nothing."""
    if header:
        expected, given = signature_of(callback.body, secret), callback.headers.get(header.lower(), "")
    else:
        expected, given = secret, callback.query.get("token", "")
    if not hmac.compare_digest(given.removeprefix("sha256=").encode(), expected.encode()):
        raise CallbackRejected("signature")


def signature_of(body: bytes, secret: str) -> str:
    """What the header holds: HMAC-SHA-256 over the body, in hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def parse(body: bytes, times: ReportTimes = ReportTimes()) -> Sequence[ProviderEvent]:  # noqa: B008 it is frozen
    """All reports, and texts of people, in their order. Raises CallbackRejected: it is neither JSON nor a form."""
    now = clock.now()
    read = ((found, times.of(found, now)) for found in _objects(body))
    return [event for found, at in read if (event := _event(found, at) or _inbound(found, now)) is not None]


def _objects(body: bytes) -> list[Mapping[str, Any]]:
    try:
        text = body.decode()
        found = json.loads(text) if text.lstrip()[:1] in {"{", "["} else dict(parse_qsl(text, strict_parsing=True))
    except ValueError as error:
        raise CallbackRejected("unreadable") from error
    return [item for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict)]


def _event(found: Mapping[str, Any], now: datetime) -> StatusEvent | None:
    tidings = TIDINGS.get(_first(found, STATUS).casefold())
    reference, ref = _first(found, REFERENCE)[:100], _first(found, REF)[:120]
    if tidings is None or not (reference or ref):
        return None
    code = _first(found, CODE) or _first(found, STATUS)
    failed = tidings is Tidings.FAILED
    verdict = verdict_of(code, unless=Verdict.OTHER_CHANNEL) if failed else None
    return StatusEvent(tidings, ref, reference, now, verdict, code[:40] if failed else "")


def _inbound(found: Mapping[str, Any], now: datetime) -> InboundEvent | None:
    """A text that somebody wrote. One without a name by the gateway is a new one each time: what it asks for is done
    once all the same."""
    text = _first(found, TEXT)
    try:
        sender = to_e164(_first(found, FROM))
    except InvalidPhone:
        return None
    return (
        InboundEvent(_first(found, REF)[:120] or uuid.uuid4().hex, sender, text[:4096], "text", now) if text else None
    )


def _first(found: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(found[name]) for name in names if isinstance(found.get(name), str | int)), "")
