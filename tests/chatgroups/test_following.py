"""Whoever moves keeps a seat at every moment, and has a card of the new place."""

import pytest

from tests import factories as make
from toli.access.domain.permissions import RIGHTS_HANDLE
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.accounts.selectors import actor_for
from toli.audit.models import AuditEntry
from toli.cards.models import Card
from toli.cards.services import issue_cards
from toli.chatgroups.models import ACTIVE_SEATS, Seat, SeatState
from toli.core import events
from toli.members.errors import MemberNotFound
from toli.members.models import Member, PastMembership
from toli.members.services import open_account, transfer_member
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(up):
    member = make.make_member("A1")
    issue_cards(actor=SYSTEM)
    return member


@pytest.fixture
def old(campaign, member):
    group = make.make_group(campaign, "A1")
    make.make_seat(member, group)
    return group


def transfer(member, code="A3", actor=SYSTEM):
    transfer_member(actor=actor, member_id=member.pk, territory_code=code)
    events.deliver()


def seats():
    return list(Seat.objects.filter(state__in=ACTIVE_SEATS).values_list("group_id", "state"))


class TestSeat:
    def test_it_moves_to_a_group_that_serves_the_new_place(self, member, campaign, old):
        new = make.make_group(campaign, "A3")
        transfer(member)
        assert seats() == [(new.pk, SeatState.RESERVED)]
        for group, taken in ((old, 0), (new, 1)):
            group.refresh_from_db()
            assert group.taken == taken

    def test_without_room_the_old_one_stays(self, member, campaign, old):
        make.make_group(campaign, "A3", capacity=1, taken=1)
        transfer(member)
        assert seats() == [(old.pk, SeatState.JOINED)]

    def test_a_group_that_serves_both_places_is_kept(self, member, campaign):
        group = make.make_group(campaign, "UP")
        make.make_seat(member, group)
        make.make_group(campaign, "A3")
        transfer(member)
        assert seats() == [(group.pk, SeatState.JOINED)]

    def test_delivered_twice_it_moves_once(self, member, campaign, old):
        make.make_group(campaign, "A3")
        transfer(member)
        transfer(member)
        assert Seat.objects.count() == 2


class TestCardAndTrail:
    def test_the_card_bears_the_new_place(self, member):
        transfer(member)
        assert Card.objects.get(revoked_at__isnull=True).place == "A3"
        assert Card.objects.filter(revoked_at__isnull=False).count() == 1

    def test_both_places_find_it_in_the_trail(self, member, up):
        transfer(member)
        found = AuditEntry.objects.filter(action__in=["members.move", "members.arrive"])
        assert set(found.values_list("action", "territory_id")) == {
            ("members.move", up["A1"].pk),
            ("members.arrive", up["A3"].pk),
        }

    def test_to_the_same_place_nothing_happens(self, member):
        transfer(member, "A1")
        assert not PastMembership.objects.exists()
        assert Card.objects.count() == 1


class TestWhoMay:
    def test_members_transfer_themselves_anywhere_and_nobody_else(self, member):
        other = make.make_member("A2")
        actor = actor_for(open_account(member_id=member.pk))
        transfer(member, "B1", actor)
        assert Member.objects.get(pk=member.pk).territory.code == "B1"
        with pytest.raises(MemberNotFound):
            transfer(other, "A3", actor)

    def test_staff_only_within_their_area_both_ways(self, member):
        officer = make.make_actor({RIGHTS_HANDLE: "Z1"})
        transfer(member, "A2", officer)
        with pytest.raises(TerritoryNotFound):
            transfer(member, "A3", officer)
        with pytest.raises(MemberNotFound):
            transfer(make.make_member("A3"), "A1", officer)

    def test_nobody_without_the_permission(self, member, coordinator):
        with pytest.raises(MemberNotFound):
            transfer(member, "A2", coordinator)
        with pytest.raises(MemberNotFound):
            transfer(member, "A2", Actor(ActorKind.ANONYMOUS, None))
