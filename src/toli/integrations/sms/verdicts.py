"""What a gateway's answer means. Gateways have no codes in common; those named here are Twilio's
(https://www.twilio.com/docs/api/errors), and words of gateways in India about its registers."""

from collections.abc import Mapping

from toli.core.posting import Reply
from toli.integrations.sms.gateway import Gateway
from toli.integrations.sms.requests import code_in, is_accepted, reference_in
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.ports import SendReceipt

CODES: Mapping[str, Verdict] = {
    "20003": Verdict.PAUSE_SENDER,  # the key is wrong
    "20429": Verdict.SLOW_SENDER,
    "21211": Verdict.OTHER_CHANNEL,  # no telephone number
    "21408": Verdict.PAUSE_SENDER,  # not allowed to send to this country
    "21606": Verdict.PAUSE_SENDER,  # the sender may not send
    "21610": Verdict.OPTED_OUT,  # they answered STOP
    "21611": Verdict.SLOW_SENDER,  # the sender's queue is full
    "21614": Verdict.OTHER_CHANNEL,  # no mobile
    "30002": Verdict.PAUSE_SENDER,  # the account is suspended
    "30003": Verdict.OTHER_CHANNEL,  # the handset cannot be reached
    "30004": Verdict.OTHER_CHANNEL,  # blocked
    "30005": Verdict.OTHER_CHANNEL,  # no such subscriber
    "30006": Verdict.OTHER_CHANNEL,  # a landline
    "30007": Verdict.STOP_BATCH,  # filtered as unwanted
    "dnd": Verdict.OTHER_CHANNEL,  # in the register of those who want no advertisement
    "ndnc": Verdict.OTHER_CHANNEL,
    "template_mismatch": Verdict.STOP_TEMPLATE,
    "invalid_template": Verdict.STOP_TEMPLATE,
    "insufficient_balance": Verdict.PAUSE_SENDER,
}


def verdict_of(code: str, *, unless: Verdict) -> Verdict:
    """The verdict on a code, or ``unless`` it is known to nobody."""
    return CODES.get(code.casefold().replace(" ", "_").replace("-", "_"), unless)


def receipt_of(gateway: Gateway, reply: Reply) -> SendReceipt:
    """What became of a text. An answer of 5xx leaves it unknown: it may have been taken."""
    if not reply.reached:
        return SendReceipt(Verdict.NOT_REACHED, code="not_reached")
    if reply.status is None:
        return SendReceipt(Verdict.UNKNOWN, code="no_answer")
    said = code_in(reply.body)
    if not 200 <= reply.status < 300:
        return SendReceipt(
            verdict_of(said, unless=_by_status(reply.status)), code=said or f"http_{reply.status}",
            retry_after=reply.retry_after,
        )  # fmt: skip
    if not is_accepted(gateway, reply.body):
        return SendReceipt(verdict_of(said, unless=Verdict.REFUSED), code=said or "not_accepted")
    return SendReceipt(Verdict.ACCEPTED, ref=reference_in(reply.body))


def _by_status(status: int) -> Verdict:
    if status == 429:
        return Verdict.SLOW_SENDER
    if status >= 500 or status == 408:
        return Verdict.UNKNOWN
    return Verdict.REFUSED if status in {400, 422} else Verdict.PAUSE_SENDER  # key, money, or a wrong address
