"""Nothing personal and nothing secret reaches a log.

:func:`install` replaces the way in which log records are made: whatever logger or library a record comes from
and whatever handler it goes to, its message, its arguments and its traceback have been cleaned before anybody
can write them. Tracebacks of programs and threads that fail are cleaned on their way to stderr.

What is masked follows from its form, so names and places cannot be: those must not be handed to a logger. Too
much is masked rather than too little; a row of ten digits is a telephone number here, whatever it was meant to be.
"""

import base64
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from types import TracebackType

Known = Callable[[], Iterable[str | bytes]]

PHONE, TOKEN, CODE, SECRET, MAIL, DATA = "[number]", "[token]", "[code]", "[secret]", "[mail]", "[data]"

# Blanks, hyphens and brackets between digits, also as they stand in addresses (%20, + for a blank).
_GAP = r"(?:[ \t\u00a0\u2009\u200b-\u200f\u202f()/+\u2010-\u2015.-]|%2[089BDF]){0,3}"
_DATE = r"(?:19|20)\d\d-[01]\d-[0-3]\d"
_ADDRESS = r"(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"
_NUMBER = re.compile(rf"(?<!\d)(?<!\d\.)(?<!\d\d:\d\d:)(?!{_DATE})(?!{_ADDRESS})\+?\d(?:{_GAP}\d){{9,}}", re.IGNORECASE)
# Characters as addresses, JSON and bytes write them: they are read first, so that one rule finds all spellings.
_ESCAPED = re.compile(r"(?:%[0-9a-f]{2})+|(?:\\x[0-9a-f]{2})+|(?:\\u[0-9a-f]{4})+", re.IGNORECASE)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Cookies and credentials: all that follows in the line.
    (
        re.compile(
            r"((?:http_)?(?:set[-_]cookie|cookie|(?:proxy[-_])?authorization|x[-_]api[-_]key|x[-_]csrftoken))"
            r"(['\"]?\s*[:=,]\s*).+",
            re.IGNORECASE,
        ),
        rf"\1\2{SECRET}",
    ),
    (re.compile(r"\b((?:__Host-|__Secure-)?(?:toli|csrf\w*|session\w*))=[^\s;,'\"&]+", re.IGNORECASE), rf"\1={SECRET}"),
    (re.compile(r"\b(Bearer|Basic|Token)\s+[A-Za-z0-9+/=_.~:-]{6,}", re.IGNORECASE), rf"\1 {SECRET}"),
    # Passwords and keys by what they are called, and in the addresses of databases.
    (
        re.compile(
            r"\b([\w-]{0,40}(?:password|passwd|passphrase|secret|token|api_?key|auth_?key|private_?key))"
            r"(['\"]?\s*(?:=>|[:=])\s*)(?:'[^']*'|\"[^\"]*\"|[^\s,;&)\]}]+)",
            re.IGNORECASE,
        ),
        rf"\1\2{SECRET}",
    ),
    (
        re.compile(r"\b([a-z][a-z0-9+.-]{0,20}://[^\s:/@'\"]{0,100}):[^\s'\"]*@(?=[\w.\[-])", re.IGNORECASE),
        rf"\1:{SECRET}@",
    ),
    # Addresses that are themselves a key: sign-in, welcome, withdrawal, export, a card with its signature.
    (re.compile(r"((?:/|%2F)(?:[acwx]|V)(?:/|%2F))(?=[^\s/]{6})[^\s?#'\"<>&]+", re.IGNORECASE), rf"\1{TOKEN}"),
    # What PostgreSQL tells of the row that it refused: all of its columns.
    (re.compile(r"\b((?:DETAIL|Failing row contains)\b:?\s*).+"), rf"\1{DATA}"),
    # One-time codes as our messages hold them, and by what they are called.
    (re.compile(r"(@\S{1,253} #)\d{4,8}"), rf"\1{CODE}"),
    (re.compile(r"(?<!\d)\d{6}(?=\s+(?:is your|आपका))"), CODE),
    (re.compile(r"\b(code|otp|totp|pin|कोड)(\W{1,5})\d{4,8}(?!\d)", re.IGNORECASE), rf"\1\2{CODE}"),
    (re.compile(r"\b[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,}"), MAIL),
)  # fmt: skip


def redact(text: str, known: Iterable[str | bytes] = ()) -> str:
    """``text`` without numbers, tokens, codes and secrets. ``known``: secrets of this installation, in any form."""
    for form in _forms(known):
        text = text.replace(form, SECRET)
    text = _ESCAPED.sub(_read, text)
    for rule, instead in _RULES:
        text = rule.sub(instead, text)
    return _NUMBER.sub(PHONE, text)


def _read(escaped: re.Match[str]) -> str:
    """What escaped characters stand for; as it was where that is no text, or would begin another line of the log."""
    digits = re.sub(r"%|\\[xu]", "", escaped[0])
    try:
        text = bytes.fromhex(digits).decode("utf-16-be" if escaped[0][1] in "uU" else "utf-8")
    except ValueError:
        return escaped[0]
    return (
        escaped[0] if any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029" for char in text) else text
    )


def _forms(known: Iterable[str | bytes]) -> list[str]:
    """How each secret could be written: bytes as hex, base 64 and Python's way; the longest first."""
    forms: set[str] = set()
    for secret in known:
        if isinstance(secret, str):
            forms |= {secret, repr(secret)[1:-1]}
            continue
        plain, safe = base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode()
        forms |= {secret.hex(), secret.hex().upper(), plain, safe, plain.rstrip("="), safe.rstrip("=")}
        forms.add(repr(bytes(secret))[2:-1])
    return sorted((form for form in forms if len(form) >= 6), key=len, reverse=True)


_known: Known = tuple


def install(known: Known) -> None:
    """Clean every log record and every traceback of this process from now on. ``known`` is asked each time."""
    global _known
    _known = known
    if not isinstance(logging.getLogRecordFactory(), _Cleaner):
        logging.setLogRecordFactory(_Cleaner(logging.getLogRecordFactory()))
    sys.excepthook = _failed
    threading.excepthook = _thread_failed


def clean(text: str) -> str:
    """``text`` without what :func:`redact` masks and without the secrets of this installation."""
    return redact(text, _known())


def described(error: BaseException) -> str:
    """The traceback of an error, clean."""
    return clean("".join(traceback.format_exception(error)))


class _Cleaner:
    """Makes log records whose message is finished and clean, so that no handler sees what it was made of."""

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *arguments: object, **options: object) -> logging.LogRecord:
        record = self._make(*arguments, **options)
        try:
            message = record.getMessage()
        except Exception:  # a message that does not fit its arguments: logging must not fail over it
            message = f"{record.msg} {record.args}"
        record.msg, record.args = clean(message), ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = described(record.exc_info[1]).rstrip("\n")
            record.exc_info = None
        if record.stack_info:
            record.stack_info = clean(record.stack_info)
        return record


def _failed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        sys.stderr.write(described(error.with_traceback(trace)))


def _thread_failed(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None and failure.exc_type is not SystemExit:
        sys.stderr.write(described(failure.exc_value))
