"""Phone numbers in E.164 (ITU-T recommendation): ``+`` and up to 15 digits."""

import re

import phonenumbers

_INDIAN = re.compile(r"(?:\+91|0{0,2}91|0)?([0-9]{10})\Z")
_INDIAN_DIGITS = 10
_NOISE = re.compile(r"[\s().\-\u00a0\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_DIGITS = str.maketrans("०१२३४५६७८९٠١٢٣٤٥٦٧٨٩", "01234567890123456789")


class InvalidPhone(ValueError):
    """The text is not a telephone number."""


def to_e164(text: str, *, region: str = "IN") -> str:
    """``text`` as a person writes it, in E.164.

    Ten digits, with or without +91, 91 or 0 in front, are an Indian number: this covers nearly all
    lines of a list and costs a hundredth of the general parser. The leading digit is not judged
    there, because synthetic numbers (0 to 5) must pass the same way. Everything else goes through
    Google's metadata, which is lenient: letters (which it would dial as on an old telephone),
    extensions and Indian numbers of another length are refused here.

    Raises:
        InvalidPhone: it cannot be a number of ``region`` or of any country.
    """
    cleaned = _NOISE.sub("", text).translate(_DIGITS)
    if region == "IN" and (match := _INDIAN.match(cleaned)):
        return "+91" + match[1]
    if any(char.isalpha() or char == ";" for char in cleaned):
        raise InvalidPhone("letters")
    try:
        parsed = phonenumbers.parse(cleaned, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidPhone(str(error)) from None
    indian = parsed.country_code == 91
    if not phonenumbers.is_possible_number(parsed) or (indian and len(str(parsed.national_number)) != _INDIAN_DIGITS):
        raise InvalidPhone("not a possible number")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def masked(e164: str) -> str:
    """What a screen may show: country, first two and last three digits (``+91 98••• ••210``)."""
    if e164.startswith("+91") and len(e164) == 13:
        return f"+91 {e164[3:5]}••• ••{e164[-3:]}"
    return f"{e164[:3]} •••• {e164[-3:]}"


def spellings_pattern(e164: str) -> str:
    """A regular expression (Python's and PostgreSQL's) that finds the number however it was written: with or
    without country code, with blanks, hyphens and brackets between the digits, in Devanagari or Arabic digits.
    A longer run of digits that happens to hold it is another number."""
    indian = e164.startswith("+91")
    ahead = f"(?:(?:{_spelt('00')})?{_spelt('91')}|{_spelt('0')})?" if indian else f"(?:{_spelt('00')})?"
    return f"(?<![{_ANY}]){ahead}{_spelt(e164[3:] if indian else e164[1:])}(?![{_ANY}])"


_SCRIPTS = ("0123456789", "०१२३४५६७८९", "٠١٢٣٤٥٦٧٨٩")
_ANY = "".join(_SCRIPTS)


def _spelt(digits: str) -> str:
    """These digits in any script, each with the blanks, brackets and hyphens that may follow it."""
    return "".join(f"[{''.join(script[int(digit)] for script in _SCRIPTS)}][\\s().-]*" for digit in digits)
