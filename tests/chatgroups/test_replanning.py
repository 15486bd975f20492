"""Dividing again after growth, on the real tables: what still fits stays, and nobody is ever without a seat."""

import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.analytics import integrity
from toli.chatgroups import selectors, services
from toli.chatgroups.errors import CampaignInvalid
from toli.chatgroups.models import ChatGroup, GroupTerritory, Seat
from toli.members.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(coordinator):
    """Groups of at most ten people, planned for eight, worth having from two."""
    return services.create_campaign(
        actor=SYSTEM, code="connect", name_en="Connect", name_hi="जुड़ाव", platform="whatsapp", provider="assisted",
        territory_code="IN", capacity=10, target_size=8, minimum_size=2, community_limit=2,
    )  # fmt: skip


@pytest.fixture
def divided(campaign, open_groups):
    """Zones Z1 (A1: 4, A2: 4) and Z2 (A3: 5, A4: 4), divided to constituencies; the group of Z1 stays whole."""
    for code, number in (("A1", 4), ("A2", 4), ("A3", 5), ("A4", 4)):
        for _ in range(number):
            make.make_member(code, carded=True)
    services.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="UP")
    open_groups()
    _seat_all(campaign)
    _divide()
    open_groups()
    _move()
    return campaign


def _everybody():
    return Member.objects.order_by("pk").values_list("pk", flat=True)


def _seat_all(campaign):
    for member_id in _everybody():
        services.take_seat(member_id=member_id, campaign_id=campaign.pk)


def _divide(**options):
    return services.divide(actor=SYSTEM, campaign_code="connect", territory_code="UP", depth="ac", **options)


def _move():
    return services.move_members(actor=SYSTEM, campaign_code="connect", territory_code="UP")


def _served():
    groups = ChatGroup.objects.filter(state__in=["open", "asked"]).order_by("pk")
    return sorted(tuple(place.code for place in selectors.served_territories(group)) for group in groups)


def _nobody_without_a_seat(campaign):
    assert all(selectors.seat_of(member_id, campaign.pk) for member_id in _everybody())
    assert not integrity.broken()


def test_what_fits_one_group_stays_whole_and_the_preview_tells_the_rest(divided):
    assert _served() == [("A3",), ("A4",), ("Z1",)]
    report = _divide(dry_run=True)
    assert (report.before, report.created, report.leaving, report.branch_bound) == (3, 0, 0, 3)
    assert report.communities == 2


def test_a_group_may_grow_up_to_its_capacity_before_anybody_moves(divided):
    for _ in range(2):
        make.make_member("A1", carded=True)
    _seat_all(divided)
    report = _divide()
    assert (report.created, report.leaving, _served()) == (0, 0, [("A3",), ("A4",), ("Z1",)])


def test_one_that_outgrew_its_capacity_is_divided_and_nobody_is_without_a_seat(divided, open_groups):
    for _ in range(3):
        make.make_member("A1", carded=True)
    _seat_all_that_fit(divided)
    report = _divide()
    assert (report.created, report.dividing) == (2, 1)
    assert list(report.tasks.values()) == [2]
    _seat_all_that_fit(divided)
    open_groups()
    _move()
    _seat_all(divided)
    _nobody_without_a_seat(divided)
    assert _served() == [("A1",), ("A2",), ("A3",), ("A4",)]


def _seat_all_that_fit(campaign):
    for member_id in _everybody():
        room = ChatGroup.objects.get(serves__territory__code="Z1").taken < 10
        if room and not selectors.seat_of(member_id, campaign.pk):
            services.take_seat(member_id=member_id, campaign_id=campaign.pk)


@pytest.mark.parametrize("sizes", [{"minimum_size": 5}, {"minimum_size": 0}, {"community_limit": 0}])
def test_sizes_that_cannot_work_are_refused(coordinator, sizes):
    with pytest.raises(CampaignInvalid):
        services.create_campaign(
            actor=SYSTEM, code="other", name_en="O", name_hi="ओ", platform="whatsapp", provider="assisted",
            territory_code="IN", capacity=10, target_size=8, **sizes,
        )  # fmt: skip


def test_a_group_gives_up_places_only_when_their_new_group_is_open(coordinator, campaign, open_groups):
    """Four booths share a group; they outgrow it, and it lives on with as many as it holds."""
    make.make_territories(*(f"IN/UP/Z1/A1/{code}" for code in ("P1", "P2", "P3", "P4", "P5")))
    for code, number in (("P1", 2), ("P2", 2), ("P3", 2), ("P4", 2), ("P5", 6)):
        for _ in range(number):
            make.make_member(code, carded=True)
    services.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="UP")
    open_groups()
    _seat_all(campaign)
    divide = {"actor": SYSTEM, "campaign_code": "connect", "territory_code": "UP", "depth": "booth"}
    services.divide(**divide)
    open_groups()
    _move()
    assert ("P1", "P2", "P3", "P4") in _served()
    assert sorted(place for places in _served() for place in places) == ["A2", "P1", "P2", "P3", "P4", "P5", "Z2"]
    shared = ChatGroup.objects.get(serves__territory__code="P1", state="open")
    for _ in range(2):
        make.make_member("P1", carded=True)
    _seat_all(campaign)
    make.make_member("P2", carded=True)
    report = services.divide(**divide)
    assert (report.created, report.dividing) == (1, 0)
    assert report.leaving >= report.leaving_bound > 0
    giving_up = GroupTerritory.objects.filter(group=shared, giving_up=True)
    gone = set(giving_up.values_list("territory_id", flat=True))
    assert gone
    assert _move().moved == 0
    assert giving_up.exists()
    open_groups()
    assert _move().moved == report.leaving
    _seat_all(campaign)
    _nobody_without_a_seat(campaign)
    assert not giving_up.exists()
    assert not Seat.objects.filter(group=shared, member__territory_id__in=gone, state="reserved").exists()
    assert services.divide(**divide).created == 0
