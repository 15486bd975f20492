"""Members are drawn by lot, called by a named person, and who did not ask is held with their batch."""

from datetime import timedelta

import pytest

from tests.enrolment.conftest import join
from tests.factories import make_account, make_actor, make_application, make_phone
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.audit.models import AuditEntry
from toli.core import clock
from toli.enrolment import selectors
from toli.enrolment.errors import (
    CallerUnfit,
    CallNoted,
    NobodyToCall,
    NotYourList,
    SampleNotFound,
    SampleOpen,
    SampleSizeWrong,
)
from toli.enrolment.models import Arrival, CallLine, CallSample, Case, Outcome, State
from toli.enrolment.services import calling, guarding
from toli.members.models import Member, MemberState, Reveal
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomers(country):
    return [join(serial, device=f"own-{serial}").member for serial in range(1, 9)]


@pytest.fixture
def caller(country):
    return make_actor({"members.reveal": "07"})


@pytest.fixture
def sample(newcomers, officer, caller):
    return calling.draw_sample(actor=officer, territory_code="A1", caller_id=caller.id, size=3)


def note(caller, sample, place, outcome):
    return calling.note_call(actor=caller, sample_id=sample.pk, place=place, outcome=outcome)


class TestDrawing:
    def test_as_many_as_asked_are_drawn_once_each(self, sample, newcomers):
        lines = selectors.lines_of(sample)
        assert [line.place for line in lines] == [1, 2, 3]
        assert {line.member for line in lines} <= set(newcomers)
        assert sorted(sample.frame) == sorted(member.pk for member in newcomers)

    def test_whoever_has_seed_and_frame_draws_the_same_people(self, sample):
        assert selectors.draws_again(sample) is True
        CallLine.objects.filter(sample=sample, place=1).update(place=9)
        CallLine.objects.filter(sample=sample, place=2).update(place=1)
        CallLine.objects.filter(sample=sample, place=9).update(place=2)
        assert selectors.draws_again(sample) is False

    def test_when_the_frame_is_forgotten_nobody_claims_anything(self, sample):
        sample.frame = []
        assert selectors.draws_again(sample) is None

    def test_the_trail_keeps_the_seed(self, sample):
        assert AuditEntry.objects.get(action="enrolment.draw_calls").details["seed"] == sample.seed

    def test_nobody_draws_again_because_the_first_list_did_not_please(self, sample, officer, caller):
        with pytest.raises(SampleOpen):
            calling.draw_sample(actor=officer, territory_code="A1", caller_id=caller.id)

    def test_nobody_is_drawn_a_second_time(self, sample, officer, caller):
        for line in selectors.lines_of(sample):
            note(caller, sample, line.place, "confirmed")
        again = calling.draw_sample(actor=officer, territory_code="A1", caller_id=caller.id, size=50)
        assert again.lines.count() == 5
        assert CallLine.objects.values("member").distinct().count() == 8
        with pytest.raises(NobodyToCall):
            calling.draw_sample(actor=officer, territory_code="07", caller_id=caller.id)

    def test_whoever_joined_long_ago_or_left_is_not_drawn(self, newcomers, officer, caller):
        Member.objects.filter(pk=newcomers[0].pk).update(created_at=clock.now() - timedelta(days=31))
        Member.objects.filter(pk=newcomers[1].pk).update(state=MemberState.LEFT)
        drawn = calling.draw_sample(actor=officer, territory_code="07", caller_id=caller.id, size=50)
        assert set(drawn.frame) == {member.pk for member in newcomers[2:]}

    @pytest.mark.parametrize("size", [-1, 201])
    def test_a_list_is_as_long_as_a_person_can_call(self, newcomers, officer, caller, size):
        with pytest.raises(SampleSizeWrong):
            calling.draw_sample(actor=officer, territory_code="A1", caller_id=caller.id, size=size)

    def test_the_neighbour_draws_nothing_here(self, newcomers, neighbour, caller):
        with pytest.raises(TerritoryNotFound):
            calling.draw_sample(actor=neighbour, territory_code="A1", caller_id=caller.id)


class TestTheCaller:
    def test_may_see_numbers_there(self, newcomers, officer, caller):
        stranger = make_actor({"members.reveal": "070"})
        for unfit in (stranger.id, make_account().pk):
            with pytest.raises(CallerUnfit):
                calling.draw_sample(actor=officer, territory_code="A1", caller_id=unfit)

    def test_did_not_write_these_people_down(self, country, officer, caller):
        written = make_application("A1")
        member = join(50, device="x", enroller_id=caller.id).member
        written.enroller_id, written.member, written.state = caller.id, member, State.CONFIRMED
        written.name, written.number_sealed, written.number_index = "", b"", None
        written.save()
        with pytest.raises(CallerUnfit):
            calling.draw_sample(actor=officer, territory_code="A1", caller_id=caller.id)

    def test_gets_each_number_by_itself_counted_and_told_to_the_member(self, sample, caller):
        line = selectors.lines_of(sample)[0]
        assert calling.call_number(actor=caller, sample_id=sample.pk, place=1).startswith("+91")
        look = Reveal.objects.get()
        assert (look.member, look.account_id, look.reason) == (line.member, caller.id, "sample")

    def test_is_the_only_one_who_does(self, sample):
        other = make_actor({"members.reveal": "07"})
        with pytest.raises(NotYourList):
            calling.call_number(actor=other, sample_id=sample.pk, place=1)
        with pytest.raises(NotYourList):
            note(other, sample, 1, "confirmed")

    def test_of_another_place_finds_no_such_list(self, sample):
        with pytest.raises(SampleNotFound):
            calling.call_number(actor=make_actor({"members.reveal": "070"}), sample_id=sample.pk, place=1)

    def test_can_be_replaced_and_the_people_stay(self, sample, officer, caller):
        before = [line.member_id for line in selectors.lines_of(sample)]
        other = make_actor({"members.reveal": "07"})
        calling.hand_sample(actor=officer, sample_id=sample.pk, caller_id=other.id)
        note(other, sample, 1, "confirmed")
        with pytest.raises(NotYourList):
            note(caller, sample, 2, "confirmed")
        assert [line.member_id for line in selectors.lines_of(sample)] == before


