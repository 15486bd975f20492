"""A division in waves: planned, approved as it was seen, carried out, paused, rolled back, escalated."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.analytics import integrity
from toli.assignments.models import Assignment
from toli.chatgroups import selectors, services
from toli.chatgroups.errors import (
    ApproverIsPlanner,
    GroupNotFound,
    MigrationNotFound,
    MigrationRunning,
    MigrationStateWrong,
    NothingChanges,
    PlanChanged,
    PlanOutdated,
)
from toli.chatgroups.models import ChatGroup, Migration, Seat
from toli.core import clock
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db


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


@pytest.fixture
def headquarters(up):
    return make.make_actor({"groups.divide": "UP"})


@pytest.fixture
def later(monkeypatch):
    """Moves the clock on: ``later(days=8)``."""
    ahead = [timedelta()]
    monkeypatch.setattr(clock, "now", lambda: timezone.now() + ahead[0])

    def move_on(**span):
        ahead[0] += timedelta(**span)

    return move_on


def _plan(actor, depth="ac", **options):
    return services.plan_migration(
        actor=actor, campaign_code="connect", territory_code="UP", depth=depth, **{"per_person": 2, **options}
    )


def _approve(actor, migration):
    return services.approve_migration(actor=actor, migration_id=migration.pk, plan_hash=migration.plan_hash)


def _work():
    """What the jobs do."""
    services.move_members(actor=SYSTEM, campaign_code="connect", territory_code="UP")
    services.tend_migrations(actor=SYSTEM)


def _come(people, campaign):
    for person in people:
        if selectors.seat_of(person.pk, campaign.pk).state == "reserved":
            services.go_to_group(member_id=person.pk, campaign_id=campaign.pk)
            services.confirm_joined(member_id=person.pk, campaign_id=campaign.pk)


def _waves(migration):
    return list(migration.waves.values_list("number", "state"))


def _tasks(kind, **about):
    return Assignment.objects.filter(kind=kind, state="open", **about)


def _everybody_is_seated(people, campaign):
    assert all(selectors.seat_of(person.pk, campaign.pk) for person in people)
    assert not integrity.broken()


def test_a_preview_says_who_where_and_how_many_tasks_for_whom_in_each_wave(seated, headquarters):
    preview = services.preview_migration(
        actor=headquarters, campaign_code="connect", territory_code="UP", depth="ac", per_person=3
    )
    assert [(wave.new_groups, wave.people, wave.tasks) for wave in preview.waves] == [
        (3, 9, {"Imran Khan": 3}),
        (1, 3, {"Imran Khan": 1}),
    ]
    assert sum(people for _old, _new, people in preview.moves) == preview.report.leaving == 12
    assert not Migration.objects.exists()


def test_nothing_happens_before_the_plan_is_approved(seated, headquarters):
    before = list(ChatGroup.objects.order_by("pk").values())
    _plan(headquarters)
    _work()
    assert list(ChatGroup.objects.order_by("pk").values()) == before


def test_each_wave_opens_when_the_people_of_the_one_before_have_come(seated, campaign, headquarters, open_groups):
    migration = _approve(headquarters, _plan(headquarters))
    assert _waves(migration) == [(1, "running"), (2, "planned")]
    assert _tasks("create_group").count() == 2
    open_groups()
    _work()
    assert _waves(migration) == [(1, "running"), (2, "planned")]
    _everybody_is_seated(seated, campaign)
    _come(seated, campaign)
    _work()
    assert _waves(migration) == [(1, "done"), (2, "running")]
    open_groups()
    _work()
    _come(seated, campaign)
    _work()
    migration.refresh_from_db()
    assert (_waves(migration), migration.state) == ([(1, "done"), (2, "done")], "done")
    _everybody_is_seated(seated, campaign)
    for person in seated:
        seat = selectors.seat_of(person.pk, campaign.pk)
        assert [place.code for place in selectors.served_territories(seat.group)] == [person.territory.code]


def test_old_groups_are_told_with_our_own_link_and_closed_when_their_people_are_gone(
    seated, campaign, headquarters, coordinator, open_groups
):
    migration = _approve(headquarters, _plan(headquarters, per_person=4))
    open_groups()
    _work()
    posts = list(_tasks("announce_division"))
    assert len(posts) == 3
    for post in posts:
        assert "/j/" in post.details["text"]
        assert "whatsapp" not in post.details["text"]
        services.confirm_posted(actor=coordinator, announcement_id=post.details["announcement_id"])
    assert not _tasks("close_group").exists()
    _come(seated, campaign)
    _work()
    for task in _tasks("close_group"):
        services.confirm_closed(actor=coordinator, old_group_id=task.details["old_group_id"])
    migration.refresh_from_db()
    assert migration.state == "done"
    assert selectors.counts_by_state() == {"open": 4, "archived": 3}


def test_old_groups_can_stay_for_announcements(seated, campaign, headquarters, coordinator, open_groups):
    _approve(headquarters, _plan(headquarters, per_person=4, afterwards="news"))
    open_groups()
    _work()
    _come(seated, campaign)
    _work()
    for task in _tasks("close_group"):
        services.confirm_closed(actor=coordinator, old_group_id=task.details["old_group_id"])
    assert selectors.counts_by_state() == {"open": 4, "news": 3}


def test_the_deadline_ends_a_wave_and_a_reminder_comes_before_it(seated, campaign, headquarters, open_groups, later):
    migration = _approve(headquarters, _plan(headquarters, days=7))
    open_groups()
    _work()
    later(days=5, hours=1)
    _work()
    assert _tasks("announce_division", details__reminder=True).count() == 3
    later(days=2)
    _work()
    assert _waves(migration) == [(1, "done"), (2, "running")]
    _everybody_is_seated(seated, campaign)


def test_a_wave_that_nobody_carries_out_is_told_to_the_next_person_up(seated, headquarters, later):
    above = make.make_coordinator("IN", name="Meera Das")
    _approve(headquarters, _plan(headquarters))
    later(days=1, hours=1)
    _work()
    assert not _tasks("late_wave").exists()
    later(days=1)
    _work()
    task = _tasks("late_wave").get()
    assert (task.assignee_id, task.details["person"], task.details["tasks"]) == (above.pk, "Imran Khan", 2)
    _work()
    assert _tasks("late_wave").count() == 1


def test_the_plan_that_was_seen_is_the_plan_that_is_carried_out(seated, headquarters):
    migration = _plan(headquarters)
    with pytest.raises(PlanChanged):
        services.approve_migration(actor=headquarters, migration_id=migration.pk, plan_hash="0" * 64)
    migration.planned.filter(position=0).update(members=2)
    with pytest.raises(PlanChanged):
        _approve(headquarters, migration)


def test_a_plan_that_is_no_longer_true_is_made_anew_and_asked_for_again(seated, headquarters):
    migration = _plan(headquarters)
    for _ in range(3):
        make.make_member("A1", carded=True)
    with pytest.raises(PlanOutdated):
        _approve(headquarters, migration)
    fresh = Migration.objects.get(pk=migration.pk)
    assert (fresh.state, fresh.figures["members"]) == ("planned", 15)
    assert fresh.plan_hash != migration.plan_hash
    with pytest.raises(PlanChanged):
        _approve(headquarters, migration)
    assert _approve(headquarters, fresh).state == "running"


def test_numbers_that_drift_between_waves_stop_it_until_the_new_plan_is_approved(
    seated, campaign, headquarters, open_groups
):
    migration = _approve(headquarters, _plan(headquarters))
    open_groups()
    _work()
    _come(seated, campaign)
    for _ in range(4):
        make.make_member("A4", carded=True)
    _work()
    migration.refresh_from_db()
    assert migration.state == "paused"
    again = Migration.objects.get(replaces=migration)
    assert again.state == "planned"
    _approve(headquarters, again)
    for _ in range(4):
        open_groups()
        _work()
        _come(seated, campaign)
    _work()
    migration.refresh_from_db()
    again.refresh_from_db()
    assert (migration.state, again.state) == ("done", "done")
    _everybody_is_seated(seated, campaign)


def test_many_people_take_two_to_move(seated, headquarters, settings):
    settings.TOLI_DIVIDE_ALONE_PEOPLE = 11
    migration = _plan(headquarters)
    with pytest.raises(ApproverIsPlanner):
        _approve(headquarters, migration)
    assert _approve(make.make_actor({"groups.divide": "UP"}), migration).state == "running"


def test_while_it_is_paused_nobody_moves_and_no_wave_begins(seated, campaign, headquarters, open_groups):
    migration = _approve(headquarters, _plan(headquarters))
    services.pause_migration(actor=headquarters, migration_id=migration.pk)
    open_groups()
    _work()
    assert not Seat.objects.filter(state="moved").exists()
    services.resume_migration(actor=headquarters, migration_id=migration.pk)
    _work()
    assert Seat.objects.filter(state="moved").count() == 6
    _everybody_is_seated(seated, campaign)


def test_rolled_back_everybody_has_their_old_seat_but_those_who_said_they_moved(
    seated, campaign, coordinator, headquarters, open_groups
):
    old = {person.pk: selectors.seat_of(person.pk, campaign.pk).group_id for person in seated}
    migration = _approve(headquarters, _plan(headquarters, per_person=4))
    open_groups()
    _work()
    _come(seated[:1], campaign)
    report = services.roll_back_migration(actor=headquarters, migration_id=migration.pk)
    assert (report.returned, report.stayed) == (11, 1)
    for person in seated[1:]:
        seat = selectors.seat_of(person.pk, campaign.pk)
        assert (seat.group_id, seat.state) == (old[person.pk], "joined")
    assert selectors.counts_by_state() == {"open": 4, "archived": 3}
    _everybody_is_seated(seated, campaign)
    _work()
    assert services.roll_back_migration(actor=headquarters, migration_id=migration.pk) == report
    assert _tasks("remove_group").count() == 3
    for task in _tasks("remove_group"):
        for _ in range(2):
            services.confirm_removed(actor=coordinator, group_id=task.details["group_id"])
    with pytest.raises(GroupNotFound):
        services.confirm_removed(actor=coordinator, group_id=min(old.values()))
    assert not Assignment.objects.filter(state="open").exists()
    with pytest.raises(MigrationStateWrong):
        services.resume_migration(actor=headquarters, migration_id=migration.pk)


def test_two_divisions_of_the_same_people_do_not_run_at_once(seated, headquarters):
    _approve(headquarters, _plan(headquarters))
    with pytest.raises(MigrationRunning):
        services.plan_migration(actor=SYSTEM, campaign_code="connect", territory_code="Z1", depth="ac")
    with pytest.raises(MigrationRunning):
        services.divide(actor=SYSTEM, campaign_code="connect", territory_code="UP", depth="ac")


def test_where_nothing_would_change_there_is_nothing_to_plan(seated, campaign, headquarters, open_groups):
    services.divide(actor=SYSTEM, campaign_code="connect", territory_code="UP", depth="ac")
    open_groups()
    _work()
    with pytest.raises(NothingChanges):
        _plan(headquarters)


def test_a_seat_cannot_be_moved_away_without_another_one(seated):
    """Whatever a program forgets: the table refuses it at the end of the transaction."""
    with pytest.raises(IntegrityError, match="there is no other"), transaction.atomic():
        Seat.objects.filter(member=seated[0]).update(state="moved", ended_at=clock.now())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_neighbour_neither_plans_nor_sees_nor_steers(seated, headquarters, open_groups):
    stranger = make.make_actor({"groups.divide": "KL", "groups.view": "KL"})
    with pytest.raises(TerritoryNotFound):
        _plan(stranger)
    migration = _plan(headquarters)
    steer = (services.pause_migration, services.resume_migration, services.roll_back_migration)
    for act in (*steer, services.drop_migration):
        with pytest.raises(MigrationNotFound):
            act(actor=stranger, migration_id=migration.pk)
    with pytest.raises(MigrationNotFound):
        _approve(stranger, migration)
    _approve(headquarters, migration)
    open_groups()
    _work()
    post = _tasks("announce_division").first()
    with pytest.raises(GroupNotFound):
        services.confirm_posted(actor=stranger, announcement_id=post.details["announcement_id"])
    other = Actor(ActorKind.STAFF, make.make_coordinator("KL").pk)
    with pytest.raises(GroupNotFound):
        services.confirm_closed(actor=other, old_group_id=migration.old_groups.first().pk)
