"""What kind of file this is, in which encoding, and what parts its columns. Judged by content, never by the name."""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Sequence

CSV, XLSX, VCARD, UNKNOWN = "csv", "xlsx", "vcard", ""
DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 40  # lines that the delimiter is judged by
_SIGNS = (b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"GIF8", b"\x7fELF")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CARD = re.compile(r"\s*BEGIN:VCARD", re.IGNORECASE)
_SEP = re.compile(r"\ufeff?\"?sep=(.)\"?\s*$", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')


def format_of(head: bytes) -> str:
    """``csv``, ``xlsx`` or ``vcard``; "" for a file that is none of these."""
    if head.startswith(b"PK\x03\x04"):
        return XLSX
    if head.startswith(_SIGNS):
        return UNKNOWN
    text = head.decode(encoding_by_sight(head) or "latin-1", errors="replace").lstrip("\ufeff")
    return VCARD if _CARD.match(text) else CSV


def encoding_by_sight(head: bytes) -> str:
    """The encoding that a byte order mark, or every second byte being zero, tells; "" when neither does."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2], head[1::2]
    if len(head) >= 4 and odd.count(0) * 10 > 4 * len(odd) and even.count(0) * 20 < len(even):
        return "utf-16-le"
    if len(head) >= 4 and even.count(0) * 10 > 4 * len(even) and odd.count(0) * 20 < len(odd):
        return "utf-16-be"
    return ""


def encoding_of_lines(lines: Iterable[bytes]) -> str:
    """UTF-8 or Windows-1252, for a file that is not UTF-8 to its end.

    A few broken lines among many good ones are broken; where most lines with accents are none, it was never UTF-8.
    """
    good = bad = 0
    for line in lines:
        if line.isascii():
            continue
        try:
            line.decode()
        except UnicodeDecodeError:
            bad += 1
        else:
            good += 1
    return "utf-8" if good > bad else "cp1252"


def named_delimiter(line: str) -> str:
    """The delimiter that a spreadsheet's first line ``sep=;`` names; "" for any other line."""
    match = _SEP.match(line)
    return match[1] if match else ""


def delimiter_of(lines: Sequence[str]) -> str:
    """The sign that parts the columns: the one that most lines have equally often, outside quotation marks."""
    sample = [_QUOTED.sub("", line) for line in lines if line.strip()][:SAMPLE]

    def agreement(sign: str) -> tuple[int, int]:
        counts = Counter(line.count(sign) for line in sample)
        counts.pop(0, None)
        often = counts.most_common(1)
        return (often[0][1], often[0][0]) if often else (0, 0)

    best = max(DELIMITERS, key=agreement)
    return best if agreement(best) != (0, 0) else ","
