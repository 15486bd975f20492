"""When a membership ends."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.core.domain.terms import ends_on


@pytest.mark.parametrize(
    ("begins", "months", "ends"),
    [
        (date(2026, 11, 24), 36, date(2029, 11, 24)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 6, 15), 12, date(2027, 6, 15)),
    ],
)
def test_a_term_ends_on_the_same_day_or_the_last_of_a_shorter_month(begins, months, ends):
    assert ends_on(begins, months) == ends


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 600))
def test_a_term_has_as_many_months_as_it_says(begins, months):
    ends = ends_on(begins, months)
    assert (ends.year - begins.year) * 12 + ends.month - begins.month == months
    assert ends.day <= begins.day
