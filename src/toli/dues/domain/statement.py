"""What a bank says was paid: a CSV of references and amounts. No line is dropped silently."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from toli.core.domain import base32
from toli.dues.domain.money import AmountUnreadable, read

COLUMNS = ("reference", "amount")
MOST_LINES = 20_000


class Fate(StrEnum):
    """What became of a line."""

    CONFIRMED = "confirmed"
    ALREADY = "already"
    UNKNOWN = "unknown"
    WRONG_AMOUNT = "wrong_amount"


class StatementUnreadable(ValueError):
    """Without the two columns, or too long."""


@dataclass(frozen=True, slots=True)
class Line:
    """One payment. ``amount``: as the bank wrote it, since the due decides the currency."""

    number: int
    reference: str
    amount: str

    def pays(self, amount: int, currency: str) -> bool:
        """Whether the line's amount is exactly this one."""
        try:
            return read(self.amount, currency) == amount
        except AmountUnreadable:
            return False


@dataclass(slots=True)
class Report:
    """Lines by what became of them; their numbers, as in the file, tell which."""

    lines: dict[Fate, list[int]] = field(default_factory=lambda: {fate: [] for fate in Fate})

    def counts(self) -> Mapping[str, int]:
        """How many there were of each, and altogether."""
        found = {str(fate): len(numbers) for fate, numbers in self.lines.items()}
        return {"lines": sum(found.values()), **found}


def read_statement(text: str) -> list[Line]:
    """The lines of a CSV whose header names ``reference`` and ``amount``, in any order, among others.

    Raises:
        StatementUnreadable: a column is missing, or there are too many lines.
    """
    rows = csv.reader(text.lstrip("\ufeff").splitlines())
    header = [cell.strip().lower() for cell in next(rows, [])]
    if not set(COLUMNS) <= set(header):
        raise StatementUnreadable(", ".join(COLUMNS))
    where = [header.index(name) for name in COLUMNS]
    found = []
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        reference, amount = (row[place] if place < len(row) else "" for place in where)
        found.append(Line(number, base32.normalise(reference), amount))
    if len(found) > MOST_LINES:
        raise StatementUnreadable(str(MOST_LINES))
    return found