class TestWhatTheySaid:
    def test_stands_once_said_but_who_was_not_reached_is_tried_again(self, sample, caller):
        note(caller, sample, 1, "not_reached")
        note(caller, sample, 1, "confirmed")
        with pytest.raises(CallNoted):
            note(caller, sample, 1, "not_asked")

    def test_of_everybody_finishes_the_list(self, sample, caller, officer):
        for place in (1, 2, 3):
            note(caller, sample, place, "not_reached")
        assert CallSample.objects.get().closed_at
        with pytest.raises(CallNoted):
            note(caller, sample, 1, "confirmed")
        with pytest.raises(CallNoted):
            calling.hand_sample(actor=officer, sample_id=sample.pk, caller_id=caller.id)

    def test_is_counted_for_the_place_and_for_who_brought_them(self, sample, caller, officer):
        for place, outcome in ((1, "confirmed"), (2, "not_asked"), (3, "not_reached")):
            note(caller, sample, place, outcome)
        total, below, helpers = selectors.call_results(scope_for(officer, "enrolment.check"), sample.territory)
        assert (total.drawn, total.reached, total.not_asked.count, total.confirmed.count) == (3, 2, 1, 1)
        assert below == []
        assert [(row.enroller, row.source, row.reached) for row in helpers] == [(None, "join", 2)]

    def test_below_the_place_above_it_is_told_for_each_place(self, sample, caller):
        note(caller, sample, 1, "wrong")
        zone = sample.territory.nodes.get().parent.territory
        _total, below, _helpers = selectors.call_results(EVERYWHERE, zone)
        assert [(row.territory.code, row.reached, row.of(Outcome.WRONG)) for row in below] == [("A1", 1, 1)]


class TestDidNotAsk:
    @pytest.fixture
    def helper(self, country):
        return make_account(name="Helper")

    @pytest.fixture
    def batch(self, helper):
        """Three whom one helper brought, one in the next zone, and a fourth written down."""
        members = [join(n, device="", enroller_id=helper.pk).member for n in (1, 2)]
        members.append(join(3, device="", enroller_id=helper.pk, place="B1").member)
        return members

    def _says(self, member, caller, officer):
        Member.objects.exclude(pk=member.pk).update(created_at=clock.now() - timedelta(days=40))
        sample = calling.draw_sample(actor=officer, territory_code="A1", caller_id=caller.id)
        note(caller, sample, 1, "not_asked")
        member.refresh_from_db()

    def test_holds_the_helpers_batch_each_in_the_case_of_their_place(self, batch, helper, caller, officer):
        entry = make_application("A1", enroller=helper)
        other = join(9, device="").member
        self._says(batch[0], caller, officer)
        assert {m.state for m in Member.objects.filter(pk__in=[m.pk for m in batch])} == {MemberState.HELD}
        assert Member.objects.get(pk=other.pk).state == MemberState.ACTIVE
        entry.refresh_from_db()
        cases = {case.territory.code: case for case in Case.objects.all()}
        assert {code: (case.kind, case.held.count()) for code, case in cases.items()} == {
            "A1": ("call_back", 2), "B1": ("call_back", 1),
        }  # fmt: skip
        assert (entry.state, entry.case) == (State.HELD, cases["A1"])

    def test_newcomers_of_that_helper_wait_in_the_same_case(self, batch, helper, caller, officer):
        self._says(batch[0], caller, officer)
        assert join(20, device="", enroller_id=helper.pk).held
        assert Case.objects.filter(territory__code="A1").count() == 1

    def test_a_release_lets_the_batch_go_on_and_the_entry_be_asked(self, batch, helper, caller, officer, neighbour):
        entry = make_application("A1", enroller=helper)
        self._says(batch[0], caller, officer)
        case = Case.objects.get(territory__code="A1")
        assert guarding.release_case(actor=officer, case_id=case.pk, reason="all five confirmed") == 3
        entry.refresh_from_db()
        assert (entry.state, batch[0].state) == (State.WAITING, MemberState.HELD)
        assert Member.objects.get(pk=batch[0].pk).state == MemberState.ACTIVE
        guarding.release_case(actor=neighbour, case_id=Case.objects.get(territory__code="B1").pk, reason="the same")
        assert not join(22, device="", enroller_id=helper.pk).held

    def test_of_one_phone_holds_everybody_who_joined_on_it(self, country, caller, officer):
        members = [join(n, device="shared").member for n in (1, 2, 3)]
        self._says(members[1], caller, officer)
        assert set(Member.objects.values_list("state", flat=True)) == {MemberState.HELD}
        assert Case.objects.get().holds == "device"

    def test_of_a_link_holds_the_one_who_says_it(self, country, caller, officer):
        members = [join(n, device="", source_code="LINK").member for n in (1, 2)]
        self._says(members[0], caller, officer)
        assert [m.state for m in Member.objects.order_by("pk")] == [MemberState.HELD, MemberState.ACTIVE]

    def test_of_whom_nothing_is_known_holds_them_alone(self, country, caller, officer):
        member = join(1, device="", phone=make_phone(1)).member
        Arrival.objects.all().delete()
        self._says(member, caller, officer)
        assert (member.state, Case.objects.get().holds) == (MemberState.HELD, "person")
