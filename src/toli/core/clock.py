"""The one place that tells the time, so that tests can set it."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """This instant, with its time zone."""
    return timezone.now()


def today() -> date:
    """The calendar day where the organisation lives (settings.TIME_ZONE)."""
    return timezone.localdate()


def day_of(moment: datetime) -> date:
    """The calendar day of an instant where the organisation lives; UTC may still be on the day before."""
    return timezone.localdate(moment)
