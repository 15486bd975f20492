"""Addresses of mailboxes as people write them: one spelling of each, and what a screen may show of it. Pure."""

import re
import unicodedata

LONGEST = 254  # RFC 5321, section 4.5.3.1.3, without the brackets
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL_LONGEST = 64


class InvalidMailAddress(ValueError):
    """The text is no address of a mailbox."""


def to_mail_address(text: str) -> str:
    """The address with its host in lower case and ASCII; the part before the @ belongs to the host and stays.

    Raises InvalidMailAddress: also for what RFC 5322 would allow and nobody has, such as quotes and comments.
    """
    local, _at, host = unicodedata.normalize("NFKC", text).strip().rpartition("@")
    try:
        host = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise InvalidMailAddress(text) from None
    labels = host.split(".")
    fits = len(local) <= _LOCAL_LONGEST and _LOCAL.fullmatch(local) and len(labels) > 1
    if not fits or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise InvalidMailAddress(text)
    if len(local) + 1 + len(host) > LONGEST:
        raise InvalidMailAddress(text)
    return f"{local}@{host}"


def masked(address: str) -> str:
    """What a screen may show: the first letter, and where the mailbox is (``s•••@example.org``)."""
    local, _at, host = address.rpartition("@")
    return f"{local[:1]}•••@{host}"
