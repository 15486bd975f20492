"""Writes: what is offered and owed, what was paid, what was wrong about it."""

from toli.dues.services.correcting import answer_dispute, cancel_receipt, dispute, dispute_path, disputed
from toli.dues.services.handing import answer_handover, hand_over
from toli.dues.services.lapsing import LAPSED_KIND, lapse, lapsed_text
from toli.dues.services.offering import set_offer
from toli.dues.services.owing import claim_paid, owe_for_joining
from toli.dues.services.receiving import confirm_payment, confirm_statement, take_cash
from toli.dues.services.reminding import REMINDER_KIND, remind, reminder_text
from toli.dues.services.renewing import check_promotion, promote, renew
from toli.dues.services.telling import RECEIPT_KIND, receipt_text, tell_receipt

__all__ = [
    "LAPSED_KIND",
    "RECEIPT_KIND",
    "REMINDER_KIND",
    "answer_dispute",
    "answer_handover",
    "cancel_receipt",
    "check_promotion",
    "claim_paid",
    "confirm_payment",
    "confirm_statement",
    "dispute",
    "dispute_path",
    "disputed",
    "hand_over",
    "lapse",
    "lapsed_text",
    "owe_for_joining",
    "promote",
    "receipt_text",
    "remind",
    "reminder_text",
    "renew",
    "set_offer",
    "take_cash",
    "tell_receipt",
]
