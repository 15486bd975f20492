"""Payment links. UPI: NPCI, "UPI Linking Specifications" 1.6, section 1.2: pa payee's address, pn payee's name,
am amount with a point and two digits, cu currency, tn note, tr the merchant's reference."""

import re
from urllib.parse import quote, urlencode, urlsplit

from toli.dues.domain.money import plain

UPI_ADDRESS = re.compile(r"[A-Za-z0-9._-]{2,255}@[A-Za-z][A-Za-z0-9.-]{1,63}")
UPI_CURRENCY = "INR"


def upi_link(*, payee: str, name: str, amount: int, reference: str) -> str:
    """The address that opens a UPI app with everything filled in. ``amount`` in paise."""
    fields = {
        "pa": payee,
        "pn": name,
        "am": plain(amount, UPI_CURRENCY),
        "cu": UPI_CURRENCY,
        "tn": reference,
        "tr": reference,
    }
    return "upi://pay?" + urlencode(fields, quote_via=quote, safe="@")


def is_template(text: str) -> bool:
    """Whether this is an https address with places for amount and reference, and for nothing else."""
    parts = urlsplit(text)
    places = re.findall(r"\{(\w*)\}", text)
    return parts.scheme == "https" and bool(parts.hostname) and sorted(places) == ["amount", "reference"]


def filled(template: str, *, amount: int, currency: str, reference: str) -> str:
    """The organisation's own payment page for this amount and reference."""
    return template.replace("{amount}", plain(amount, currency)).replace("{reference}", quote(reference))
