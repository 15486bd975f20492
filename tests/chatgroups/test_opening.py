"""Campaigns, the first groups, and the people who create them."""

import pytest

from tests import factories as make
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.assignments import selectors as assignments
from toli.assignments.errors import WorkNotFound
from toli.chatgroups import selectors, services
from toli.chatgroups.errors import (
    CampaignExists,
    CampaignInvalid,
    CampaignNotFound,
    GroupNotFound,
    InviteLinkInvalid,
    InviteLinkTaken,
    JoinLinkUnknown,
    NoCoordinator,
)
from toli.chatgroups.models import ChatGroup
from toli.core.models import EventRecord
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db
LINK = "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV"


def _open(territory="UP"):
    return services.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code=territory)


@pytest.mark.parametrize(
    "change",
    [{"target_size": 6}, {"target_size": 1}, {"naming_pattern": "{campaign}"}, {"provider": "pigeon"},
     {"platform": "smoke"}],
)  # fmt: skip
def test_a_campaign_that_cannot_work_is_refused(campaign, change):
    fields = {
        "code": "other", "name_en": "O", "name_hi": "ओ", "platform": "whatsapp", "provider": "assisted",
        "territory_code": "IN", "capacity": 5, "target_size": 4,
    }  # fmt: skip
    with pytest.raises(CampaignInvalid):
        services.create_campaign(actor=SYSTEM, **{**fields, **change})
    with pytest.raises(CampaignExists):
        services.create_campaign(actor=SYSTEM, **{**fields, "code": "connect"})


def test_there_are_as_many_groups_as_the_card_holders_need(campaign):
    for _ in range(9):
        make.make_member("A1", carded=True)
    make.make_member("A1")
    assert len(_open()) == 3
    assert len(_open()) == 3
    make.make_member("A3", carded=True)
    for _ in range(3):
        make.make_member("A3", carded=True)
    assert len(_open()) == 4


def test_the_named_person_is_asked_to_create_each_group(campaign, coordinator):
    group = _open()[0]
    work = assignments.open_work(coordinator)
    assert [(item.kind, item.details["name"]) for item in work] == [("create_group", group.name)]
    assert group.name == "जुड़ाव · स्थान UP · 1"


def test_work_of_others_is_not_found(campaign, coordinator):
    _open()
    work = assignments.open_work(coordinator)[0]
    with pytest.raises(WorkNotFound):
        assignments.get_work(make.make_actor({"work.do": "UP"}), work.pk)


def test_the_nearest_coordinator_with_the_fewest_groups_is_asked(campaign, coordinator):
    near = make.make_coordinator("Z1")
    for _ in range(9):
        make.make_member("A1", carded=True)
        make.make_member("A3", carded=True)
    _open()
    services.divide(actor=SYSTEM, campaign_code="connect", territory_code="UP", depth="ac")
    admins = dict(
        ChatGroup.objects.filter(predecessor__isnull=False).values_list("serves__territory__code", "admin_id")
    )
    assert admins["A1"] == near.pk
    assert admins["A3"] == coordinator.id


def test_without_a_coordinator_nothing_is_asked_for(campaign):
    with pytest.raises(NoCoordinator) as caught:
        _open("KL")
    assert "KL" in str(caught.value)
    assert not ChatGroup.objects.exists()


def test_unknown_campaign_and_territory_are_named(campaign):
    with pytest.raises(CampaignNotFound):
        services.open_state_groups(actor=SYSTEM, campaign_code="nope", territory_code="UP")
    with pytest.raises(TerritoryNotFound):
        _open("XX")


def test_a_group_is_open_once_its_link_is_there(campaign, coordinator):
    group = _open()[0]
    services.confirm_group_open(actor=coordinator, group_id=group.pk, join_address=f"see {LINK}?mode=x")
    services.confirm_group_open(actor=coordinator, group_id=group.pk, join_address=LINK)
    group.refresh_from_db()
    assert (group.state, group.join_address) == ("open", LINK)
    assert assignments.open_work(coordinator) == []
    assert EventRecord.objects.filter(name="GroupOpened").count() == 1


def test_a_wrong_or_used_link_is_refused(campaign, coordinator):
    for _ in range(9):
        make.make_member("A1", carded=True)
    first, second, _third = _open()
    with pytest.raises(InviteLinkInvalid):
        services.confirm_group_open(actor=coordinator, group_id=first.pk, join_address="https://example.org/x")
    services.confirm_group_open(actor=coordinator, group_id=first.pk, join_address=LINK)
    with pytest.raises(InviteLinkTaken):
        services.confirm_group_open(actor=coordinator, group_id=second.pk, join_address=LINK)


def test_only_its_admin_or_a_manager_there_opens_a_group(campaign):
    group = _open()[0]
    for stranger in (make.make_actor({"groups.manage": "KL"}), make.make_actor({"groups.view": "UP"})):
        with pytest.raises(GroupNotFound):
            services.confirm_group_open(actor=stranger, group_id=group.pk, join_address=LINK)
    services.confirm_group_open(actor=make.make_actor({"groups.manage": "UP"}), group_id=group.pk, join_address=LINK)


def test_the_neighbours_groups_are_not_found(campaign):
    own, other = make.make_group(campaign, "A1"), make.make_group(campaign, "A2")
    scope = scope_for(make.make_actor({"groups.view": "A1"}), "groups.view")
    assert list(selectors.groups(scope)) == [own]
    with pytest.raises(GroupNotFound):
        selectors.get_group(scope, other.pk)


def test_a_territorys_join_link_is_permanent(campaign):
    link = services.join_link(actor=SYSTEM, campaign_code="connect", territory_code="UP")
    assert services.join_link(actor=SYSTEM, campaign_code="connect", territory_code="UP") == link
    assert selectors.resolve_join_link(link.code.upper()) == link
    with pytest.raises(JoinLinkUnknown):
        selectors.resolve_join_link("zzzzzzzz")


def test_fill_counts_open_groups_only(campaign):
    group = make.make_group(campaign, "A1", capacity=4)
    make.make_seat(make.make_member("A1", carded=True), group)
    make.make_group(campaign, "A1", state="asked")
    scope = scope_for(make.make_actor({"groups.view": "UP"}), "groups.view")
    fill = selectors.fill(scope, group.territory)
    assert (fill.groups, fill.open, fill.taken, fill.capacity, fill.percent) == (2, 1, 1, 4, 25)
