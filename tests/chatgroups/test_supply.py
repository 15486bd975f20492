"""Enough seats before the last one is taken: the forecast, the waiting list, reservations that end."""

from datetime import timedelta
from random import Random

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.assignments import selectors as assignments
from toli.chatgroups import selectors, services
from toli.chatgroups.domain.supply import MOST_AT_ONCE, Pool, Sizes, days_left, groups_to_ask_for, joins_per_day
from toli.chatgroups.errors import NoSeatFree
from toli.chatgroups.models import ChatGroup, Roster, Seat, WaitingPlace
from toli.core import clock, events
from toli.members.services import transfer_member

SIZES = Sizes(target=900, percent=85, days=3)
counts = st.integers(0, 5000)
pools = st.builds(
    lambda capacity, free, coming, waiting, joined: Pool(capacity, min(free, capacity), coming, waiting, joined),
    counts, counts, counts, st.integers(0, 500), st.lists(st.integers(0, 500), min_size=7, max_size=7),
)  # fmt: skip


@given(pools)
def test_s1_what_is_asked_for_covers_those_who_wait_and_those_who_will_come(pool):
    asked = groups_to_ask_for(pool, SIZES)
    need = pool.waiting + joins_per_day(pool.joined) * SIZES.days
    assert asked == MOST_AT_ONCE or pool.free + pool.coming + asked * SIZES.target >= need


@given(pools, st.integers(0, 300))
def test_s2_more_people_never_bring_fewer_groups(pool, more):
    waiting = Pool(pool.capacity, pool.free, pool.coming, pool.waiting + more, pool.joined)
    coming = Pool(pool.capacity, pool.free, pool.coming, pool.waiting, [pool.joined[0] + more, *pool.joined[1:]])
    assert groups_to_ask_for(waiting, SIZES) >= groups_to_ask_for(pool, SIZES)
    assert groups_to_ask_for(coming, SIZES) >= groups_to_ask_for(pool, SIZES)


def test_s3_a_group_is_asked_for_when_the_last_one_is_nearly_full():
    assert groups_to_ask_for(Pool(1024, 155, 0, 0, [1] * 7), SIZES) == 0
    assert groups_to_ask_for(Pool(1024, 153, 0, 0, [1] * 7), SIZES) == 1
    assert groups_to_ask_for(Pool(1024, 0, 0, 0, [0] * 7), SIZES) == 0


@given(pools)
def test_s4_nobody_is_asked_twice_for_the_same(pool):
    asked = groups_to_ask_for(pool, SIZES)
    then = Pool(pool.capacity, pool.free, pool.coming + asked * 1024, pool.waiting, pool.joined)
    assert asked == MOST_AT_ONCE or groups_to_ask_for(then, SIZES) == 0


def test_a_rush_counts_at_once():
    assert joins_per_day([100, 0, 0, 0, 0, 0, 0]) == 50
    assert days_left(Pool(1024, 200, 0, 0, [100, 0, 0, 0, 0, 0, 0])) == 4
    assert days_left(Pool(1024, 200, 0, 0, [0] * 7)) is None


@pytest.fixture
def take(campaign):
    def one(place="A1"):
        member = make.make_member(place, carded=True)
        try:
            services.take_seat(member_id=member.pk, campaign_id=campaign.pk)
        except NoSeatFree:
            services.wait_for_seat(member_id=member.pk, campaign_id=campaign.pk)
        return member

    return one


def _watch():
    return services.watch_supply(actor=SYSTEM, campaign_code="connect")


def _kinds(actor):
    return [work.kind for work in assignments.open_work(actor)]


@pytest.mark.django_db
def test_a_further_group_is_asked_for_before_the_last_seat_is_taken(campaign, coordinator, take):
    campaign.supply_days = 0
    campaign.save()
    make.make_group(campaign, "A1", capacity=20)
    for _ in range(16):
        take()
    assert _watch().asked == 0
    take()
    assert (_watch().asked, _watch().asked) == (1, 0)
    new = ChatGroup.objects.get(state="asked")
    assert (new.territory.code, [item.territory.code for item in new.serves.all()]) == ("A1", ["A1"])
    assert _kinds(coordinator) == ["create_group"]
    assert take().seats.get().group != new


