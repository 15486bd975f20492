"""Joinings that exceed a figure wait; nothing is lost; an officer of the place decides."""

from datetime import timedelta

import pytest

from tests.enrolment.conftest import join, make_helper_case
from tests.factories import make_phone
from tests.together import at_once
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.cards.models import Card
from toli.core import clock
from toli.core.crypto import index_for
from toli.enrolment import selectors
from toli.enrolment.domain.cases import MOST_ALONE, RESTORE_WITHIN
from toli.enrolment.domain.velocity import RULES
from toli.enrolment.errors import (
    CaseDecided,
    CaseNotFound,
    DecisionReasonMissing,
    SecondPersonNeeded,
    TooLateToRestore,
)
from toli.enrolment.models import Arrival, Case, CaseState, HeldMember
from toli.enrolment.services import guarding
from toli.members.models import Member, MemberState
from toli.members.services import disown_membership, leave_organisation

LIMIT = {rule.name: rule.times for rule in RULES}
MOST = LIMIT["device.hour"]


def batch(count, **same):
    return [join(serial, **same) for serial in range(1, count + 1)]


def states():
    return list(Member.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.usefixtures("country")
class TestHolding:
    def test_a_link_of_the_organisations_own_may_bring_thousands_and_is_nobodys(self):
        join(1, source_code="somebody")
        join(2, source_code="o.ours")
        assert [row.link_key is None for row in Arrival.objects.order_by("pk")] == [False, True]

    def test_as_many_as_the_figure_join_from_one_phone_and_the_next_one_waits(self):
        joined = batch(MOST + 2)
        assert [one.held for one in joined] == [False] * MOST + [True] * 2
        assert states() == ["active"] * MOST + ["held"] * 2
        case = Case.objects.get()
        assert (case.rule, case.holds, case.territory.code) == ("device.hour", "device", "A1")
        assert (case.evidence["count"], case.evidence["limit"]) == (MOST + 2, MOST)

    def test_nobody_is_lost(self):
        joined = batch(MOST + 5)
        held = HeldMember.objects.filter(state="held").count()
        assert len(joined) == Member.objects.filter(state=MemberState.ACTIVE).count() + held
        assert held == 5

    def test_who_came_before_the_figure_was_exceeded_stays_a_member_and_is_shown_with_the_batch(self, officer):
        batch(MOST + 2)
        assert HeldMember.objects.filter(state="with", member__state=MemberState.ACTIVE).count() == MOST
        (row,) = selectors.inbox(scope_for(officer, "enrolment.check"), officer)
        assert (row.held, row.came_before) == (2, MOST)
        guarding.release_case(actor=officer, case_id=row.case.pk, reason="called five of them")
        assert set(HeldMember.objects.values_list("state", flat=True)) == {"released"}
        assert set(states()) == {"active"}

    def test_who_is_held_has_no_card_and_is_no_member_to_anybody_else(self):
        held = batch(MOST + 1)[-1].member
        assert not Card.objects.filter(member=held).exists()
        assert held not in Member.objects.active()

    def test_other_phones_go_on(self):
        batch(MOST + 1)
        assert not join(500, device="phone-2").held

    def test_joining_again_while_held_makes_nobody_twice(self):
        batch(MOST + 1)
        again = join(MOST + 1, device="phone-2")
        assert again.held
        assert Member.objects.count() == MOST + 1
        assert Arrival.objects.count() == MOST + 1

    def test_numbers_that_follow_each_other_wait_though_each_comes_from_its_own_phone(self):
        joined = [join(n, device=f"phone-{n}", phone=make_phone(7000 + n)) for n in range(LIMIT["block.day"] + 1)]
        assert [one.held for one in joined] == [False] * LIMIT["block.day"] + [True]
        assert Case.objects.get().rule == "block.day"

    def test_the_same_name_again_and_again_on_one_phone_waits(self):
        most = LIMIT["device.names"]
        joined = [join(n, name=f"Member {n}") for n in range(most + 1)]
        assert [one.held for one in joined] == [False] * most + [True]

    def test_an_hour_later_the_phone_is_free_again(self, monkeypatch):
        batch(MOST)
        later = clock.now() + timedelta(hours=2)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert not join(900).held

    def test_nothing_that_can_be_read_back_is_stored(self):
        join(1, device="phone-secret", phone=make_phone(1234567))
        stored = Arrival.objects.values_list("device_key", "block_key", "name_key").get()
        assert bytes(stored[0]) == index_for("enrolment_arrival.device").of("phone-secret")
        assert not any(b"secret" in bytes(key) or b"1234" in bytes(key) for key in stored)

    def test_each_constituency_has_a_case_of_its_own(self, officer, neighbour):
        batch(MOST + 1)
        join(800, place="B1")
        assert sorted(Case.objects.values_list("territory__code", flat=True)) == ["A1", "B1"]
        for actor, place in ((officer, "A1"), (neighbour, "B1")):
            (row,) = selectors.inbox(scope_for(actor, "enrolment.check"), actor)
            assert (row.case.territory.code, row.held) == (place, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("country")
def test_sixty_four_at_once_from_one_phone_do_not_slip_through():
    done = [one for turn in range(8) for one in at_once(*[lambda n=turn * 8 + k: join(n + 1) for k in range(8)])]
    assert not [one for one in done if isinstance(one, Exception)]
    assert Member.objects.filter(state=MemberState.ACTIVE).count() == MOST
    assert HeldMember.objects.filter(state="held").count() == 64 - MOST
    assert HeldMember.objects.filter(state="with").count() == MOST
    assert Case.objects.count() == 1


class TestDeciding:
    def test_release_lets_everybody_go_on_where_they_stopped(self, officer):
        batch(MOST + 3)
        assert guarding.release_case(actor=officer, case_id=Case.objects.get().pk, reason="called five of them") == 3
        assert states() == ["active"] * (MOST + 3)
        assert Card.objects.filter(welcomed_at__isnull=True).count() == 3
        assert Case.objects.get().state == CaseState.RELEASED

    def test_after_a_release_the_count_begins_anew(self, officer):
        batch(MOST + 1)
        guarding.release_case(actor=officer, case_id=Case.objects.get().pk, reason="a camp for students")
        again = [join(200 + n).held for n in range(MOST + 1)]
        assert again == [False] * MOST + [True]

    def test_while_a_case_waits_everybody_from_the_same_phone_waits_also_tomorrow(self, country, monkeypatch):
        batch(MOST + 1)
        later = clock.now() + timedelta(days=2)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert join(900).held

    def test_a_second_case_keeps_them_until_it_is_released_as_well(self, officer):
        for number in range(LIMIT["block.day"] - MOST):
            join(number, device=f"own-{number}", phone=make_phone(7500 + number))
        for number in range(MOST + 1):
            join(number, phone=make_phone(7000 + number), name=f"Person {chr(97 + number)}")
        last = Member.objects.latest("pk")
        cases = list(Case.objects.filter(held__member=last))
        assert len(cases) == 2
        guarding.release_case(actor=officer, case_id=cases[0].pk, reason="it is a school")
        assert Member.objects.get(pk=last.pk).state == MemberState.HELD
        guarding.release_case(actor=officer, case_id=cases[1].pk, reason="it is a school")
        assert Member.objects.get(pk=last.pk).state == MemberState.ACTIVE

    def test_refuse_turns_away_and_restore_brings_back(self, officer):
        batch(MOST + 2)
        case = Case.objects.get()
        assert guarding.refuse_case(actor=officer, case_id=case.pk, reason="nobody answers") == MOST + 2
        assert states() == ["left"] * (MOST + 2)
        assert guarding.restore_case(actor=officer, case_id=case.pk, reason="they came to the office") == MOST + 2
        assert states() == ["active"] * (MOST + 2)
        assert Card.objects.count() == MOST + 2
        assert [step.act for step in case.steps.all()] == ["open", "refuse", "restore"]

    def test_who_joined_again_meanwhile_is_not_doubled_by_a_restore(self, officer):
        batch(MOST + 1)
        case = Case.objects.get()
        guarding.refuse_case(actor=officer, case_id=case.pk, reason="nobody answers")
        join(MOST + 1, device="phone-2")
        assert guarding.restore_case(actor=officer, case_id=case.pk, reason="they came to the office") == MOST
        assert Member.objects.filter(state=MemberState.ACTIVE).count() == MOST + 1

    def test_after_thirty_days_it_is_too_late(self, officer, monkeypatch):
        batch(MOST + 1)
        case = Case.objects.get()
        guarding.refuse_case(actor=officer, case_id=case.pk, reason="nobody answers")
        later = clock.now() + RESTORE_WITHIN + timedelta(minutes=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        with pytest.raises(TooLateToRestore):
            guarding.restore_case(actor=officer, case_id=case.pk, reason="they came to the office")

    def test_refusing_many_takes_two(self, officer, second):
        batch(MOST + MOST_ALONE + 1)
        case = Case.objects.get()
        assert guarding.refuse_case(actor=officer, case_id=case.pk, reason="nobody answers") == 0
        assert Member.objects.filter(state=MemberState.HELD).count() == MOST_ALONE + 1
        with pytest.raises(SecondPersonNeeded):
            guarding.refuse_case(actor=officer, case_id=case.pk, reason="nobody answers")
        assert guarding.refuse_case(actor=second, case_id=case.pk, reason="I called, too") == MOST + MOST_ALONE + 1

    def test_a_case_is_decided_once_and_with_a_reason(self, officer):
        batch(MOST + 1)
        case = Case.objects.get()
        for reason in ("", "ok", "x" * 201):
            with pytest.raises(DecisionReasonMissing):
                guarding.release_case(actor=officer, case_id=case.pk, reason=reason)
        with pytest.raises(CaseDecided):
            guarding.close_case(actor=officer, case_id=case.pk, reason="somebody waits in it")
        guarding.release_case(actor=officer, case_id=case.pk, reason="called five of them")
        for act in (guarding.release_case, guarding.refuse_case, guarding.close_case, guarding.restore_case):
            with pytest.raises(CaseDecided):
                act(actor=officer, case_id=case.pk, reason="once more")

    def test_who_said_meanwhile_that_they_never_joined_is_not_admitted(self, officer):
        never = batch(MOST + 2)[-1].member
        disown_membership(member_id=never.pk)
        assert guarding.release_case(actor=officer, case_id=Case.objects.get().pk, reason="called five of them") == 1
        assert Member.objects.get(pk=never.pk).state == MemberState.LEFT

    def test_the_neighbour_finds_no_such_case(self, neighbour):
        batch(MOST + 1)
        case = Case.objects.get()
        assert selectors.inbox(scope_for(neighbour, "enrolment.check"), neighbour) == []
        for act in (guarding.release_case, guarding.refuse_case, guarding.close_case, guarding.restore_case):
            with pytest.raises(CaseNotFound):
                act(actor=neighbour, case_id=case.pk, reason="not my business")

    def test_a_helper_never_sees_a_case_about_themselves(self, officer, second):
        case = make_helper_case(officer.id)
        assert selectors.inbox(EVERYWHERE, officer) == []
        with pytest.raises(CaseNotFound):
            guarding.release_case(actor=officer, case_id=case.pk, reason="they are all real")
        assert [row.case for row in selectors.inbox(EVERYWHERE, second)] == [case]

    def test_the_trail_names_no_source(self, officer):
        batch(MOST + 1)
        guarding.release_case(actor=officer, case_id=Case.objects.get().pk, reason="called five of them")
        entries = AuditEntry.objects.filter(action__startswith="enrolment.").order_by("pk")
        assert [entry.action for entry in entries] == ["enrolment.hold", "enrolment.release"]
        assert [entry.details for entry in entries] == [{"rule": "device.hour"}, {"count": 1}]


@pytest.mark.usefixtures("country")
class TestNotMe:
    def test_counts_against_the_phone_that_the_person_came_by(self, officer):
        first, other = join(1).member, join(2).member
        for member in (first, other):
            disown_membership(member_id=member.pk)
            guarding.count_not_me(member_id=member.pk)
        (row,) = selectors.inbox(EVERYWHERE, officer)
        assert (row.case.kind, row.case.holds, row.case.evidence["count"]) == ("not_me", "device", 2)

    def test_people_who_never_joined_stand_before_people_who_wait(self, officer):
        batch(MOST + 1)
        member = join(700, device="phone-2").member
        guarding.count_not_me(member_id=member.pk)
        assert [row.case.kind for row in selectors.inbox(EVERYWHERE, officer)] == ["not_me", "velocity"]

    def test_a_case_that_holds_nobody_is_closed(self, officer):
        guarding.count_not_me(member_id=join(1).member.pk)
        guarding.close_case(actor=officer, case_id=Case.objects.get().pk, reason="a wrong digit")
        assert Case.objects.get().state == CaseState.CLOSED

    def test_an_ordinary_leaver_counts_against_nobody(self):
        leave_organisation(actor=SYSTEM, member_id=join(1).member.pk)
        assert not Case.objects.exists()
