"""Days are those of the place where the organisation lives."""

from datetime import UTC, date, datetime

from toli.core import clock


def test_after_midnight_in_india_the_new_day_has_begun_while_utc_is_on_the_old_one():
    assert clock.day_of(datetime(2026, 3, 1, 18, 29, tzinfo=UTC)) == date(2026, 3, 1)
    assert clock.day_of(datetime(2026, 3, 1, 18, 30, tzinfo=UTC)) == date(2026, 3, 2)
