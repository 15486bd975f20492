"""Hands texts to an SMS gateway, several at a time."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings

from toli.accounts.domain.sending import AILING, Outcome, outcome_of_reply, pause_before_retry
from toli.accounts.ports import Receipt, TextMessage
from toli.core.domain.phone import masked
from toli.core.posting import Line, Reply, each
from toli.integrations.sms import requests
from toli.integrations.sms.gateway import Gateway, GatewayError, read
from toli.integrations.sms.segments import size_of

WITHIN_SECONDS = 30.0  # for a whole batch


class SmsSender:
    """Sends what is registered with the operators and nothing else."""

    key: ClassVar[str] = "sms"
    distant: ClassVar[bool] = True

    def __init__(self, gateway: Gateway | None = None, *, secret: str = "", timeout: float = 0) -> None:
        if gateway is None and not (settings.TOLI_SMS_FILE and settings.TOLI_SMS_SECRET):
            raise GatewayError("TOLI_SMS_FILE and TOLI_SMS_SECRET are not set")
        self._gateway = gateway or read(settings.TOLI_SMS_FILE)
        self._secret = secret or settings.TOLI_SMS_SECRET
        self._timeout = timeout or settings.TOLI_SENDER_SECONDS

    def objection(self, message: TextMessage) -> str:
        template = self._gateway.templates.get((message.kind, message.language))
        if template is None:
            return "template_missing"
        return "" if template.fits(message.text) else "template_differs"

    def send_many(self, messages: Sequence[TextMessage]) -> list[Receipt]:
        found = each(messages, self._send, failed=_ailing, timeout=self._timeout, within=WITHIN_SECONDS)
        return [receipt or Receipt(Outcome.DOWN, self.key, "not_tried") for receipt in found]

    def preview(self, message: TextMessage) -> dict[str, object]:
        name, value = requests.authorisation(self._gateway, "(hidden)")
        fields = requests.fields_of(self._gateway, message)
        fields[self._gateway.fields["to"]] = masked(message.to)
        size = size_of(message.text)
        return {
            "method": "POST",
            "url": self._gateway.url,
            "headers": {name: "Basic (hidden)" if self._gateway.user else value},
            "body": fields,
            "segments": size.segments,
            "unicode": size.unicode,
        }

    async def _send(self, line: Line, message: TextMessage) -> Receipt:
        if objection := self.objection(message):
            return Receipt(Outcome.REFUSED, self.key, objection)
        request = requests.request(self._gateway, message, self._secret)
        tries = 1
        while True:
            reply = await line.post(request)
            receipt = self._receipt(reply)
            pause = pause_before_retry(message.kind, receipt.outcome, tries=tries, retry_after=reply.retry_after)
            if pause is None:
                return receipt
            tries += 1
            await asyncio.sleep(pause)

    def _receipt(self, reply: Reply) -> Receipt:
        outcome = outcome_of_reply(reached=reply.reached, status=reply.status)
        reason = f"http_{reply.status}" if reply.status else "no_answer" if reply.reached else "not_reached"
        if outcome is not Outcome.ACCEPTED:
            return Receipt(outcome, self.key, reason)
        if not requests.is_accepted(self._gateway, reply.body):
            return Receipt(Outcome.REFUSED, self.key, "not_accepted")
        return Receipt(outcome, self.key, "", requests.reference_in(reply.body))


def _ailing(receipt: Receipt) -> bool:
    return receipt.outcome in AILING
