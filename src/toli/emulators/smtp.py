"""A mail server on this machine: takes messages, keeps them in memory or as files, and delivers to nobody.

Mailboxes whose name begins with ``gone`` do not exist, those that begin with ``full`` are full. What it would write
back is made by :func:`bounce_of` and :func:`complaint_about`.
"""

import asyncio
import contextlib
import logging
import ssl
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from toli.emulators.faults import LATE_SECONDS, SILENCE_SECONDS, SLOW_SECONDS, Fault, Faults

GONE, FULL = "550 5.1.1 no such mailbox", "452 4.2.2 mailbox full"
HOST = "mail.emulator.example"
NONSENSE = "oops"  # no reply that SMTP knows


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as it was taken: the envelope, and what was in it."""

    returns: str
    to: tuple[str, ...]
    raw: bytes
    at: float = field(default_factory=time.time)

    @property
    def mail(self) -> EmailMessage:
        """The message, read by the standard library."""
        return BytesParser(policy=policy.default).parsebytes(self.raw)


@dataclass
class MailServer:
    """``user`` and ``password``: who may send; empty: everybody. ``per_second``: more messages are told to wait.
    ``replies``: what is said to a recipient (``RCPT``) instead of the usual. ``folder``: where messages are written as
    files. ``ledger``: a file with a line for each message taken. ``tls``: STARTTLS is offered, and asked for.
    """

    user: str = ""
    password: str = ""
    faults: Faults = field(default_factory=Faults)
    per_second: float = 0
    replies: dict[str, str] = field(default_factory=dict)
    text_reply: str = ""
    folder: Path | None = None
    ledger: Path | None = None
    tls: ssl.SSLContext | None = None
    messages: list[Taken] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    connections: int = 0

    def __post_init__(self) -> None:
        self._recent: deque[float] = deque()

    async def start(self, host: str, port: int, *, over: ssl.SSLContext | None = None) -> asyncio.Server:
        """Listen. ``over``: TLS from the first byte."""
        # What the library tells is what people wrote, and to whom.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        return await asyncio.get_running_loop().create_server(self._connection, host, port, ssl=over)

    def _connection(self) -> SMTP:
        self.connections += 1
        return SMTP(
            self,
            hostname=HOST,
            ident="emulator",
            loop=asyncio.get_running_loop(),
            tls_context=self.tls,
            require_starttls=self.tls is not None,
            authenticator=self._authenticate if self.user else None,
            auth_require_tls=False,
        )

    # -- what is asked of a handler (aiosmtpd) --------------------------------------------------

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, told: Any) -> AuthResult:
        known = isinstance(told, LoginPassword) and (told.login, told.password) == (
            self.user.encode(), self.password.encode(),
        )  # fmt: skip
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802 the library looks for these names
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.faults.delay)
        denied = self.faults.kind is Fault.DENIED and self.faults.draw() is Fault.DENIED
        if denied or (self.user and not session.authenticated):
            return "530 5.7.0 authentication required"
        if self.faults.kind is Fault.BUSY and self.faults.draw() is Fault.BUSY:
            return "421 4.3.2 too busy"
        if self._is_too_fast():
            return "450 4.7.1 too many messages"
        envelope.mail_from, envelope.mail_options = address, options
        return "250 2.1.0 go on"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.replies.get(address) or (GONE if address.startswith("gone") else "")
        if reply := reply or (FULL if address.startswith("full") else ""):
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 known"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self.faults.draw()
        taken = Taken(envelope.mail_from or "", tuple(envelope.rcpt_tos), bytes(envelope.original_content or b""))
        if self.text_reply:
            return self.text_reply
        if fault is Fault.ERROR:
            return NONSENSE
        if fault is Fault.LATE:
            asyncio.get_running_loop().call_later(LATE_SECONDS, self._take, taken)
        elif fault is not Fault.RESET:
            self._take(taken)
        if fault in {Fault.RESET, Fault.LATE, Fault.LOST}:
            return _hang_up(server)
        if fault in {Fault.SILENT, Fault.SLOW}:
            await asyncio.sleep(SILENCE_SECONDS if fault is Fault.SILENT else SLOW_SECONDS)
        return NONSENSE if fault is Fault.ERROR_AFTER else f"250 2.0.0 taken as {len(self.messages)}"

    async def handle_exception(self, error: Exception) -> str:
        return f"451 4.3.0 {type(error).__name__}"

    # -- what is kept ---------------------------------------------------------------------------

    def _is_too_fast(self) -> bool:
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if self.per_second and len(self._recent) >= self.per_second:
            return True
        self._recent.append(now)
        return False

    def _take(self, taken: Taken) -> None:
        self.messages.append(taken)
        name = str(taken.mail["Message-ID"] or "").strip("<>").partition("@")[0]
        self.taken[name] += 1
        if self.ledger is not None:
            with self.ledger.open("a", encoding="utf-8") as file:
                file.write(f"{name} {len(self.messages)}\n")
        if self.folder is not None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / f"{len(self.messages):06}.eml").write_bytes(taken.raw)


def _hang_up(server: SMTP) -> str:
    """Cut the connection; whatever is answered afterwards goes nowhere."""
    with contextlib.suppress(AttributeError):
        server.transport.abort()  # type: ignore[union-attr]
    return "451 4.0.0 gone"


# -- what comes back --------------------------------------------------------------------------------


def bounce_of(taken: Taken, *, status: str = "5.1.1", action: str = "failed", said: str = "550 5.1.1 unknown") -> bytes:
    """A delivery status notification about a message (RFC 3464), as mail servers send it to the envelope's sender."""
    fields = (
        f"Reporting-MTA: dns; {HOST}\n\n"
        f"Final-Recipient: rfc822; {taken.to[0]}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {said}\n"
    )
    return _report("delivery-status", f"MAILER-DAEMON@{HOST}", taken.returns, fields, taken)


def complaint_about(taken: Taken, *, kind: str = "abuse") -> bytes:
    """A complaint as mail providers send it to whoever asked for them (RFC 5965)."""
    fields = f"Feedback-Type: {kind}\nUser-Agent: Emulator/1\nVersion: 1\nOriginal-Mail-From: <{taken.returns}>\n"
    return _report("feedback-report", f"feedback@{HOST}", f"complaints@{HOST}", fields, taken)


def _report(kind: str, sender: str, to: str, fields: str, taken: Taken) -> bytes:
    """A multipart/report (RFC 6522): words for people, fields for programs, the head of what it is about."""
    head = taken.raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace").replace("\r\n", "\n")
    parts = (
        ("text/plain", "Something has happened to your message.\n"),
        (f"message/{kind}", fields),
        ("text/rfc822-headers", f"Return-Path: <{taken.returns}>\n{head}\n"),
    )
    body = "".join(f"--=report\nContent-Type: {what}\n\n{text}\n" for what, text in parts)
    return (
        f"From: {sender}\nTo: {to}\nSubject: Report\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="=report"\n\n{body}--=report--\n'
    ).encode()
