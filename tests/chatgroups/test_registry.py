"""Spaces of every platform in one registry: entered by hand, in communities, closed."""

import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.assignments import selectors as assignments
from toli.chatgroups import services
from toli.chatgroups.errors import (
    AdminUnknown,
    CommunityFull,
    GroupNotEmpty,
    GroupNotFound,
    GroupStateWrong,
    InviteLinkInvalid,
    InviteLinkRetired,
    InviteLinkTaken,
    NoSeatFree,
    SpaceInvalid,
)
from toli.chatgroups.models import Campaign
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db
LINK = "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV"
NEW_LINK = "https://chat.whatsapp.com/ZbcdefghijklmnopqrstuV"
CHANNEL = "https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp"


@pytest.fixture
def add(campaign):
    admin = make.make_coordinator("UP")

    def enter(actor=SYSTEM, **fields):
        usual = {
            "campaign_code": "connect", "kind": "whatsapp_group", "name": "Old friends", "territory_codes": ["A1"],
            "join_address": LINK, "admin_login": admin.login,
        }  # fmt: skip
        return services.add_group(actor=actor, **{**usual, **fields})

    return enter


def test_a_group_that_exists_takes_members_beside_those_who_are_in_it(campaign, add):
    group = add(people=4)
    first, second = make.make_member("A1", carded=True), make.make_member("A1", carded=True)
    assert services.take_seat(member_id=first.pk, campaign_id=campaign.pk).group == group
    with pytest.raises(NoSeatFree):
        services.take_seat(member_id=second.pk, campaign_id=campaign.pk)


def test_a_group_of_several_places_stands_where_they_meet(add):
    assert add(territory_codes=["A1", "A2"]).territory.code == "Z1"
    assert add(territory_codes=["A1", "A3"], join_address=NEW_LINK).territory.code == "UP"


def test_nobody_is_placed_in_a_channel(campaign, add):
    channel = add(kind="whatsapp_channel", join_address=CHANNEL)
    assert (channel.seated, channel.capacity) == (False, 0)
    with pytest.raises(NoSeatFree):
        services.take_seat(member_id=make.make_member("A1", carded=True).pk, campaign_id=campaign.pk)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"kind": "pigeon"}, SpaceInvalid), ({"name": " "}, SpaceInvalid), ({"people": 2000}, SpaceInvalid),
        ({"capacity": 1025}, SpaceInvalid), ({"join_address": CHANNEL}, InviteLinkInvalid),
        ({"admin_login": "nobody"}, AdminUnknown), ({"territory_codes": ["XX"]}, TerritoryNotFound),
        ({"territory_codes": []}, SpaceInvalid), ({"community_id": 0xFFFF}, GroupNotFound),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(add, change, error):
    with pytest.raises(error):
        add(**change)


def test_the_admin_works_on_groups_in_that_place(add):
    with pytest.raises(AdminUnknown):
        add(admin_login=make.make_coordinator("KL").login)


def test_only_places_of_ones_own_are_entered(add):
    with pytest.raises(TerritoryNotFound):
        add(actor=make.make_actor({"groups.manage": "A2"}))
    assert add(actor=make.make_actor({"groups.manage": "A1"}))


def test_a_community_holds_as_many_groups_as_the_platform_allows(campaign, add):
    Campaign.objects.update(community_limit=1)
    home = add(kind="whatsapp_community", join_address=NEW_LINK)
    group = add(community_id=home.pk)
    assert list(home.holds.all()) == [group]
    second = make.make_group(campaign, "A1")
    with pytest.raises(CommunityFull):
        services.put_in_community(actor=SYSTEM, group_id=second.pk, community_id=home.pk)
    with pytest.raises(GroupNotFound):
        services.put_in_community(actor=SYSTEM, group_id=second.pk, community_id=group.pk)
    services.archive_group(actor=SYSTEM, group_id=group.pk)
    assert services.put_in_community(actor=SYSTEM, group_id=second.pk, community_id=home.pk).community == home


def test_a_group_with_people_is_not_closed(campaign, add):
    group = add()
    member = make.make_member("A1", carded=True)
    services.take_seat(member_id=member.pk, campaign_id=campaign.pk)
    with pytest.raises(GroupNotEmpty):
        services.archive_group(actor=SYSTEM, group_id=group.pk)
    services.leave_group(member_id=member.pk, campaign_id=campaign.pk)
    for _ in range(2):
        assert services.archive_group(actor=SYSTEM, group_id=group.pk).state == "archived"
    with pytest.raises(GroupStateWrong):
        services.confirm_group_open(actor=SYSTEM, group_id=group.pk, join_address=NEW_LINK)


def test_a_neighbour_closes_nothing(add):
    group = add()
    with pytest.raises(GroupNotFound):
        services.archive_group(actor=make.make_actor({"groups.manage": "A2"}), group_id=group.pk)


def test_after_a_leak_nobody_is_sent_there_until_the_link_is_changed(campaign, add):
    group, member = add(), make.make_member("A1", carded=True)
    for _ in range(2):
        services.report_leak(actor=SYSTEM, group_id=group.pk)
    with pytest.raises(NoSeatFree):
        services.go_to_group(member_id=member.pk, campaign_id=campaign.pk)
    admin = make.make_actor({}, account=group.admin)
    assert [work.kind for work in assignments.open_work(admin)] == ["change_link"]
    services.confirm_group_open(actor=admin, group_id=group.pk, join_address=NEW_LINK)
    assert assignments.open_work(admin) == []
    assert services.go_to_group(member_id=member.pk, campaign_id=campaign.pk) == NEW_LINK


def test_an_old_link_never_comes_back(campaign, add):
    group = add()
    services.confirm_group_open(actor=SYSTEM, group_id=group.pk, join_address=NEW_LINK)
    with pytest.raises(InviteLinkRetired):
        services.confirm_group_open(actor=SYSTEM, group_id=group.pk, join_address=LINK)
    with pytest.raises(InviteLinkRetired):
        add()
    with pytest.raises(InviteLinkTaken):
        add(join_address=NEW_LINK)


def test_whoever_holds_a_seat_in_a_group_whose_link_leaked_is_not_shown_it(campaign, add):
    group, member = add(), make.make_member("A1", carded=True)
    services.take_seat(member_id=member.pk, campaign_id=campaign.pk)
    services.report_leak(actor=SYSTEM, group_id=group.pk)
    with pytest.raises(NoSeatFree):
        services.go_to_group(member_id=member.pk, campaign_id=campaign.pk)
    group.refresh_from_db()
    assert group.taken == 1
