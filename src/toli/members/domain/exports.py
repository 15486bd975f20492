"""Lists that leave the house: which columns they may have, and how a row is written so that it does no harm.

Spreadsheets run a cell that begins with ``=``, ``+``, ``-`` or ``@`` as a formula (also in full width, also
after a tab), and may split a row at other separators than ours. Source of the rules: OWASP, "CSV Injection".
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum

from toli.core.domain import base32


class Column(StrEnum):
    """What a list may hold of a member; nothing else ever leaves."""

    NAME = "name"
    CARD = "card"
    PLACE = "place"
    CODE = "code"
    JOINED = "joined"
    UNTIL = "until"
    LANGUAGE = "language"
    MASKED_PHONE = "masked_phone"
    PHONE = "phone"
    SHEETS = "sheets"  # stands alone: cards on sheets for printing instead of a table


REF = "ref"
REF_LENGTH = 10  # characters of 5 bits: two rows in ten million million million share one by chance
_BOM = "\ufeff"
_FORMULA = "=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−"
_UNSEEN = r"[\s\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*"
_DANGER = re.compile(rf"(^|[,;|\t\"'])(?={_UNSEEN}[{_FORMULA}])")
_BREAKS = {"Cc", "Cs", "Zl", "Zp"}


def ref_of(mac: bytes) -> str:
    """The mark of one row in one list, from a keyed hash of both: 50 bits as ten characters."""
    return base32.encode_int(int.from_bytes(mac[:7], "big") >> 6, REF_LENGTH)


def safe_cell(text: str) -> str:
    """``text`` on one line, with an apostrophe wherever a spreadsheet could see a formula begin."""
    line = "".join(" " if unicodedata.category(char) in _BREAKS else char for char in text).strip()
    return _DANGER.sub(r"\1'", line)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]], *, last_line: str) -> str:
    """The whole file: with a byte order mark (else Excel garbles Hindi), every cell quoted and safe."""
    out = io.StringIO()
    out.write(_BOM)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (header, *rows, (last_line,)):
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()
