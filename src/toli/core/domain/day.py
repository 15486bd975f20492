"""When people may be written to about what can wait."""

from datetime import datetime

FROM_HOUR, TO_HOUR = 9, 20  # where the organisation lives


def is_quiet(local: datetime) -> bool:
    """Whether it is too early or too late. ``local``: the time where the organisation lives."""
    return not FROM_HOUR <= local.hour < TO_HOUR
