"""Two entries were joined that were two people: taken back, nobody has lost their seat for it."""

import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.cards.services import issue_cards
from toli.chatgroups import selectors
from toli.chatgroups.handlers import on_parted
from toli.chatgroups.models import ChatGroup, GroupKind, GroupState, SeatState, WaitingPlace
from toli.chatgroups.services import confirm_joined, leave_group
from toli.core import events
from toli.members.events import MembersParted
from toli.members.services import merge_members, undo_merge

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(up):
    """An entry from a list, and one that stays because the person joined by themselves."""
    pair = make.make_member("A1", name="Sunita Devi"), make.make_member("A1", name="Suneeta Devi", source="join")
    issue_cards(actor=SYSTEM)
    return pair


@pytest.fixture
def group(campaign):
    return make.make_group(campaign, "A1", capacity=2)


def join(two):
    merge = merge_members(actor=SYSTEM, first_id=two[0].pk, second_id=two[1].pk)
    events.deliver()
    assert merge.merged == two[0]
    return merge


def part(merge):
    undo_merge(actor=SYSTEM, merge_id=merge.pk)
    events.deliver()
    on_parted(MembersParted(merge.survivor_id, merge.merged_id, merge.pk))  # delivered twice: nothing changes


def seat_of(two, campaign):
    seat = selectors.seat_of(two[0].pk, campaign.pk)
    return seat and (seat.group_id, seat.state)


def taken(group):
    group.refresh_from_db()
    return group.taken


def test_the_seat_in_the_old_group_comes_back_as_it_was(two, campaign, group):
    make.make_seat(two[0], group, "invited")
    confirm_joined(member_id=two[0].pk, campaign_id=campaign.pk)
    merge = join(two)
    assert taken(group) == 0
    part(merge)
    assert seat_of(two, campaign) == (group.pk, SeatState.JOINED)
    assert taken(group) == 1


def test_a_telegram_group_has_to_be_entered_again(two, campaign, group):
    group.kind = GroupKind.TELEGRAM_GROUP
    group.save()
    make.make_seat(two[0], group)
    part(join(two))
    assert seat_of(two, campaign) == (group.pk, SeatState.RESERVED)


def test_where_others_have_filled_it_the_seat_is_in_another_group(two, campaign, group):
    make.make_seat(two[0], group)
    merge = join(two)
    assert taken(group) == 0
    for _ in range(2):
        make.make_seat(make.make_member("A1"), group)
    other = make.make_group(campaign, "A1")
    part(merge)
    assert seat_of(two, campaign) == (other.pk, SeatState.RESERVED)
    assert (taken(group), taken(other)) == (2, 1)


@pytest.mark.parametrize("state", [GroupState.OPEN, GroupState.ARCHIVED])
def test_without_any_room_they_wait_in_line(two, campaign, group, state):
    make.make_seat(two[0], group)
    merge = join(two)
    assert taken(group) == 0
    for _ in range(2):
        make.make_seat(make.make_member("A1"), group)
    ChatGroup.objects.filter(pk=group.pk).update(state=state)
    part(merge)
    assert seat_of(two, campaign) is None
    assert WaitingPlace.objects.get().member == two[0]


def test_who_had_left_before_gets_no_seat(two, campaign, group):
    make.make_seat(two[0], group)
    leave_group(member_id=two[0].pk, campaign_id=campaign.pk)
    part(join(two))
    assert seat_of(two, campaign) is None
    assert not WaitingPlace.objects.exists()
