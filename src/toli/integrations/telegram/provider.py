"""Hands one-time codes to Telegram's gateway (https://core.telegram.org/gateway/api).

The gateway needs a telephone number and no bot that the person has started. It writes the words itself, in its own
channel; only the digits are ours. So it carries codes and nothing else. First it is asked whether the number is on
Telegram: a no is a sure no, at no cost, and the answer's id makes what follows one request that is charged once.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings

from toli.accounts.domain.codes import LIFETIME
from toli.accounts.domain.sending import AILING, CODE, Outcome, outcome_of_reply, pause_before_retry
from toli.accounts.ports import Receipt, TextMessage
from toli.core.domain.phone import masked
from toli.core.posting import Line, Post, Reply, each

WITHIN_SECONDS = 30.0
CHECK, SEND = "checkSendAbility", "sendVerificationMessage"
NO_SUCH_PERSON = {"PHONE_NUMBER_NOT_FOUND", "PHONE_NUMBER_NOT_AVAILABLE", "PHONE_NUMBER_INVALID"}


class TelegramSender:
    """Codes only."""

    key: ClassVar[str] = "telegram"
    distant: ClassVar[bool] = True

    def __init__(self, *, url: str = "", token: str = "", timeout: float = 0) -> None:
        self._url = url or settings.TOLI_TELEGRAM_URL
        self._token = token or settings.TOLI_TELEGRAM_SECRET
        self._timeout = timeout or settings.TOLI_SENDER_SECONDS
        if not self._token:
            raise ValueError("TOLI_TELEGRAM_SECRET is not set")

    def objection(self, message: TextMessage) -> str:
        return "" if message.kind == CODE and message.code else "codes_only"

    def send_many(self, messages: Sequence[TextMessage]) -> list[Receipt]:
        found = each(messages, self._send, failed=_ailing, timeout=self._timeout, within=WITHIN_SECONDS)
        return [receipt or Receipt(Outcome.DOWN, self.key, "not_tried") for receipt in found]

    def preview(self, message: TextMessage) -> dict[str, object]:
        return {
            "method": "POST",
            "url": f"{self._url}/{SEND}",
            "headers": {"Authorization": "Bearer (hidden)"},
            "body": {**_body(message, "(from checkSendAbility)"), "phone_number": masked(message.to)},
        }

    async def _send(self, line: Line, message: TextMessage) -> Receipt:
        if objection := self.objection(message):
            return Receipt(Outcome.REFUSED, self.key, objection)
        checked = await self._ask(line, CHECK, {"phone_number": message.to})
        if checked.outcome is Outcome.UNKNOWN:  # asking sends nothing
            return Receipt(Outcome.DOWN, self.key, checked.reason)
        if checked.outcome is not Outcome.ACCEPTED:
            return checked
        return await self._ask(line, SEND, _body(message, checked.reference))

    async def _ask(self, line: Line, method: str, fields: dict[str, Any]) -> Receipt:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = Post(f"{self._url}/{method}", json.dumps(fields).encode(), headers)
        tries = 1
        while True:
            reply = await line.post(request)
            receipt = self._receipt(reply)
            pause = pause_before_retry(CODE, receipt.outcome, tries=tries, retry_after=reply.retry_after)
            if pause is None:
                return receipt
            tries += 1
            await asyncio.sleep(pause)

    def _receipt(self, reply: Reply) -> Receipt:
        """What an answer says: its status first, then ``ok`` and the name of the error."""
        outcome = outcome_of_reply(reached=reply.reached, status=reply.status)
        if outcome in {Outcome.DOWN, Outcome.UNKNOWN}:
            reason = f"http_{reply.status}" if reply.status else "no_answer" if reply.reached else "not_reached"
            return Receipt(outcome, self.key, reason)
        answer = _object(reply.body)
        result = answer.get("result")
        if outcome is Outcome.ACCEPTED and answer.get("ok") is True and isinstance(result, dict):
            return Receipt(outcome, self.key, "", str(result.get("request_id", ""))[:100])
        return self._refusal(outcome, str(answer.get("error", "")), reply.status)

    def _refusal(self, outcome: Outcome, error: str, status: int | None) -> Receipt:
        if error in NO_SUCH_PERSON:
            return Receipt(Outcome.REFUSED, self.key, "not_on_telegram")
        if error == "MESSAGE_ALREADY_SENT":
            return Receipt(Outcome.ACCEPTED, self.key, "already_sent")
        if error.startswith("FLOOD_WAIT") or outcome is Outcome.BUSY:
            return Receipt(Outcome.BUSY, self.key, "too_fast")
        if error:  # the key, the balance, a field: for our part, the next person fares no better
            return Receipt(Outcome.OFF, self.key, error.lower()[:40] if error.isascii() and _is_name(error) else "off")
        unreadable = outcome is Outcome.ACCEPTED
        return Receipt(Outcome.UNKNOWN if unreadable else outcome, self.key, f"http_{status}")


def _is_name(error: str) -> bool:
    return error.replace("_", "").isalpha()


def _body(message: TextMessage, request_id: str) -> dict[str, Any]:
    return {
        "phone_number": message.to,
        "request_id": request_id,
        "code": message.code,
        "ttl": int(LIFETIME.total_seconds()),
    }


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _ailing(receipt: Receipt) -> bool:
    return receipt.outcome in AILING
