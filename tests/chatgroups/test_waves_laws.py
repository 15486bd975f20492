"""Whatever happens in a migration, in whatever order, whatever dies in the middle: everybody has exactly one seat."""

import os
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.analytics import integrity
from toli.chatgroups import selectors, services
from toli.chatgroups.domain.migrating import MAY_BECOME, drift, into_waves, next_above
from toli.chatgroups.errors import NoSeatFree, PlanOutdated
from toli.chatgroups.models import ACTIVE_SEATS, Migration, Seat
from toli.chatgroups.services import moving
from toli.chatgroups.services.waves import undoing
from toli.core import clock

EXAMPLES = int(os.environ.get("TOLI_TEST_WAVE_LAWS", "6"))


class Killed(Exception):
    """The process is gone: what was not committed never was."""


@pytest.fixture
def stage(campaign, coordinator, open_groups, monkeypatch):
    """Nine people of four constituencies in the state's groups; two move in each transaction."""
    people = [make.make_member(f"A{index % 4 + 1}", carded=True) for index in range(9)]
    services.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="UP")
    open_groups()
    for person in people:
        services.go_to_group(member_id=person.pk, campaign_id=campaign.pk)
        services.confirm_joined(member_id=person.pk, campaign_id=campaign.pk)
    monkeypatch.setattr(moving, "BATCH", 2)
    monkeypatch.setattr(undoing, "BATCH", 2)
    return campaign, people


def machine(campaign, people, set_clock):
    """The machine over one migration, from its plan to its end; what each run did is undone after it."""

    class Waves(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.undo = transaction.atomic()
            self.undo.__enter__()
            self.ahead = timedelta()
            set_clock(lambda: timezone.now() + self.ahead)
            self.seated = {person.pk for person in people}
            self.migration_id = services.plan_migration(
                actor=SYSTEM, campaign_code="connect", territory_code="UP", depth="ac", per_person=2
            ).pk

        @property
        def migration(self):
            """The one that is carried out, or the one that goes on from it."""
            found = Migration.objects.get(pk=self.migration_id)
            newer = found.replaced_by.exclude(state="dropped").last()
            if newer:
                self.migration_id = newer.pk
                return newer
            return found

        def may(self, state):
            return state in MAY_BECOME[self.migration.state]

        @rule()
        @precondition(lambda self: self.migration.state == "planned")
        def approve(self):
            found = self.migration
            try:
                services.approve_migration(actor=SYSTEM, migration_id=found.pk, plan_hash=found.plan_hash)
            except PlanOutdated:
                assert Migration.objects.get(pk=found.pk).plan_hash != found.plan_hash

        @rule(number=some.integers(0, 5))
        def open_a_group(self, number):
            asked = list(campaign.groups.filter(state="asked").order_by("pk"))
            if asked:
                group = asked[number % len(asked)]
                link = f"https://chat.whatsapp.com/{group.pk:022d}"
                services.confirm_group_open(actor=SYSTEM, group_id=group.pk, join_address=link)

        @rule()
        def work(self):
            services.move_members(actor=SYSTEM, campaign_code="connect", territory_code="UP")
            services.tend_migrations(actor=SYSTEM)

        @rule(person=some.sampled_from(people))
        def confirm(self, person):
            if person.pk in self.seated:
                services.confirm_joined(member_id=person.pk, campaign_id=campaign.pk)

        @rule(person=some.sampled_from(people))
        def leave(self, person):
            services.leave_group(member_id=person.pk, campaign_id=campaign.pk)
            self.seated.discard(person.pk)

        @rule(person=some.sampled_from(people))
        def come_back(self, person):
            try:
                services.take_seat(member_id=person.pk, campaign_id=campaign.pk)
            except NoSeatFree:
                return
            self.seated.add(person.pk)

        @rule(days=some.integers(1, 9))
        def time_passes(self, days):
            self.ahead += timedelta(days=days)

        @rule()
        @precondition(lambda self: self.may("paused"))
        def pause(self):
            services.pause_migration(actor=SYSTEM, migration_id=self.migration.pk)

        @rule()
        @precondition(lambda self: self.migration.state == "paused")
        def resume(self):
            services.resume_migration(actor=SYSTEM, migration_id=self.migration.pk)

        @rule()
        @precondition(lambda self: self.may("rolled_back"))
        def roll_back(self):
            services.roll_back_migration(actor=SYSTEM, migration_id=self.migration.pk)

        @rule(after=some.integers(1, 60), back=some.booleans())
        def kill(self, after, back):
            left = [after]

            def die(execute, *arguments):
                left[0] -= 1
                if left[0] < 0:
                    raise Killed
                return execute(*arguments)

            try:
                with connection.execute_wrapper(die):
                    if back and self.may("rolled_back"):
                        self.roll_back()
                    else:
                        self.work()
            except Killed:
                pass

        @invariant()
        def everybody_has_one_seat_and_no_group_is_overfull(self):
            active = Seat.objects.filter(campaign=campaign, state__in=ACTIVE_SEATS)
            assert sorted(active.values_list("member_id", flat=True)) == sorted(self.seated)
            assert not integrity.broken()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

        def teardown(self):
            try:
                self.come_to_an_end()
            finally:
                transaction.set_rollback(True)
                self.undo.__exit__(None, None, None)

        def come_to_an_end(self):
            """Left alone with willing people, it ends: everybody is where they belong, or back."""
            for _round in range(12):
                found = self.migration
                if found.state == "planned":
                    self.approve()
                elif found.state == "paused":
                    services.resume_migration(actor=SYSTEM, migration_id=found.pk)
                for number in range(campaign.groups.filter(state="asked").count()):
                    self.open_a_group(number)
                self.work()
                for person in people:
                    self.confirm(person)
                self.time_passes(8)
            assert self.migration.state in ("done", "rolled_back")
            self.everybody_has_one_seat_and_no_group_is_overfull()

    return Waves


@pytest.mark.django_db
def test_everybody_has_exactly_one_seat_whatever_happens(stage, monkeypatch):
    campaign, people = stage
    laws = settings(
        max_examples=EXAMPLES,
        stateful_step_count=14,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),  # making a failure smaller takes minutes
        derandomize=not os.environ.get("TOLI_TEST_WAVE_LAWS"),
    )
    run_state_machine_as_test(
        machine(campaign, people, lambda now: monkeypatch.setattr(clock, "now", now)), settings=laws
    )


