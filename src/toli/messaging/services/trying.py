"""One message to the number or address of whoever sets up a sender, to see whether it works."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import aiohttp
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.permissions import SENDERS_MANAGE
from toli.access.policies import holds_everywhere
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.compliance import services as compliance
from toli.compliance.selectors import get_organisation
from toli.core import limits, wall
from toli.core.apart import apart
from toli.core.domain.phone import InvalidPhone, to_e164
from toli.core.errors import Forbidden
from toli.members.domain.purposes import Channel
from toli.messaging import selectors
from toli.messaging.domain import kit_templates
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import MessageRefused, SenderInvalid
from toli.messaging.models import Sender
from toli.messaging.ports import ChannelProvider, Content, Letter, Payload, SendReceipt
from toli.messaging.services.senders import provider_of

BY_NUMBER = frozenset({Channel.SMS.value, Channel.WHATSAPP.value})
SECONDS = 20.0
LIMIT = "senders.test"


@dataclass(frozen=True, slots=True)
class Sample:
    """What is sent: by the template of this name, filled with ``params``, or else as free text."""

    text: str
    template: str = ""
    language: str = "en"
    params: tuple[str, ...] = ()


def sample_for(sender: Sender, language: str) -> Sample:
    """A test by the sender's template for kits if it has one for all of them, else as free text."""
    with translation.override(language):
        text = _("This is a test of the sender %(name)s.") % {"name": sender.name}
    organisation = get_organisation()
    imprint = organisation.imprint(language)
    template = kit_templates.parse(sender.kit_template)
    if template is None or template.of_one_kit or template.picture:
        return Sample(f"{text}\n{imprint}", language=language)
    link = settings.BASE_URL
    every = {"title": sender.name, "text": text, "link": link, "publisher": imprint, "stop": link}
    return Sample(text, template.name, language, tuple(every[part] for part in template.parts))


@wall.lifted("who keeps senders keeps all of them")
def try_sender(*, actor: Actor, code: str, to: str, sample: Sample) -> SendReceipt:
    """Send one message now and return what the provider answered. Nothing of it is kept but that it was tried.

    It leaves also while the sender is paused: that is when one wants to know. Five an hour for each person at the desk.

    Raises:
        Forbidden. SenderNotFound. SenderInvalid: this is no number. TooManyRequests.
        ChannelBarred: this kind of organisation may not use the sender's provider.
    """
    if not holds_everywhere(actor, SENDERS_MANAGE):
        raise Forbidden
    sender = selectors.get_sender(code)
    compliance.require_channel(sender.provider)
    provider = provider_of(sender)
    address = _address(provider, to)
    if actor.id is not None:
        limits.hit(LIMIT, str(actor.id))
    content = Content(sample.text, sample.template, sample.language, sample.params)
    receipt = send_now(provider, Letter(address, content, sample.params, f"{uuid4()}.1"))
    with transaction.atomic():
        details = {"verdict": receipt.verdict.value, "code": receipt.code}
        audit.record_act(actor, action="delivery.sender.test", target=f"sender:{code}", details=details)
    return receipt


def _address(provider: ChannelProvider, to: str) -> str:
    if provider.channel not in BY_NUMBER:
        return to.strip()
    try:
        return str(to_e164(to))
    except InvalidPhone as error:
        raise SenderInvalid(reason=str(error)) from None


def send_now(provider: ChannelProvider, letter: Letter, *, seconds: float = SECONDS) -> SendReceipt:
    """Hand one message over past the outbox, and return what the provider answered within so many seconds."""
    try:
        payload = provider.render(letter)
    except MessageRefused as error:
        return SendReceipt(Verdict.REFUSED, code=str(error.params.get("reason", "")))
    return apart(lambda: asyncio.run(_call(provider, payload, seconds)), name="trying")


async def _call(provider: ChannelProvider, payload: Payload, seconds: float) -> SendReceipt:
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=seconds, connect=5), cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        (receipt,) = await provider.send([payload], flight=_OneCall(session, seconds))
    return receipt


@dataclass
class _OneCall:
    """A journey of one payload: see ports.Flight."""

    session: aiohttp.ClientSession
    seconds: float

    async def each(
        self,
        payloads: Sequence[Payload],
        send: Callable[[Payload], Awaitable[SendReceipt]],
        *,
        at_once: int | None = None,
    ) -> list[SendReceipt]:
        try:
            async with asyncio.timeout(self.seconds):
                return [await send(payload) for payload in payloads]
        except TimeoutError:
            return [SendReceipt(Verdict.UNKNOWN, code="cut_off")] * len(payloads)
