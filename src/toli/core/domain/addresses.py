"""Addresses that people give us, before a browser is led there.

Browsers are forgiving: they drop tabs and line ends inside an address, take ``\\`` for ``/`` and read ``//host`` as
another site. What they would read differently from us is refused (WHATWG URL Standard, sections 4.1 and 4.4).
"""

from urllib.parse import urlsplit, urlunsplit

MOST = 2000  # characters
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class AddressRefused(ValueError):
    """The text is not an address of the kind that was asked for."""


def is_own_path(text: str) -> bool:
    """Whether ``text`` leads to a page of this site, whoever reads it."""
    return text.startswith("/") and text[1:2] != "/" and "\\" not in text and len(text) <= MOST and not _has_gaps(text)


def is_secure(text: str) -> bool:
    """Whether a secret can be sent there: by https, or by http on this machine, where emulators are."""
    parts = urlsplit(text)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def as_web_address(text: str) -> str:
    """The address of a mail server (``smtps://host:465``) as one that web addresses are judged by; any other as it
    is."""
    scheme, found, rest = text.partition("://")
    return f"https://{rest}" if found and scheme in {"smtp", "smtps"} else text


def web_address(text: str) -> str:
    """The address of a page somewhere on the web, with its host in lower case and ASCII.

    Raises:
        AddressRefused: not http or https, no host, a name or password in it, or signs that browsers would drop.
    """
    text = text.strip()
    if "\\" in text or len(text) > MOST or _has_gaps(text):
        raise AddressRefused(text)
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode().lower()
    except (ValueError, UnicodeError) as error:
        raise AddressRefused(text) from error
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or "%" in host:
        raise AddressRefused(text)
    shown = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{shown}:{port}" if port else shown, parts.path, parts.query, parts.fragment))


def _has_gaps(text: str) -> bool:
    """Control characters, blanks of any kind, and signs that change the direction of writing."""
    return any(not char.isprintable() or char.isspace() for char in text)
