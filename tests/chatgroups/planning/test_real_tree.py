"""The real tree of Uttar Pradesh: 138,771 booths, five million made-up members, three plans one after the other."""

import pytest

from toli.bench.one_state import BOOTHS, booths, three_divisions
from toli.chatgroups.domain.planning import Limits

LIMITS = Limits(capacity=1024, target=900, minimum=90)
MEMBERS = 5_000_000


@pytest.mark.shared_data
def test_from_state_to_zone_to_constituency_to_booth_nobody_is_without_a_seat(shared_data, monkeypatch):
    """Each plan is carried out in waves: counts of seats are followed from group to group."""
    monkeypatch.setenv("TOLI_TEST_SHARED_DATA", str(shared_data))
    places, real = booths(MEMBERS)
    assert (len(places), real) == (BOOTHS, True)
    assert abs(sum(members for _zone, _ac, members in places) - MEMBERS) < MEMBERS // 100
    steps = three_divisions(places, LIMITS)
    assert [(step.overfull, step.unseated) for step in steps] == [(0, 0)] * 3
    assert max(step.groups / step.bound for step in steps) <= 1.02, steps
    assert max(step.moves / step.moves_bound for step in steps) <= 1.05, steps
