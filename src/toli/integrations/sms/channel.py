"""SMS as a channel of the outbox: what is registered with the operators leaves by an HTTP gateway, which reports."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from toli.core.posting import Line, Post
from toli.integrations.sms import reports, requests
from toli.integrations.sms.segments import size_of
from toli.integrations.sms.settings import Settings
from toli.integrations.sms.templates import Template
from toli.integrations.sms.times import ReportTimes
from toli.integrations.sms.verdicts import receipt_of
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import (
    Callback,
    CallbackRejected,
    Capabilities,
    Flight,
    Letter,
    Payload,
    ProviderEvent,
    SendReceipt,
)

MOST_SEGMENTS = 10  # what networks put together again on the phone


class SmsChannelProvider:
    """One gateway. Where an entity is registered (India), only registered texts leave; elsewhere any text does, also
    one that is called by a name that nobody registered."""

    key: ClassVar[str] = "sms"
    channel: ClassVar[str] = "sms"
    capabilities: ClassVar[Capabilities] = Capabilities(body_length=MOST_SEGMENTS * 153, needs_template=True)
    settings_schema: ClassVar[type] = Settings
    lingers = timedelta(0)
    _times = ReportTimes()

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._times = ReportTimes(settings.report_time, settings.report_time_pattern, settings.report_time_zone)
        self._gateway = settings.gateway()
        self._headers = requests.headers_of(self._gateway, settings.secret)

    def render(self, letter: Letter) -> Payload:
        if letter.content.media:
            raise MessageRefused(reason="media")
        template, text = self._written(letter)
        if not text:
            raise MessageRefused(reason="empty")
        if size_of(text).segments > MOST_SEGMENTS:
            raise MessageRefused(reason="too_long")
        template_id = template.id if template else ""
        fields = requests.named(
            self._gateway, to=letter.to, text=text, template_id=template_id, reference=letter.correlation
        )
        return requests.body_of(self._gateway, fields)

    async def send(self, payloads: Sequence[Payload], *, flight: Flight) -> list[SendReceipt]:
        line = Line(flight.session)

        async def post(payload: Payload) -> SendReceipt:
            return receipt_of(self._gateway, await line.post(Post(self._gateway.url, payload, self._headers)))

        return await flight.each(payloads, post)

    def greet(self, callback: Callback) -> bytes:
        raise CallbackRejected("no greeting")  # gateways ask nothing

    def verify(self, callback: Callback) -> None:
        reports.verify(callback, secret=self._settings.report_secret, header=self._settings.report_header)

    def parse_callback(self, body: bytes) -> Sequence[ProviderEvent]:
        return reports.parse(body, self._times)

    @classmethod
    def reader(cls, config: Mapping[str, Any]) -> "SmsChannelProvider":
        told = (str(config.get(f"report_time{part}", "")) for part in ("", "_pattern", "_zone"))
        field, pattern, zone = told
        made = cls.__new__(cls)
        made._times = ReportTimes(field, pattern, zone or "UTC")
        return made

    def _written(self, letter: Letter) -> tuple[Template | None, str]:
        """The registered text that the letter is, and its words. Raises MessageRefused: it is none."""
        content, known = letter.content, self._gateway.templates
        if content.template:
            template = known.get((content.template, content.language))
            if template is not None:
                return template, _filled(template, letter.params)
            if self._gateway.entity or not content.text:
                raise MessageRefused(reason="template_missing")
        fitting = next((template for template in known.values() if template.fits(content.text)), None)
        if fitting is None and self._gateway.entity:
            raise MessageRefused(reason="template_missing")
        return fitting, content.text


def _filled(template: Template, words: Sequence[str]) -> str:
    try:
        text = template.filled(words)
    except ValueError:
        raise MessageRefused(reason="template_params") from None
    if not template.fits(text):
        raise MessageRefused(reason="template_differs")
    return text
