"""What becomes of seats when somebody looks into the group."""

import pytest

from tests import factories as make
from toli.accounts.domain.actor import Actor, ActorKind
from toli.chatgroups import services
from toli.chatgroups.errors import GroupNotFound, NoSeatFree, RosterUnreadable
from toli.chatgroups.models import Outsider, Roster, Seat
from toli.chatgroups.services.rosters import outsider_hash

pytestmark = pytest.mark.django_db
STRANGER = "+915550001111"


@pytest.fixture
def group(campaign, coordinator):
    group = make.make_group(campaign, "UP", capacity=6)
    group.admin_id = coordinator.id
    group.save(update_fields=["admin"])
    return group


@pytest.fixture
def seats(group):
    """Six members, of whom four have a place: kept, sent, in it, in it."""
    members = [make.make_member("A1", phone=make.make_phone(serial), name=f"Member {serial}") for serial in range(6)]
    states = ["reserved", "invited", "joined", "joined"]
    return [make.make_seat(member, group, state) for member, state in zip(members, states, strict=False)]


def number(serial: int) -> str:
    return make.make_phone(serial)


def look(actor, group, *numbers, **more):
    text = ", ".join([*numbers, "You"])
    return services.take_roster(actor=actor, group_id=group.pk, text=text, **more)


def states(group) -> list[str]:
    return list(Seat.objects.filter(group=group).order_by("pk").values_list("state", flat=True))


class TestRecording:
    def test_seats_follow_what_was_found_and_places_stay_true(self, coordinator, group, seats):
        report = look(coordinator, group, number(0), number(2), number(4), STRANGER)
        assert states(group) == ["joined", "invited", "joined", "left"]
        roster = report.roster
        assert (roster.here, roster.gone, roster.missing, roster.elsewhere, roster.strangers) == (2, 1, 1, 1, 1)
        group.refresh_from_db()
        assert (group.taken, group.outsiders) == (3, 2)
        assert report.missing_names == ["Member 1"] and report.gone_names == ["Member 3"]

    def test_a_dry_run_writes_nothing(self, coordinator, group, seats):
        before = states(group)
        assert look(coordinator, group, number(0), STRANGER, dry_run=True).roster.gone == 2
        assert states(group) == before and not Roster.objects.exists() and not Outsider.objects.exists()

    def test_the_same_list_twice_changes_nothing_more(self, coordinator, group, seats):
        look(coordinator, group, number(0), number(2), STRANGER)
        first = states(group)
        look(coordinator, group, number(0), number(2), STRANGER)
        assert states(group) == first and Outsider.objects.count() == 1
        group.refresh_from_db()
        assert group.taken == 3

    def test_people_without_a_place_take_it_from_others(self, coordinator, group, seats):
        look(coordinator, group, *(number(serial) for serial in range(4)), STRANGER, "+915550002222")
        newcomer = make.make_member("A1", phone=number(9))
        make.make_card(newcomer)
        with pytest.raises(NoSeatFree):
            services.take_seat(member_id=newcomer.pk, campaign_id=group.campaign_id)
        look(coordinator, group, *(number(serial) for serial in range(4)), STRANGER)
        assert services.take_seat(member_id=newcomer.pk, campaign_id=group.campaign_id).group_id == group.pk

    def test_of_a_stranger_only_a_keyed_hash_stays(self, coordinator, group, seats):
        look(coordinator, group, STRANGER)
        kept = Outsider.objects.get()
        assert bytes(kept.number_hash) == outsider_hash(STRANGER)
        assert STRANGER[3:].encode() not in bytes(kept.number_hash)

    def test_what_cannot_be_read_is_said(self, coordinator, group):
        with pytest.raises(RosterUnreadable):
            services.take_roster(actor=coordinator, group_id=group.pk, text="  ")


class TestWho:
    def test_the_admin_may_look_and_the_neighbour_may_not(self, group, seats):
        admin = Actor(ActorKind.STAFF, group.admin_id)
        assert look(admin, group, number(0), dry_run=True).roster.here == 1
        neighbour = Actor(ActorKind.STAFF, make.make_coordinator("KL").pk)
        with pytest.raises(GroupNotFound):
            look(neighbour, group, number(0))
        with pytest.raises(GroupNotFound):
            services.take_roster(actor=neighbour, group_id=0, text=number(0))

    def test_names_are_told_only_of_members_in_the_actors_area(self, group, seats):
        far = make.make_seat(make.make_member("A3", phone=number(11), name="Far Away"), group, "invited")
        account = make.make_coordinator("Z1")
        group.admin = account
        group.save(update_fields=["admin"])
        report = look(Actor(ActorKind.STAFF, account.pk), group, number(0), dry_run=True)
        assert report.roster.missing == 2 and far.member.name not in report.missing_names