@pytest.mark.django_db
def test_selectors_agree_with_the_table(stage):
    campaign, people = stage
    assert all(selectors.seat_of(person.pk, campaign.pk).state == "joined" for person in people)


# -- pure rules ----------------------------------------------------------------------------------------


def test_w1_w2_w3_nobody_creates_too_many_groups_at_once_and_there_are_as_few_waves_as_that_allows():
    @given(some.lists(some.integers(1, 4), max_size=40), some.integers(1, 6))
    def law(askers, each):
        waves = into_waves(askers, each)
        for person in set(askers):
            own = [wave for asked, wave in zip(askers, waves, strict=True) if asked == person]
            assert own == sorted(own)
            assert max(own.count(wave) for wave in own) <= each
        most = max((askers.count(person) for person in askers), default=0)
        assert max(waves, default=0) == -(-most // each)

    law()


def test_w5_drift_counts_people_too_many_and_too_few():
    assert drift({1: 60, 2: 40}, {1: 60, 2: 40}) == 0
    assert drift({1: 60, 2: 40}, {1: 57, 2: 42}) == pytest.approx(0.05)
    assert drift({1: 100}, {1: 100, 2: 7}) == pytest.approx(0.07)


def test_w9_the_nearest_person_above_is_told_and_then_the_one_above():
    holders = {"main/IN/": [1], "main/IN/UP/": [2], "main/IN/UP/Z1/": [3]}
    path = "main/IN/UP/Z1/A1/"
    assert next_above(path, holders, [3]) == 2
    assert next_above(path, holders, [3, 2]) == 1
    assert next_above(path, holders, [3, 2, 1]) is None
