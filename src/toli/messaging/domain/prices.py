"""What messages cost: prices in paise (hundredths of a rupee), which providers quote with fractions. Pure."""

from decimal import ROUND_CEILING, Decimal, InvalidOperation

CURRENCY = "INR"
DEAREST = Decimal(100_000)  # a thousand rupees: more is a slip of the finger


def price_of(text: str) -> Decimal:
    """The price that was written. Raises ValueError: no number, below nothing, too high, or finer than 1/10,000."""
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(text) from None
    if not price.is_finite() or not 0 <= price <= DEAREST or price != round(price, 4):
        raise ValueError(text)
    return price


def cost(count: int, price: str | None, *, parts: int = 1) -> int | None:
    """Whole paise for ``count`` messages of so many parts each, rounded up; None: the price is not known."""
    if count == 0:
        return 0
    if price is None:
        return None
    return int((price_of(price) * count * parts).to_integral_value(ROUND_CEILING))
