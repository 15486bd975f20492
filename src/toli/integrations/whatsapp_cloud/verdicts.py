"""What each error code of the Cloud API means for us. Codes that we have never met are refusals of that one message.

After https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from collections.abc import Mapping
from typing import Any

from toli.messaging.domain.verdicts import Verdict
from toli.messaging.ports import SendReceipt

CODES: Mapping[int, Verdict] = {
    0: Verdict.PAUSE_SENDER,  # we could not be authenticated
    1: Verdict.UNKNOWN,  # "API unknown": a fault inside
    2: Verdict.UNKNOWN,  # down, or overloaded
    3: Verdict.PAUSE_SENDER,  # a permission is missing
    4: Verdict.SLOW_SENDER,  # the app calls too often
    10: Verdict.PAUSE_SENDER,
    33: Verdict.PAUSE_SENDER,  # the number was deleted
    190: Verdict.PAUSE_SENDER,  # the token has expired
    368: Verdict.PAUSE_SENDER,  # blocked for breaking a policy
    80007: Verdict.SLOW_SENDER,
    130429: Verdict.SLOW_SENDER,
    130472: Verdict.OTHER_CHANNEL,  # in an experiment of Meta's
    130497: Verdict.PAUSE_SENDER,  # barred from a country
    131000: Verdict.UNKNOWN,  # "something went wrong"
    131005: Verdict.PAUSE_SENDER,
    131016: Verdict.UNKNOWN,  # unavailable for a while
    131021: Verdict.REFUSED,  # to ourselves
    131026: Verdict.OTHER_CHANNEL,  # not on WhatsApp, or an old version
    131030: Verdict.REFUSED,
    131031: Verdict.PAUSE_SENDER,  # the account is locked
    131037: Verdict.PAUSE_SENDER,  # the display name is not approved
    131042: Verdict.PAUSE_SENDER,  # payment
    131045: Verdict.PAUSE_SENDER,  # the number is not registered
    131047: Verdict.OTHER_CHANNEL,  # more than 24 hours since they wrote, and no template
    131048: Verdict.STOP_BATCH,  # too many people blocked or reported it
    131049: Verdict.NOT_TODAY,  # Meta protects this person from more
    131050: Verdict.OPTED_OUT,  # they said no to marketing
    131056: Verdict.SLOW_RECIPIENT,
    131057: Verdict.SLOW_SENDER,  # the account is being maintained
    133010: Verdict.PAUSE_SENDER,
}
TEMPLATES = range(132000, 133000)
PERMISSIONS = range(200, 300)


def verdict_of(code: int, status: int) -> Verdict:
    """The verdict on an error. A status of 5xx without a code that says more: it may have been taken."""
    if code in CODES:
        return CODES[code]
    if code in TEMPLATES:
        return Verdict.STOP_TEMPLATE
    if code in PERMISSIONS:
        return Verdict.PAUSE_SENDER
    if status >= 500 or status == 408:
        return Verdict.UNKNOWN
    if status in {401, 403}:
        return Verdict.PAUSE_SENDER
    return Verdict.SLOW_SENDER if status == 429 else Verdict.REFUSED


def receipt_of(status: int, answer: Any, retry_after: float | None = None) -> SendReceipt:
    """What an answer says about the message. One that cannot be read leaves it unknown."""
    found = answer if isinstance(answer, dict) else {}
    messages = found.get("messages")
    if 200 <= status < 300 and isinstance(messages, list) and messages:
        return SendReceipt(Verdict.ACCEPTED, ref=str(messages[0].get("id", ""))[:120])
    error = found.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int):
        return SendReceipt(verdict_of(code, status), code=str(code), retry_after=retry_after)
    verdict = Verdict.UNKNOWN if 200 <= status < 300 else verdict_of(-1, status)
    return SendReceipt(verdict, code=f"http_{status}", retry_after=retry_after)
