"""How many of those who wait go with the next statement."""

import pytest

from toli.core.domain.crowds import ENOUGH, how_many


@pytest.mark.parametrize(("waiting", "count"), [(1, 1), (ENOUGH + 1, ENOUGH), (200, 100), (5000, 500)])
def test_half_of_them_but_enough_and_not_too_many(waiting, count):
    assert how_many(waiting, most=500) == count
