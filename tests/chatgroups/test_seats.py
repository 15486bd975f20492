"""Seats: never above capacity, never lost, never two."""

import threading

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.analytics import integrity
from toli.chatgroups import selectors, services
from toli.chatgroups.errors import NoCard, NoSeat, NoSeatFree
from toli.chatgroups.models import ChatGroup, Seat
from toli.core import events
from toli.members import services as members

pytestmark = pytest.mark.django_db


def test_a_card_holder_gets_a_seat_and_keeps_it(campaign):
    group = make.make_group(campaign, "UP")
    member = make.make_member("A1", carded=True)
    first = services.take_seat(member_id=member.pk, campaign_id=campaign.pk)
    assert services.take_seat(member_id=member.pk, campaign_id=campaign.pk) == first
    group.refresh_from_db()
    assert (first.group, first.state, group.taken) == (group, "reserved", 1)


def test_without_a_valid_card_there_is_no_seat(campaign):
    make.make_group(campaign, "UP")
    member = make.make_member("A1")
    with pytest.raises(NoCard):
        services.take_seat(member_id=member.pk, campaign_id=campaign.pk)
    make.make_card(member, valid_until="2020-01-01")
    with pytest.raises(NoCard):
        services.take_seat(member_id=member.pk, campaign_id=campaign.pk)


def test_the_deepest_group_comes_first_then_the_emptiest(campaign):
    make.make_group(campaign, "UP")
    full, empty = make.make_group(campaign, "A1", capacity=4), make.make_group(campaign, "A1", capacity=4)
    make.make_seat(make.make_member("A1", carded=True), full)
    seat = services.take_seat(member_id=make.make_member("A1", carded=True).pk, campaign_id=campaign.pk)
    assert seat.group == empty


def test_a_neighbours_group_is_never_given(campaign):
    make.make_group(campaign, "A2")
    make.make_group(campaign, "KL")
    with pytest.raises(NoSeatFree):
        services.take_seat(member_id=make.make_member("A1", carded=True).pk, campaign_id=campaign.pk)


def test_a_full_group_sends_on_to_the_next_and_then_refuses(campaign):
    for _ in range(2):
        make.make_group(campaign, "UP", capacity=1)
    members_ = [make.make_member("A1", carded=True) for _ in range(3)]
    seats = [services.take_seat(member_id=member.pk, campaign_id=campaign.pk) for member in members_[:2]]
    assert seats[0].group != seats[1].group
    with pytest.raises(NoSeatFree):
        services.take_seat(member_id=members_[2].pk, campaign_id=campaign.pk)


def test_going_to_the_group_gives_its_own_address(campaign):
    group = make.make_group(campaign, "UP")
    member = make.make_member("A1", carded=True)
    assert services.go_to_group(member_id=member.pk, campaign_id=campaign.pk) == group.join_address
    assert selectors.seat_of(member.pk, campaign.pk).state == "invited"
    services.confirm_joined(member_id=member.pk, campaign_id=campaign.pk)
    services.go_to_group(member_id=member.pk, campaign_id=campaign.pk)
    assert selectors.seat_of(member.pk, campaign.pk).state == "joined"


def test_nobody_joins_without_a_seat(campaign):
    with pytest.raises(NoSeat):
        services.confirm_joined(member_id=make.make_member("A1").pk, campaign_id=campaign.pk)


def test_a_seat_that_is_given_back_is_free_again(campaign):
    group = make.make_group(campaign, "UP", capacity=1)
    first, second = make.make_member("A1", carded=True), make.make_member("A1", carded=True)
    services.take_seat(member_id=first.pk, campaign_id=campaign.pk)
    for _ in range(2):
        services.leave_group(member_id=first.pk, campaign_id=campaign.pk)
    assert services.take_seat(member_id=second.pk, campaign_id=campaign.pk).group == group
    assert not integrity.broken()


def test_whoever_leaves_the_organisation_frees_the_seat(campaign):
    group = make.make_group(campaign, "UP")
    member = make.make_member("A1", carded=True)
    services.take_seat(member_id=member.pk, campaign_id=campaign.pk)
    members.leave_organisation(actor=SYSTEM, member_id=member.pk)
    events.deliver()
    group.refresh_from_db()
    assert group.taken == 0


def test_the_database_itself_refuses_to_overfill(campaign):
    group = make.make_group(campaign, "UP", capacity=1)
    with pytest.raises(IntegrityError):
        ChatGroup.objects.filter(pk=group.pk).update(taken=2)


def test_the_database_itself_refuses_a_second_active_seat(campaign):
    member = make.make_member("A1", carded=True)
    make.make_seat(member, make.make_group(campaign, "UP"))
    with pytest.raises(IntegrityError):
        make.make_seat(member, make.make_group(campaign, "A1"))


def _race(number: int, act) -> list[BaseException]:
    """Run ``act(0..number-1)`` at the same moment; what was raised comes back."""
    barrier, raised = threading.Barrier(number), []

    def one(index: int) -> None:
        barrier.wait()
        try:
            act(index)
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
def test_sixteen_people_race_for_the_last_ten_seats(campaign):
    for _ in range(2):
        make.make_group(campaign, "UP", capacity=5)
    racers = [make.make_member("A1", carded=True).pk for _ in range(16)]
    raised = _race(16, lambda index: services.take_seat(member_id=racers[index], campaign_id=campaign.pk))
    assert [type(error) for error in raised] == [NoSeatFree] * 6
    assert sorted(ChatGroup.objects.values_list("taken", flat=True)) == [5, 5]
    assert not integrity.broken()


@pytest.mark.django_db(transaction=True)
def test_one_person_with_eight_fingers_gets_one_seat(campaign):
    for _ in range(3):
        make.make_group(campaign, "UP")
    member = make.make_member("A1", carded=True)
    raised = _race(8, lambda _index: services.take_seat(member_id=member.pk, campaign_id=campaign.pk))
    assert not raised
    assert Seat.objects.count() == 1
    assert not integrity.broken()


@pytest.mark.django_db(transaction=True)
def test_joining_and_dividing_at_the_same_moment_loses_nobody(campaign, coordinator, open_groups):
    people = [make.make_member(f"A{index % 4 + 1}", carded=True).pk for index in range(16)]
    services.open_state_groups(actor=SYSTEM, campaign_code=campaign.code, territory_code="UP")
    open_groups()
    for person in people[:8]:
        services.go_to_group(member_id=person, campaign_id=campaign.pk)
    services.divide(actor=SYSTEM, campaign_code=campaign.code, territory_code="UP", depth="ac")
    open_groups()

    def act(index: int) -> None:
        if index < 8:
            services.take_seat(member_id=people[8 + index], campaign_id=campaign.pk)
        else:
            services.move_members(actor=SYSTEM, campaign_code=campaign.code, territory_code="UP")

    assert not _race(12, act)
    services.move_members(actor=SYSTEM, campaign_code=campaign.code, territory_code="UP")
    assert Seat.objects.filter(state__in=["reserved", "invited", "joined"]).count() == 16
    assert ChatGroup.objects.get(territory__code="UP", number=1).taken == 0
    assert not integrity.broken()
