"""A connection to a mail server, used for one message after the other, and what became of each.

What counts is where a conversation broke off: before the last line of the text is out, the message was surely not
taken; after it, nobody knows until the server answers.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException, SMTPServerDisconnected

from toli.integrations.email_smtp.settings import Settings
from toli.integrations.email_smtp.verdicts import Said, Step, receipt_of
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.ports import SendReceipt

KEPT_SECONDS = 20.0  # servers hang up on the idle after minutes
STALE_SECONDS = 2.0  # after which it is asked whether somebody is there still
CONNECT_SECONDS = 10.0
CLOSING = 421


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for a server. ``mailbox``: the key of the reader's address."""

    returns: str = field(repr=False)
    to: str = field(repr=False)
    mailbox: str
    mail: bytes = field(repr=False)
    ref: str


class _Broken(Exception):
    """No message can begin; holds the receipt that the first one gets."""

    def __init__(self, receipt: SendReceipt) -> None:
        super().__init__(receipt.code)
        self.receipt = receipt


class Line:
    """One connection, made when it is needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: aiosmtplib.SMTP | None = None
        self._step = Step.CONNECT
        self.busy = False
        self.used_at = time.monotonic()

    async def send(self, parcel: Parcel, *, seconds: float) -> SendReceipt:
        """What became of the message; never raises for what network and server do."""
        try:
            async with asyncio.timeout(seconds):
                return await self._send(parcel)
        except _Broken as broken:
            self.drop()
            return broken.receipt
        except (TimeoutError, SMTPException, OSError) as error:
            self.drop()
            return self._cut_off(error)
        except asyncio.CancelledError:
            self.drop()
            raise
        finally:
            self.used_at = time.monotonic()

    def drop(self) -> None:
        """Cut the connection: nothing that was begun on it is taken any more, as far as that is in our hands."""
        client, self._client = self._client, None
        if client is not None:
            if client.transport is not None:
                with contextlib.suppress(AttributeError):
                    client.transport.abort()  # type: ignore[attr-defined]
            client.close()

    async def quit(self) -> None:
        """Say goodbye."""
        if self._client is not None:
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await self._client.quit()
        self.drop()

    # -- one message ---------------------------------------------------------------------------

    async def _send(self, parcel: Parcel) -> SendReceipt:
        client = await self._ready()
        for step, command, good in (
            (Step.FROM, f"MAIL FROM:<{parcel.returns}>", {250}),
            (Step.TO, f"RCPT TO:<{parcel.to}>", {250, 251}),
            (Step.DATA, "DATA", {354}),
        ):
            self._step = step
            said = Said.of(*await client.execute_command(command.encode("ascii")))
            if said.code not in good:
                return await self._refused(client, said, parcel)
        said = await self._hand_over(client, parcel)
        if said.code == 250:
            return SendReceipt(Verdict.ACCEPTED, ref=parcel.ref)
        return await self._refused(client, said, parcel)

    async def _hand_over(self, client: aiosmtplib.SMTP, parcel: Parcel) -> Said:
        """The text, and what is said to it. The client's own command for it does not tell on which side of the text
        it was cut off."""
        if client.protocol is None:
            raise SMTPServerDisconnected("lost")
        self._step = Step.TEXT
        client.protocol.write(_ended(parcel.mail))
        return Said.of(*await client.protocol.read_response())

    async def _refused(self, client: aiosmtplib.SMTP, said: Said, parcel: Parcel) -> SendReceipt:
        """The receipt; the next message begins anew."""
        receipt = receipt_of(self._step, said, mailbox=parcel.mailbox)
        try:
            if said.code == CLOSING or (await client.execute_command(b"RSET")).code != 250:
                self.drop()
        except (SMTPException, OSError):
            self.drop()
        return receipt

    def _cut_off(self, error: Exception) -> SendReceipt:
        if self._step is Step.TEXT:
            return SendReceipt(Verdict.UNKNOWN, code="no_answer")
        if isinstance(error, SMTPResponseException) and error.code > 0:
            return receipt_of(self._step, Said.of(error.code, str(error.message)), mailbox="")
        return SendReceipt(Verdict.NOT_REACHED, code="not_reached")

    # -- the connection ------------------------------------------------------------------------

    async def _ready(self) -> aiosmtplib.SMTP:
        """A connection on which a message can begin."""
        if self._client is not None and not await self._is_alive(self._client):
            self.drop()
        if self._client is None:
            self._client = await self._connected()
        return self._client

    async def _is_alive(self, client: aiosmtplib.SMTP) -> bool:
        if not client.is_connected:
            return False
        if time.monotonic() - self.used_at < STALE_SECONDS:
            return True
        self._step = Step.CONNECT
        try:
            return (await client.execute_command(b"NOOP")).code == 250
        except (SMTPException, OSError):
            return False

    async def _connected(self) -> aiosmtplib.SMTP:
        self._step = Step.CONNECT
        told = self._settings
        context = ssl.create_default_context() if told.tls_at_once or told.starttls else None
        client = aiosmtplib.SMTP(
            hostname=told.host, port=told.port, local_hostname=told.domain, timeout=CONNECT_SECONDS,
            use_tls=told.tls_at_once, start_tls=False, tls_context=context,
        )  # fmt: skip
        try:
            await client.connect()
            await client.ehlo()
            if told.starttls:
                await self._begin_tls(client, context)
            await self._log_in(client)
        except BaseException as error:
            client.close()
            if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
                raise _Broken(SendReceipt(Verdict.PAUSE_SENDER, code="tls")) from None
            raise
        return client

    async def _begin_tls(self, client: aiosmtplib.SMTP, context: ssl.SSLContext | None) -> None:
        """Raises _Broken where the server does not speak TLS: what is not encrypted is not said."""
        if not client.supports_extension("starttls"):
            raise _Broken(SendReceipt(Verdict.PAUSE_SENDER, code="no_tls"))
        await client.starttls(tls_context=context, server_hostname=self._settings.host)
        await client.ehlo()

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        if not self._settings.user:
            return
        self._step = Step.LOGIN
        if not client.supported_auth_methods:
            raise _Broken(SendReceipt(Verdict.PAUSE_SENDER, code="no_login"))
        await client.login(self._settings.user, self._settings.password)


def _ended(mail: bytes) -> bytes:
    """As it goes over the wire: dots at the beginning of lines doubled, and one alone at the end (RFC 5321, 4.5.2)."""
    return mail.replace(b"\r\n.", b"\r\n..") + b".\r\n"


class Lines:
    """Open lines of this process, by sender. Each flight takes one for itself and leaves it for the next."""

    def __init__(self) -> None:
        self._idle: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Settings, list[Line]]] = WeakKeyDictionary()
        self._keepers: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def one(self, settings: Settings) -> AsyncIterator[Line]:
        """A line of this sender that nobody else uses."""
        idle = self._idle.setdefault(asyncio.get_running_loop(), {}).setdefault(settings, [])
        line = idle.pop() if idle else self._kept(settings, idle)
        line.busy = True
        try:
            yield line
        finally:
            line.busy, line.used_at = False, time.monotonic()
            idle.append(line)

    def _kept(self, settings: Settings, idle: list[Line]) -> Line:
        """A new line, with a task that ends it: when nobody has used it for a while, and when the loop ends."""
        line = Line(settings)
        keeper = asyncio.create_task(_keep(line, idle))
        self._keepers.add(keeper)
        keeper.add_done_callback(self._keepers.discard)
        return line


async def _keep(line: Line, idle: list[Line]) -> None:
    try:
        while line.busy or time.monotonic() - line.used_at < KEPT_SECONDS:
            await asyncio.sleep(KEPT_SECONDS / 4)
        if line in idle:
            idle.remove(line)
        await line.quit()
    finally:
        if line in idle:
            idle.remove(line)
        line.drop()
