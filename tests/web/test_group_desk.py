"""The registry at the desk: filters, entering, looking after a group, those who wait, the work queue."""

import io

import pytest
from PIL import Image

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.assignments.services import WorkOrder, assign_many
from toli.chatgroups import services
from toli.chatgroups.errors import NoSeatFree
from toli.chatgroups.models import Campaign, ChatGroup

LINK = "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV"
CHANNEL = "https://whatsapp.com/channel/0029VaAbCdEfGhIjKlMnOp"


@pytest.fixture
def campaign(world):
    return make.make_campaign()


def _waits(campaign, place="A1"):
    member = make.make_member(place, carded=True)
    with pytest.raises(NoSeatFree):
        services.take_seat(member_id=member.pk, campaign_id=campaign.pk)
    services.wait_for_seat(member_id=member.pk, campaign_id=campaign.pk)
    return member


def test_a_group_that_exists_is_entered_and_listed(headquarters, campaign):
    admin = make.make_coordinator("A1")
    form = {
        "kind": "whatsapp_channel",
        "name": "News of A1",
        "join_address": CHANNEL,
        "admin": admin.login,
        "people": "0",
    }
    wrong = headquarters.post("/console/t/A1/groups/new", form | {"join_address": LINK})
    assert wrong.status_code == 400 and 'value="News of A1"' in wrong.content.decode()
    done = headquarters.post("/console/t/A1/groups/new", form)
    group = ChatGroup.objects.get(name="News of A1")
    assert done["Location"] == f"/console/groups/{group.pk}"
    assert "For announcements" in headquarters.get(done["Location"]).content.decode()
    listed = headquarters.get("/console/t/A1/groups?kind=whatsapp_channel").content.decode()
    assert "News of A1" in listed
    assert "News of A1" not in headquarters.get("/console/t/A1/groups?kind=whatsapp_group").content.decode()
    assert "News of A1" in headquarters.get("/console/t/A1/groups?kind=nonsense").content.decode()


@pytest.mark.parametrize("needs", ["room", "second_admin", "new_link", "look"])
def test_groups_are_found_by_what_they_need(headquarters, campaign, needs):
    lacking = {
        "room": {"capacity": 4, "taken": 4}, "second_admin": {}, "new_link": {"link_leaked_at": "2026-01-01T00:00Z"},
        "look": {},
    }  # fmt: skip
    make.make_group(campaign, "A1", name="In need", **lacking[needs])
    other = make.make_group(
        campaign, "A1", name="Well off", deputy=make.make_account(), deputy_confirmed_at="2026-01-01T00:00Z"
    )
    other.rosters.create(
        at="2026-01-01T00:00Z", kind="list", people=0, here=0, here_by_name=0, gone=0, missing=0, elsewhere=0,
        strangers=0, unknown_names=0,
    )  # fmt: skip
    page = headquarters.get(f"/console/t/A1/groups?needs={needs}").content.decode()
    assert "In need" in page and "Well off" not in page


def test_a_leak_is_reported_and_mended(headquarters, campaign):
    group = make.make_group(campaign, "A1")
    old = group.join_address
    address = f"/console/groups/{group.pk}"
    assert headquarters.post(f"{address}/leak")["Location"] == address
    page = headquarters.get(address).content.decode()
    assert "Strangers have the link" in page and old not in page
    again = headquarters.post(f"{address}/link", {"join_address": "nonsense"})
    assert again.status_code == 400 and 'value="nonsense"' in again.content.decode()
    headquarters.post(f"{address}/link", {"join_address": LINK})
    refused = headquarters.post(f"{address}/link", {"join_address": old})
    assert refused.status_code == 400
    group.refresh_from_db()
    assert (group.join_address, group.link_leaked_at) == (LINK, None)


def test_admins_are_named_and_the_second_one_confirmed(headquarters, campaign):
    group = make.make_group(campaign, "A1")
    first, second = make.make_coordinator("A1"), make.make_coordinator("A1")
    address = f"/console/groups/{group.pk}"
    assert headquarters.post(f"{address}/admins", {"admin": "nobody"}).status_code == 400
    headquarters.post(f"{address}/admins", {"admin": first.login, "deputy": second.login})
    headquarters.post(f"{address}/second")
    group.refresh_from_db()
    assert (group.admin, group.deputy) == (first, second) and group.deputy_confirmed_at


