"""When a gateway says that something happened. Each writes it in its own way, and clocks differ. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

OLDEST = timedelta(hours=72)  # gateways report for three days at most; what claims to be older is a wrong clock


@dataclass(frozen=True, slots=True)
class ReportTimes:
    """``field``: where in a report the moment stands; empty: nowhere. ``pattern``: as in ``strptime``, such as
    ``%y%m%d%H%M%S``; empty: ISO 8601, or seconds since 1970. ``zone``: where it is meant that names none."""

    field: str = ""
    pattern: str = ""
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.pattern and not self.field:
            raise ValueError("report_time: the name of the field")
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError):
            raise ValueError(f"report_time_zone {self.zone!r}: Asia/Kolkata") from None
        if self.pattern and "%" not in self.pattern:
            raise ValueError("report_time_pattern: %Y-%m-%d %H:%M:%S")

    def of(self, report: Any, now: datetime) -> datetime:
        """The moment that the report names, never after ``now``; ``now`` where it names none that can be."""
        told = report.get(self.field) if self.field else None
        try:
            at = self._read(str(told).strip()) if isinstance(told, str | int | float) else now
        except (ValueError, OverflowError, OSError, re.error):
            return now
        return min(at, now) if at >= now - OLDEST else now

    def _read(self, text: str) -> datetime:
        """Raises ValueError, OverflowError, OSError, re.error (of a pattern that names a part twice)."""
        if self.pattern:
            at = datetime.strptime(text, self.pattern)
        elif text.replace(".", "", 1).isdecimal():
            seconds = float(text)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        else:
            at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(self.zone))).astimezone(UTC)
