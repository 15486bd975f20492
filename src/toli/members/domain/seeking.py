"""What somebody looks for who types into the one search field: a number, its last digits, a name, or both."""

from dataclasses import dataclass

from toli.core.domain.phone import InvalidPhone, to_e164
from toli.members.domain.names import sought_keys

TAIL = 4
LEAST = 2  # letters of a key: a single one is the beginning of every twentieth name


@dataclass(frozen=True, slots=True)
class Sought:
    """``phone`` in E.164, or the beginnings of name keys and the last four digits; all empty: nothing to look for."""

    phone: str = ""
    keys: tuple[str, ...] = ()
    tail: str = ""


def sought(text: str) -> Sought:
    """Read the search field. Words with digits in them are no names: the field takes card numbers as well."""
    words = text.split()
    tails = [word for word in words if word.isdecimal() and len(word) == TAIL]
    names = [word for word in words if not any(letter.isdigit() for letter in word)]
    if len(tails) <= 1 and len(tails) + len(names) == len(words):
        keys = sought_keys(" ".join(names))
        if tails or any(len(key) >= LEAST for key in keys):
            return Sought(keys=keys, tail=str(int(tails[0])).zfill(TAIL) if tails else "")
    try:
        return Sought(phone=to_e164(text))
    except InvalidPhone:
        return Sought()
