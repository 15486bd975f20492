"""What a class of membership is offered for."""

from dataclasses import dataclass

MOST_MONTHS = 240
MOST_GRACE = 365
GRACE_DAYS = 30
PRIMARY, ACTIVE = "primary", "active"


@dataclass(frozen=True, slots=True)
class Terms:
    """``fee`` in the currency's smallest unit, 0: free. ``grace_days`` after the last day, in which nothing ends.
    ``least_months``: how long one has to have been a member before."""

    grade: str
    months: int
    fee: int = 0
    currency: str = "INR"
    grace_days: int = GRACE_DAYS
    least_months: int = 0

    def is_possible(self) -> bool:
        """Whether anybody could be offered this; of the currency the caller knows."""
        return (
            self.grade in (PRIMARY, ACTIVE)
            and 1 <= self.months <= MOST_MONTHS
            and self.fee >= 0
            and 0 <= self.grace_days <= MOST_GRACE
            and 0 <= self.least_months <= MOST_MONTHS
        )
