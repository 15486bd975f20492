"""Amounts of money: whole numbers of the currency's smallest unit (paise of INR), never fractions."""

from decimal import Decimal, InvalidOperation

from babel.numbers import format_currency, get_currency_precision, list_currencies

MOST = 10**11  # a typing mistake is no fee


class AmountUnreadable(ValueError):
    """The text is no amount of the currency, or more than anybody pays."""


def is_currency(code: str) -> bool:
    """Whether this is a code of ISO 4217."""
    return code in list_currencies("en")


def plain(amount: int, currency: str) -> str:
    """For programs and payment links: ``100.00``."""
    digits = get_currency_precision(currency)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f}"


def written(amount: int, currency: str, language: str) -> str:
    """As people of the language write it: ``₹1,00,000`` for INR; without a fraction where there is none."""
    digits = get_currency_precision(currency)
    whole = amount % 10**digits == 0
    locale = "hi_IN" if language == "hi" else "en_IN"
    places = 0 if whole else digits
    pattern = "¤#,##,##0" + ("." + "0" * places if places else "")
    return str(format_currency(Decimal(amount).scaleb(-digits), currency, pattern, locale, currency_digits=False))


def read(text: str, currency: str) -> int:
    """The amount that a person or a bank wrote: ``100``, ``1,00,000.50``, ``₹100``. Raises AmountUnreadable."""
    digits = get_currency_precision(currency)
    bare = text.strip().removeprefix("₹").removeprefix("Rs.").removeprefix(currency).replace(",", "").strip()
    try:
        value = Decimal(bare).scaleb(digits)
    except InvalidOperation:
        raise AmountUnreadable(text) from None
    if not value.is_finite() or value < 0 or value != value.to_integral_value() or value > MOST:
        raise AmountUnreadable(text)
    return int(value)