def test_a_group_with_people_is_not_closed(headquarters, campaign):
    group = make.make_group(campaign, "A1")
    make.make_seat(make.make_member("A1", carded=True), group)
    page = headquarters.post(f"/console/groups/{group.pk}/archive")
    assert page.status_code == 409 and "have their place" in page.content.decode()
    assert headquarters.post(f"/console/groups/{group.pk}/nonsense").status_code == 404


def test_those_who_wait_are_shown_in_order_where_they_live(browser, campaign):
    first, second = _waits(campaign), _waits(campaign)
    viewer = browser(make.make_coordinator("UP"))
    page = viewer.get("/console/t/A1/waiting").content.decode()
    assert page.index(f"/members/{first.pk}") < page.index(f"/members/{second.pk}")
    assert "2 people wait" in viewer.get("/console/t/A1/groups").content.decode()
    neighbour = browser(make.make_coordinator("B1"))
    assert neighbour.get("/console/t/A1/waiting").status_code == 404
    assert f"/members/{first.pk}" not in neighbour.get("/console/t/B1/waiting").content.decode()


def test_a_member_who_waits_is_told_so_honestly(browser, campaign):
    _waits(campaign)
    account = make.make_account(kind="member")
    make.make_member("A1", carded=True, account=account)
    sunita = browser(account)
    assert sunita.post("/me/group/go")["Location"] == "/me/group"
    page = sunita.get("/me/group").content.decode()
    assert "1 person of your area comes before you" in page


def test_each_kind_of_work_on_groups_has_its_card(browser, campaign):
    admin, second = make.make_coordinator("A1"), make.make_coordinator("07")
    group = make.make_group(campaign, "A1", admin=admin, capacity=1)
    make.make_seat(make.make_member("A1", carded=True), group)
    services.keep_admins(actor=SYSTEM, campaign_code=campaign.code)
    services.report_leak(actor=SYSTEM, group_id=group.pk)
    _waits(campaign)
    services.watch_supply(actor=SYSTEM, campaign_code=campaign.code)
    phone = browser(admin)
    page = phone.get("/console/work").content.decode()
    order = ["Strangers have the link", "People wait for a group", "Create a group", "Add a second admin"]
    assert sorted(order, key=page.index) == order
    assert second.display_name in page
    for work in admin.work.filter(kind="people_waiting"):
        assert phone.post(f"/console/work/{work.pk}")["Location"] == "/console/t/A1/waiting"
    change = admin.work.get(kind="change_link")
    assert phone.post(f"/console/work/{change.pk}", {"join_address": "nonsense"}).status_code == 400
    phone.post(f"/console/work/{change.pk}", {"join_address": LINK})
    phone.post(f"/console/work/{admin.work.get(kind='second_admin').pk}", {"done": "yes"})
    group.refresh_from_db()
    assert group.join_address == LINK and group.deputy_confirmed_at


def test_what_is_pasted_into_a_new_group_is_ready(browser, campaign):
    admin = make.make_coordinator("UP")
    [group] = services.open_state_groups(actor=SYSTEM, campaign_code=campaign.code, territory_code="UP")
    phone = browser(admin)
    page = phone.get("/console/work").content.decode()
    assert group.name in page and "Only news of our organisation" in page
    answer = phone.get(f"/console/groups/{group.pk}/picture.png")
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.size) == ("PNG", (640, 640)) and len(answer.content) < 40_000


