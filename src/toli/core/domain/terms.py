"""How long a term of so many months lasts: of a membership, of a role."""

from calendar import monthrange
from datetime import date


def ends_on(begins_on: date, months: int) -> date:
    """The last day of a term: ``months`` later, or that month's last day where it is shorter."""
    month = begins_on.month - 1 + months
    year, month = begins_on.year + month // 12, month % 12 + 1
    return date(year, month, min(begins_on.day, monthrange(year, month)[1]))
