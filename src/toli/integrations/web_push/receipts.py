"""What push services answer (RFC 8030; codes of Google's, Mozilla's and Apple's services), one device or several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toli.core.posting import Reply
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.ports import SendReceipt

VERDICTS: Mapping[int, Verdict] = {
    400: Verdict.REFUSED,
    401: Verdict.PAUSE_SENDER,  # our key, or the clock that our tokens go by
    403: Verdict.PAUSE_SENDER,
    404: Verdict.OTHER_CHANNEL,  # nobody is there any more
    408: Verdict.UNKNOWN,
    410: Verdict.OTHER_CHANNEL,
    413: Verdict.REFUSED,
    429: Verdict.SLOW_SENDER,
}
EXPIRED = frozenset({404, 410})
# Of several devices: what one has taken is not sent again; then the truth that matters most.
FIRST = (
    Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.PAUSE_SENDER, Verdict.SLOW_SENDER, Verdict.NOT_REACHED, Verdict.REFUSED,
    Verdict.OTHER_CHANNEL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a notification on its way to one device."""

    device: str
    receipt: SendReceipt


def answer_of(device: str, reply: Reply, ref: str) -> Answer:
    """The receipt of one device. 5xx leaves it unknown: it may have been taken."""
    if not reply.reached:
        return Answer(device, SendReceipt(Verdict.NOT_REACHED, code="not_reached"))
    if reply.status is None:
        return Answer(device, SendReceipt(Verdict.UNKNOWN, code="no_answer"))
    if 200 <= reply.status < 300:
        return Answer(device, SendReceipt(Verdict.ACCEPTED, ref=ref))
    fallback = Verdict.UNKNOWN if reply.status >= 500 else Verdict.REFUSED
    verdict = VERDICTS.get(reply.status, fallback)
    expired = (device,) if reply.status in EXPIRED else ()
    return Answer(
        device, SendReceipt(verdict, code=f"http_{reply.status}", retry_after=reply.retry_after, expired=expired)
    )


def together(answers: Sequence[Answer]) -> SendReceipt:
    """One receipt for all devices of a member."""
    receipts = sorted((answer.receipt for answer in answers), key=lambda receipt: FIRST.index(receipt.verdict))
    first = receipts[0]
    same = [receipt for receipt in receipts if receipt.verdict is first.verdict]
    waits = [receipt.retry_after for receipt in same if receipt.retry_after is not None]
    expired = tuple(key for receipt in receipts for key in receipt.expired)
    return SendReceipt(first.verdict, first.ref, first.code, max(waits, default=None), expired)