@pytest.mark.django_db
def test_people_who_were_moved_are_no_new_demand(campaign, coordinator):
    group = make.make_group(campaign, "A1", capacity=20)
    now = clock.now()
    for _ in range(15):
        member = make.make_member("A1", carded=True)
        make.make_seat(member, group, state="moved")
        Seat.objects.filter(member=member).update(ended_at=now, reserved_at=now - timedelta(days=30))
        make.make_seat(member, group, state="reserved")
        Seat.objects.filter(member=member, state="reserved").update(reserved_at=now)
    assert _watch().asked == 0


@pytest.mark.django_db
def test_whoever_finds_no_seat_waits_and_is_served_in_order(campaign, coordinator, take, open_groups):
    campaign.supply_days = 0
    campaign.save()
    make.make_group(campaign, "A1", capacity=1)
    _first, *late = [take() for _ in range(8)]
    assert [place.member for place in selectors.waiting_places(campaign)] == late
    services.wait_for_seat(member_id=late[0].pk, campaign_id=campaign.pk)
    assert selectors.place_in_line(late[2].pk, campaign.pk) == 3
    report = _watch()
    assert (report.waiting, report.asked) == (7, 2)
    assert set(_kinds(coordinator)) == {"create_group", "people_waiting"}
    group = campaign.groups.filter(state="asked").first()
    services.confirm_group_open(
        actor=coordinator, group_id=group.pk, join_address=f"https://chat.whatsapp.com/{group.pk:022d}"
    )
    assert set(group.seats.values_list("member_id", flat=True)) == {member.pk for member in late[:5]}
    assert [place.member for place in selectors.waiting_places(campaign)] == late[5:]
    open_groups()
    assert _watch().waiting == 0
    assert _kinds(coordinator) == []
    assert WaitingPlace.objects.filter(seat__isnull=False).count() == 7


@pytest.mark.django_db
def test_where_nothing_serves_a_place_its_state_gets_a_group(campaign, coordinator, take):
    take()
    assert _watch().asked == 1
    assert ChatGroup.objects.get().territory.code == "UP"


@pytest.mark.django_db
def test_where_nobody_can_be_asked_it_is_said(campaign, coordinator, take):
    take("B1")
    report = _watch()
    assert (report.asked, len(report.nobody), report.waiting) == (0, 1, 1)


@pytest.mark.django_db
def test_a_seat_that_is_not_used_goes_to_the_next(campaign, coordinator, take, settings):
    group = make.make_group(campaign, "A1", capacity=2)
    late, here = take(), take()
    services.go_to_group(member_id=here.pk, campaign_id=campaign.pk)
    waits = take()
    old = clock.now() - timedelta(days=settings.TOLI_SEAT_DAYS, hours=1)
    Seat.objects.update(reserved_at=old)
    Seat.objects.filter(member=here).update(invited_at=old)
    assert [services.expire_seats(campaign_id=campaign.pk) for _ in range(2)] == [1, 0]
    assert late.seats.get().state == "expired"
    assert waits.seats.get().group == group
    group.refresh_from_db()
    assert group.taken == 2


@pytest.mark.django_db
def test_whoever_was_sent_there_keeps_the_seat_until_somebody_looks(campaign, coordinator, take, settings):
    group, member = make.make_group(campaign, "A1"), take()
    services.go_to_group(member_id=member.pk, campaign_id=campaign.pk)
    old = clock.now() - timedelta(days=settings.TOLI_SEAT_DAYS, hours=1)
    Seat.objects.update(reserved_at=old, invited_at=old)
    assert services.expire_seats(campaign_id=campaign.pk) == 0
    counts = ("people", "here", "here_by_name", "gone", "missing", "elsewhere", "strangers", "unknown_names")
    Roster.objects.create(group=group, at=clock.now(), kind="list", **dict.fromkeys(counts, 0))
    assert services.expire_seats(campaign_id=campaign.pk) == 1


@pytest.mark.django_db
def test_whoever_was_moved_is_never_without_a_group(campaign, coordinator, settings):
    group, member = make.make_group(campaign, "A1"), make.make_member("A1", carded=True)
    old = clock.now() - timedelta(days=settings.TOLI_SEAT_DAYS, hours=1)
    make.make_seat(member, group, state="moved")
    make.make_seat(member, group, state="reserved")
    Seat.objects.filter(state="moved").update(ended_at=old)
    Seat.objects.filter(state="reserved").update(reserved_at=old)
    assert services.expire_seats(campaign_id=campaign.pk) == 0