class TestACommunity:
    @pytest.fixture
    def community(self, campaign):
        return make.make_group(
            campaign, "UP", name="All of UP", kind="whatsapp_community", seated=False, capacity=5, taken=0
        )

    def test_holds_groups_as_many_as_its_platform_allows(self, headquarters, campaign, community):
        first, second = (make.make_group(campaign, place, taken=3) for place in ("A1", "B1"))
        Campaign.objects.update(community_limit=2)
        address = f"/console/groups/{community.pk}"
        assert f'value="{first.pk}"' in headquarters.get(address).content.decode()
        for group in (first, second, second):
            assert headquarters.post(f"{address}/community", {"held": group.pk, "community": community.pk})["Location"]
        page = headquarters.get(address).content.decode()
        assert "2 / 2" in page and "6 / 5" in page and "More people than" in page and "No further group" in page
        third = make.make_group(campaign, "07")
        refused = headquarters.post(f"/console/groups/{third.pk}/community", {"community": community.pk})
        assert refused.status_code == 409 and "holds 2 groups already" in refused.content.decode()
        listed = headquarters.get("/console/t/UP/communities").content.decode()
        assert "2/2" in listed and "6/5" in listed
        headquarters.post(f"{address}/community", {"held": first.pk})
        first.refresh_from_db()
        assert first.community is None

    def test_is_closed_only_when_nothing_stands_in_it(self, headquarters, campaign, community):
        group = make.make_group(campaign, "A1", community=community)
        address = f"/console/groups/{community.pk}/archive"
        assert "Groups stand in this community: 1" in headquarters.post(address).content.decode()
        headquarters.post(f"/console/groups/{group.pk}/community", {"community": ""})
        assert headquarters.post(address).status_code == 303
        assert "All of UP" not in headquarters.get("/console/t/UP/communities").content.decode()

    def test_is_counted_whole_where_one_sees_a_part_of_it(self, browser, campaign):
        part = make.make_group(campaign, "A1", kind="whatsapp_community", seated=False, capacity=2000, taken=0)
        make.make_group(campaign, "A1", community=part, taken=3, name="Near")
        make.make_group(campaign, "B1", community=part, taken=4, name="Far away")
        desk = browser(make.make_headquarters("07"))
        page = desk.get(f"/console/groups/{part.pk}").content.decode()
        assert "2 / 50" in page and "7 / 2,000" in page and "Near" in page and "Far away" not in page
        other = make.make_group(campaign, "A1")
        Campaign.objects.update(community_limit=2)
        assert desk.post(f"/console/groups/{other.pk}/community", {"community": part.pk}).status_code == 409

    def test_holds_no_community_and_no_channel_of_another_platform(self, headquarters, campaign, community):
        for kind in ("whatsapp_community", "telegram_group"):
            other = make.make_group(campaign, "A1", kind=kind, seated=False, taken=0)
            answer = headquarters.post(f"/console/groups/{other.pk}/community", {"community": community.pk})
            assert answer.status_code == 409 and "cannot stand in" in answer.content.decode()


def test_a_group_is_renamed_as_it_is_on_its_platform(headquarters, campaign):
    group = make.make_group(campaign, "A1")
    assert headquarters.post(f"/console/groups/{group.pk}/rename", {"name": ""}).status_code == 400
    headquarters.post(f"/console/groups/{group.pk}/rename", {"name": " Friends  of A1 "})
    group.refresh_from_db()
    assert group.name == "Friends of A1"


def test_what_a_campaign_pastes_stands_in_the_work_of_who_opens_a_group(headquarters, browser, campaign):
    coordinator = make.make_coordinator("A1")
    address = f"/console/campaigns/{campaign.code}"
    form = {
        "name_hi": "जुड़ाव", "name_en": "Connect", "naming_pattern": "{campaign} {territory} {number}",
        "description_hi": "{territory} का समूह", "description_en": "Group of {territory}", "rules_hi": "",
        "rules_en": "Be brief.",
    }  # fmt: skip
    for wrong in ({"rules_en": "In {territory}"}, {"description_hi": "{place}"}, {"naming_pattern": "{number}"}):
        assert headquarters.post(address, form | wrong).status_code == 400
    assert headquarters.post(address, form)["Location"] == f"{address}?saved=1"
    make.make_member("A1", carded=True)
    services.open_state_groups(actor=SYSTEM, campaign_code=campaign.code, territory_code="A1")
    work = browser(coordinator).get("/console/work").content.decode()
    assert "Group of Place A1" in work and "Be brief." in work and "स्थान A1 का समूह" in work
    assert browser(make.make_headquarters("UP")).get(address).status_code == 404


def test_a_group_that_is_nearly_full_stands_on_the_page_once(browser, campaign):
    coordinator = make.make_coordinator("07")
    make.make_group(campaign, "A1", name="Full here", capacity=10, taken=9)
    alone = browser(coordinator).get("/console/work").content.decode()
    assert "Nearly full" in alone and "Full here" in alone
    place = make.Territory.objects.get(code="07")
    order = WorkOrder("divide_group", coordinator.pk, place.pk, "divide:07", make.timezone.now())
    assign_many([order])
    told = browser(coordinator).get("/console/work").content.decode()
    assert "Groups fill up" in told and told.count("Full here") == 1 and "Nearly full" not in told
