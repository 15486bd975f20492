"""Forms about fees, payments and receipts. They check shapes; rules belong to the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toli.dues.domain.money import AmountUnreadable, is_currency, plain, read
from toli.dues.domain.offers import MOST_GRACE, MOST_MONTHS, Terms
from toli.dues.errors import AmountWrong, AnswerMissing, CancelReasonMissing, CurrencyUnknown, NothingOwed, OfferWrong
from toli.web.forms import PlainForm, few_words

_WRONG = {"required": OfferWrong.message, "invalid": OfferWrong.message}
_WRONG |= {"min_value": OfferWrong.message, "max_value": OfferWrong.message}


def _number(label: Any, least: int, most: int) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=widget, error_messages=_WRONG)


class OfferForm(PlainForm):
    """What one class of membership costs and how long it lasts."""

    months = _number(_("How many months it lasts"), 1, MOST_MONTHS)
    fee = forms.CharField(
        max_length=20,
        label=_("Fee; 0 if it is free"),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"required": AmountWrong.message},
    )
    currency = forms.CharField(max_length=3, label=_("Currency"), error_messages={"required": _("Please write INR.")})
    grace_days = _number(_("Days after the end in which nothing is taken away"), 0, MOST_GRACE)
    least_months = _number(_("Months as a primary member before"), 0, MOST_MONTHS)

    def __init__(self, data: Any, *, terms: Terms) -> None:
        fee = plain(terms.fee, terms.currency)
        initial = {"months": terms.months, "fee": fee, "currency": terms.currency}
        initial |= {"grace_days": terms.grace_days, "least_months": terms.least_months}
        super().__init__(data, initial=initial, prefix=terms.grade)
        self.grade = terms.grade
        if terms.grade == "primary":
            del self.fields["least_months"]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        currency = str(found.get("currency", "")).upper()
        if not is_currency(currency):
            self.add_error("currency", str(CurrencyUnknown(currency=currency)))
            return found
        try:
            found["terms"] = Terms(
                self.grade,
                found.get("months") or 0,
                read(str(found.get("fee", "")), currency),
                currency,
                found.get("grace_days") or 0,
                found.get("least_months") or 0,
            )
        except AmountUnreadable:
            self.add_error("fee", str(AmountWrong()))
        return found


class ReferenceForm(PlainForm):
    """Which payment was seen."""

    reference = forms.CharField(
        max_length=20,
        label=_("Reference of the payment"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": NothingOwed.message},
    )


class StatementForm(PlainForm):
    """A list of payments from the bank."""

    file = forms.FileField(
        label=_("CSV of the bank, with the columns reference and amount"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Please choose a file.")},
    )


class CancelForm(PlainForm):
    """Why a receipt is a mistake."""

    reason = few_words(_("Why, in a few words"), missing=CancelReasonMissing.message)


class DisputeAnswerForm(PlainForm):
    """What was found out about a receipt. The member reads it."""

    answer = few_words(_("What you found out. The member reads it."), missing=AnswerMissing.message)


class HandoverForm(PlainForm):
    """Who was given the cash."""

    login = forms.CharField(
        max_length=80,
        label=_("Login of the person whom you gave the money"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Please write the login that the person signs in with.")},
    )
