"""What mail servers write back: that a message could not be delivered (RFC 3464), or that its reader complained
(RFC 5965). Pure: bytes in, what they say out; whether it is true is for the token to tell (return_tokens.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from enum import StrEnum

from toli.messaging.domain.return_tokens import PATTERN

MOST_BYTES = 1_000_000
GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})  # RFC 3463: no such mailbox, or it is closed
GONE_CODES = frozenset({"550", "551", "553", "556"})
COMPLAINTS = frozenset({"abuse", "fraud", "virus", "opt-out", "opt-out-list"})
_CODE = re.compile(r"\b([45]\d\d)\b")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Told(StrEnum):
    """``GONE``: nobody is there any more. ``FAILED``: not this message. ``COMPLAINT``: they want no more of them.
    ``NOTHING``: late, or none of these."""

    GONE = "gone"
    FAILED = "failed"
    DELIVERED = "delivered"
    COMPLAINT = "complaint"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class MailReport:
    """``tokens``: what may say which message it is about, in the order found. ``code``: the status, for people."""

    told: Told
    tokens: tuple[str, ...] = ()
    code: str = ""


def read(raw: bytes, *, recipient: str = "") -> MailReport:
    """What a message says. ``recipient``: the address that the mail server took it for, where it tells."""
    try:
        mail = BytesParser(policy=policy.compat32).parsebytes(raw[:MOST_BYTES])
        parts = list(mail.walk())
        told, code = _told(parts)
        return MailReport(told, tuple(dict.fromkeys(_tokens([recipient, *_texts(mail, parts)]))), code)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        return MailReport(Told.NOTHING)


def _told(parts: list[Message]) -> tuple[Told, str]:
    """The report that counts for most, of those for several readers."""
    found: list[tuple[Told, str]] = []
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            found += [_delivery(block) for block in _blocks(part) if block["Action"]]
        elif part.get_content_type() == "message/feedback-report":
            found += [_feedback(block) for block in _blocks(part)]
    order = list(Told)
    return min(found, key=lambda item: order.index(item[0]), default=(Told.NOTHING, ""))


def _blocks(part: Message) -> list[Message]:
    """The fields of a report, as whoever parsed it left them: blocks, or text."""
    content = part.get_payload()
    if isinstance(content, list):
        return [block for block in content if isinstance(block, Message)]
    parser = BytesParser(policy=policy.compat32)
    return [parser.parsebytes(str(content).encode("utf-8", "replace"), headersonly=True)]


def _delivery(block: Message) -> tuple[Told, str]:
    action = str(block["Action"]).strip().lower()
    status = _first(_STATUS, str(block["Status"] or ""))
    if action == "delivered":
        return Told.DELIVERED, ""
    if action != "failed":
        return Told.NOTHING, ""
    diagnostic = str(block["Diagnostic-Code"] or "")
    said = _first(_STATUS, diagnostic) or status
    code = _first(_CODE, diagnostic)
    gone = said in GONE or (code in GONE_CODES and not said.startswith(("5.7.", "5.2.", "4.")))
    return (Told.GONE if gone else Told.FAILED), said or code


def _feedback(block: Message) -> tuple[Told, str]:
    kind = str(block["Feedback-Type"] or "").strip().lower()
    return (Told.COMPLAINT, kind) if kind in COMPLAINTS else (Told.NOTHING, kind[:20])


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[found.lastindex or 0] if found else ""


def _texts(mail: Message, parts: list[Message]) -> Iterator[str]:
    """Where a bounce address can stand: to whom the report was sent, and the headers of what it is about."""
    for name in ("X-Original-To", "Delivered-To", "Envelope-To", "To"):
        yield from map(str, mail.get_all(name, ()))
    for part in parts[1:]:
        if part.get_content_type() == "message/feedback-report":
            yield from (str(block["Original-Mail-From"] or "") for block in _blocks(part))
        if part.get_content_type() == "text/rfc822-headers":
            yield str(part.get_payload())
        yield from (str(part[name] or "") for name in ("Return-Path", "X-Toli-Return"))


def _tokens(texts: Iterator[str] | list[str]) -> Iterator[str]:
    for text in texts:
        yield from (found.lower() for found in PATTERN.findall(text))
