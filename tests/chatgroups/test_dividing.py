"""Division along the tree: who moves, when, and that nobody is ever without a group."""

import pytest

from tests import factories as make
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.analytics import integrity
from toli.chatgroups import selectors, services
from toli.chatgroups.errors import DepthInvalid, NothingToDivide
from toli.chatgroups.models import ChatGroup, Seat
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db


def _divide(depth="ac", **options):
    return services.divide(actor=SYSTEM, campaign_code="connect", territory_code="UP", depth=depth, **options)


def _move():
    return services.move_members(actor=SYSTEM, campaign_code="connect", territory_code="UP")


@pytest.fixture
def seated(campaign, open_groups):
    """Three people in each of four constituencies, all in the state's groups."""
    people = [make.make_member(f"A{index % 4 + 1}", carded=True) for index in range(12)]
    services.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="UP")
    open_groups()
    for person in people:
        services.go_to_group(member_id=person.pk, campaign_id=campaign.pk)
        services.confirm_joined(member_id=person.pk, campaign_id=campaign.pk)
    return people


def test_a_dry_run_shows_the_plan_and_changes_nothing(seated):
    before = list(ChatGroup.objects.order_by("pk").values())
    report = _divide(dry_run=True)
    assert [group.territory_codes for group in report.groups] == [("A1",), ("A2",), ("A3",), ("A4",)]
    assert (report.created, report.lower_bound, report.leaving) == (4, 3, 12)
    assert list(ChatGroup.objects.order_by("pk").values()) == before


def test_people_keep_their_seat_until_the_new_group_is_open(seated, campaign):
    _divide()
    assert _move().moved == 0
    assert selectors.counts_by_state() == {"dividing": 3, "asked": 4}
    assert all(selectors.seat_of(person.pk, campaign.pk).state == "joined" for person in seated)


def test_when_the_groups_open_everybody_gets_a_seat_in_their_own(seated, campaign, open_groups):
    _divide()
    open_groups()
    report = _move()
    assert (report.moved, report.waiting, report.divided) == (12, 0, 3)
    for person in seated:
        seat = selectors.seat_of(person.pk, campaign.pk)
        assert seat.state == "reserved"
        assert [place.code for place in selectors.served_territories(seat.group)] == [person.territory.code]
    assert Seat.objects.filter(state="moved").count() == 12
    assert not integrity.broken()
    assert _move().moved == 0


def test_dividing_twice_asks_for_nothing_twice(seated, open_groups):
    _divide()
    assert _divide().created == 0
    open_groups()
    _move()
    assert _divide().created == 0
    assert selectors.counts_by_state() == {"open": 4, "divided": 3}


def test_zones_come_before_constituencies(seated, campaign, open_groups):
    report = _divide("zone")
    assert [group.territory_codes for group in report.groups] == [("Z1",), ("Z1",), ("Z2",), ("Z2",)]
    open_groups()
    _move()
    report = _divide("ac")
    assert report.created == 4
    open_groups()
    assert _move().moved == 12
    assert not integrity.broken()


def test_someone_who_joins_while_groups_are_divided_still_gets_a_seat(seated, campaign):
    _divide()
    late = make.make_member("A1", carded=True)
    assert services.take_seat(member_id=late.pk, campaign_id=campaign.pk).group.state == "dividing"


def test_growth_moves_nobody_who_need_not_move(seated, campaign, open_groups):
    _divide()
    open_groups()
    _move()
    for _ in range(3):
        make.make_member("A1", carded=True)
    report = _divide()
    assert report.created == 1
    assert (report.dividing, report.leaving) == (0, 0)


def test_what_fits_one_group_is_not_divided(campaign, open_groups):
    make.make_member("A1", carded=True)
    services.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="UP")
    open_groups()
    with pytest.raises(NothingToDivide):
        _divide()


def test_depth_must_lie_below(seated):
    with pytest.raises(DepthInvalid):
        _divide("state")
    with pytest.raises(DepthInvalid):
        _divide("galaxy")


def test_a_neighbour_divides_nothing(seated):
    stranger = make.make_actor({"groups.divide": "KL"})
    with pytest.raises(TerritoryNotFound):
        services.divide(actor=stranger, campaign_code="connect", territory_code="UP", depth="ac")
    with pytest.raises(TerritoryNotFound):
        services.move_members(actor=stranger, campaign_code="connect", territory_code="UP")
    assert scope_for(stranger, "groups.divide").paths == ("main/IN/KL/",)
