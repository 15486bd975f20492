"""From when to when a membership runs when it is renewed, and when it is over."""

from datetime import date, timedelta

from toli.core.domain.terms import ends_on

RENEW_FROM = timedelta(days=60)  # before the last day
REMIND_AT = (60, 30, 7)  # days before the last day: three reminders, no more
REMIND_WITHIN = 7  # a reminder that could not be sent on its day may still be sent so many days later


def may_renew(until: date, today: date) -> bool:
    """Whether the member can renew already (or still)."""
    return today >= until - RENEW_FROM


def has_lapsed(until: date, grace_days: int, today: date) -> bool:
    """Whether the last day and the days of grace are behind us."""
    return today > until + timedelta(days=grace_days)


def renewed(until: date, months: int, grace_days: int, today: date) -> tuple[date, date]:
    """First and last day of the renewed term.

    In time (days of grace included) it goes on from the old end, so that nobody loses a day by renewing early or
    gains one by renewing late. After the lapse it begins today.
    """
    begins = today if has_lapsed(until, grace_days, today) else until
    return begins, ends_on(begins, months)


def reminder_due(until: date, today: date, sent: int) -> int | None:
    """The number (1 to 3) of the reminder that is due today, or None. ``sent``: how many have left for this term.

    Of reminders whose days have passed unsent only the latest is sent: nobody gets two on one day.
    """
    left = (until - today).days
    due = sum(left <= days for days in REMIND_AT)
    if due <= sent or left < 0:
        return None
    return due if REMIND_AT[due - 1] - left <= REMIND_WITHIN else None
