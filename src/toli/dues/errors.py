"""Reasons to refuse an offer, a payment or a renewal."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound


class OfferWrong(Invalid):
    code = "offer_wrong"
    message = _("A membership runs for 1 to 240 months and has at most 365 days of grace.")


class CurrencyUnknown(Invalid):
    code = "currency_unknown"
    message = _("%(currency)s is no currency. Please write three letters, like INR.")


class AmountWrong(Invalid):
    code = "amount_wrong"
    message = _("Please write the amount in figures, like 100 or 99.50.")


class NothingOwed(NotFound):
    code = "nothing_owed"
    message = _("Nothing is owed here, or it has been paid.")


class ReceiptNotFound(NotFound):
    code = "receipt_not_found"
    message = _("There is no such receipt in your area.")


class ReceiptCancelled(Conflict):
    code = "receipt_cancelled"
    message = _("This receipt has been cancelled already.")


class CancelReasonMissing(Invalid):
    code = "cancel_reason_missing"
    message = _("Please say in a few words why the receipt is cancelled (5 to 200 letters).")


class AnswerMissing(Invalid):
    code = "dispute_answer_missing"
    message = _("Please write in a few words what you found out (5 to 200 letters).")


class DisputeAnswered(Conflict):
    code = "dispute_answered"
    message = _("This has been answered already.")


class StatementWrong(Invalid):
    code = "statement_wrong"
    message = _("The file must be a CSV with the columns reference and amount, and at most %(most)d lines.")


class TooEarlyToRenew(Conflict):
    code = "too_early_to_renew"
    message = _("A membership can be renewed from 60 days before its last day.")


class NotOffered(Conflict):
    code = "not_offered"
    message = _("This class of membership is not offered here.")


class TooEarlyToPromote(Conflict):
    code = "too_early_to_promote"
    message = _("For this one has to be a primary member for %(months)d months.")


class OwesAlready(Conflict):
    code = "owes_already"
    message = _("Another fee is still open. Please settle it first.")


class NoCash(Conflict):
    code = "no_cash"
    message = _("You hold no cash that you could hand over.")


class ReceiverUnknown(NotFound):
    code = "receiver_unknown"
    message = _("Nobody else who works in the whole area of this money has this login.")


class HandoverNotFound(NotFound):
    code = "handover_not_found"
    message = _("No cash waits here for your answer. It may have been answered already.")


class HandoverWaits(Conflict):
    code = "handover_waits"
    message = _("This cash is being handed over. It can be cancelled when the receiver has answered.")