@pytest.mark.django_db
def test_whoever_may_divide_is_told_when_several_groups_fill_up(campaign, coordinator):
    head = make.make_actor({"groups.divide": "UP"})
    groups = [make.make_group(campaign, "UP", capacity=4) for _ in range(2)]
    for group in groups:
        for _ in range(4):
            make.make_seat(make.make_member("A1", carded=True), group)
    for _ in range(2):
        _watch()
    assert _kinds(head) == ["divide_group"]
    ChatGroup.objects.filter(pk=groups[0].pk).update(state="dividing")
    _watch()
    assert _kinds(head) == []


@pytest.mark.django_db
def test_a_seat_that_becomes_free_belongs_to_whoever_waits_longest(campaign, coordinator, take):
    group = make.make_group(campaign, "A1", capacity=1)
    gone, second, third = take(), take(), take()
    services.leave_group(member_id=gone.pk, campaign_id=campaign.pk)
    assert (second.seats.get().group, third.seats.count()) == (group, 0)
    assert [place.member for place in selectors.waiting_places(campaign)] == [third]


@pytest.mark.django_db
def test_nobody_overtakes_those_who_wait(campaign, coordinator, take):
    group = make.make_group(campaign, "UP", capacity=1)
    elsewhere = make.make_group(campaign, "A2", capacity=5)
    take("A1")
    waits = take("A1")
    ChatGroup.objects.filter(pk=group.pk).update(capacity=2)  # a seat is free, and the job has not come by yet
    late = take("A3")
    assert late.seats.count() == 0
    assert take("A2").seats.get().group == elsewhere  # for whom nobody waits there
    assert services.serve_waiting(campaign_id=campaign.pk).seated == 1
    assert (waits.seats.get().group, late.seats.count()) == (group, 0)


@pytest.mark.django_db
def test_whoever_moves_while_waiting_keeps_their_turn_and_waits_where_they_live_now(campaign, coordinator, take):
    old, new = make.make_group(campaign, "A1", capacity=1), make.make_group(campaign, "A3", capacity=1)
    for place in ("A1", "A3"):
        take(place)
    moved, stayed, later = take("A1"), take("A1"), take("A3")
    transfer_member(actor=SYSTEM, member_id=moved.pk, territory_code="A3")
    events.deliver()
    ChatGroup.objects.update(capacity=2)
    assert take("A3").seats.count() == take("A1").seats.count() == 0
    services.serve_waiting(campaign_id=campaign.pk)
    assert (moved.seats.get().group, stayed.seats.get().group, later.seats.count()) == (new, old, 0)


@pytest.mark.django_db
def test_whoever_waits_without_a_card_keeps_nobody_out(campaign, coordinator, take):
    group = make.make_group(campaign, "A1", capacity=1)
    take()
    waits = take()
    waits.cards.update(revoked_at=clock.now())
    ChatGroup.objects.filter(pk=group.pk).update(capacity=2)
    assert take().seats.get().group == group


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_in_whatever_order_people_come_and_go_seats_are_given_in_the_order_of_coming(campaign, take, seed):
    luck, group = Random(seed), make.make_group(campaign, "A1", capacity=3)
    here = []
    for _ in range(14):
        if here and luck.random() < 0.4:
            gone = here.pop(luck.randrange(min(3, len(here))))
            services.leave_group(member_id=gone.pk, campaign_id=campaign.pk)
        else:
            here.append(take())
        seated = Seat.objects.filter(state="reserved").values_list("member_id", flat=True)
        assert set(seated) == {member.pk for member in here[:3]}
        assert [place.member for place in selectors.waiting_places(campaign)] == here[3:]
        group.refresh_from_db()
        assert group.taken == len(here[:3])


@pytest.mark.django_db
def test_whoever_waited_is_told_once_and_not_at_night(campaign, coordinator, take, texts, monkeypatch):
    make.make_group(campaign, "A1", capacity=1)
    gone, waits = take(), take()
    services.leave_group(member_id=gone.pk, campaign_id=campaign.pk)
    monkeypatch.setattr("toli.members.services.by_day.is_quiet", lambda _now: True)
    assert services.tell_seated(actor=SYSTEM) == 0
    monkeypatch.setattr("toli.members.services.by_day.is_quiet", lambda _now: False)
    assert [services.tell_seated(actor=SYSTEM) for _ in range(2)] == [1, 0]
    assert [(message.kind, message.language) for message in texts] == [("seat", "hi")]
    assert f"{settings.BASE_URL}/me/group" in texts[0].text
    assert WaitingPlace.objects.get(member=waits).told_at
