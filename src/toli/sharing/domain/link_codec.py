"""Codes of share links: short, random, checked, with nothing personal inside.

Ten characters of Crockford's base 32 in lower case: eight random ones (40 bits) and two that check them.
With ten million links alive, one guess in 110,000 hits a link, and a hit shows only what is public.
"""

from toli.core.domain import base32

BODY = 8


def new_code() -> str:
    """A code that nobody can foresee."""
    return base32.with_checksum(base32.random_code(BODY)).lower()


def clean(text: str) -> str | None:
    """The code that was meant, or None: look-alike letters and case are forgiven, wrong codes are not.

    Needs no database, so mistyped and invented codes cost nothing.
    """
    code = base32.normalise(text)
    if len(code) != BODY + 2 or not base32.is_valid(code):
        return None
    return code.lower()
