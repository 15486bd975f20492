"""Requests have a clock: filed, answered, refused, carried out; nobody handles those of another branch."""

from datetime import timedelta

import pytest
import time_machine

from tests import factories as make
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.audit.models import AuditEntry
from toli.core import clock
from toli.members import services as members
from toli.members.errors import MemberNotFound, NameInvalid
from toli.members.models import Member
from toli.rights import selectors, services
from toli.rights.domain.requests import COOLING, Kind, days_left, due_at
from toli.rights.errors import (
    AnswerMissing,
    ErasureAsked,
    ErasureTooEarly,
    NotAnErasure,
    OnlyErasure,
    RequestClosed,
    RequestNotFound,
    RequestUnclear,
)
from toli.territories.errors import TerritoryNotFound

HANDLE = "rights.handle"


@pytest.fixture
def member(country):
    return make.make_member("A1", name="Sunita Devi")


@pytest.fixture
def officer(country):
    return make.make_actor({HANDLE: "07"})


def as_member(member):
    account = members.open_account(member_id=member.pk)
    return Actor(ActorKind.MEMBER, account.pk, "hi")


def ask(member, kind="complaint", words="my name is wrong", actor=None):
    return services.file_request(actor=actor or as_member(member), member_id=member.pk, kind=kind, words=words)


def later(days):
    return time_machine.travel(clock.now() + timedelta(days=days), tick=False)


class TestClock:
    def test_the_answer_is_due_within_the_organisations_days(self, member, settings):
        settings.TOLI_RIGHTS_DAYS = 21
        request = ask(member)
        assert request.due_at - request.filed_at == timedelta(days=21)

    def test_never_later_than_the_law_allows(self):
        assert due_at(clock.now(), 400) <= clock.now() + timedelta(days=90)

    def test_days_left_are_negative_once_it_is_late(self):
        now = clock.now()
        assert days_left(now + timedelta(days=2, hours=1), now) == 2
        assert days_left(now - timedelta(hours=1), now) == -1

    def test_the_most_urgent_stands_first_and_what_is_closed_stands_apart(self, member, officer):
        old = ask(member)
        with later(5):
            new = ask(member)
        assert selectors.inbox(scope_for(officer, HANDLE)) == [old, new]
        services.answer_request(actor=officer, request_id=old.pk, answer="It is right now.")
        assert selectors.inbox(scope_for(officer, HANDLE)) == [new]
        assert selectors.inbox(scope_for(officer, HANDLE), closed=True) == [old]


class TestFiling:
    @pytest.mark.parametrize("kind", ["correction", "nomination", "complaint"])
    def test_what_needs_words_needs_words(self, member, kind):
        with pytest.raises(RequestUnclear):
            ask(member, kind, " ")
        assert selectors.words_of(ask(member, kind, "Ravi, my brother")) == "Ravi, my brother"

    def test_words_are_encrypted_and_bound_to_their_row(self, member):
        one, other = ask(member, words="Ravi, my brother"), ask(member, words="something else")
        assert b"Ravi" not in bytes(one.words_sealed)
        other.words_sealed = one.words_sealed
        with pytest.raises(Exception, match="words"):
            selectors.words_of(other)

    def test_an_erasure_is_asked_for_once_at_a_time(self, member):
        ask(member, "erasure")
        with pytest.raises(ErasureAsked):
            ask(member, "erasure")
        services.take_back_erasure(actor=as_member(member), member_id=member.pk)
        assert ask(member, "erasure").state == "open"

    def test_members_file_for_themselves_only(self, member):
        other = make.make_member("A1")
        with pytest.raises(MemberNotFound):
            ask(member, actor=as_member(other))

    def test_an_officer_enters_what_they_were_told_in_their_own_branch(self, member, officer):
        assert ask(member, actor=officer).filed_by_id == officer.id
        with pytest.raises(MemberNotFound):
            ask(make.make_member("B1"), actor=officer)
        with pytest.raises(MemberNotFound):
            ask(member, actor=make.make_actor({"members.view": "IN"}))

    def test_there_are_no_other_kinds(self, member):
        with pytest.raises(ValueError, match="revenge"):
            ask(member, "revenge")


class TestHandling:
    def test_the_answer_reaches_the_member(self, member, officer):
        request = ask(member)
        services.answer_request(actor=officer, request_id=request.pk, answer="We have corrected it.")
        (shown,) = selectors.requests_of(member.pk)
        assert (shown.state, selectors.answer_of(shown), shown.closed_by_id) == (
            "done", "We have corrected it.", officer.id,
        )  # fmt: skip

    def test_no_request_is_closed_without_words(self, member, officer):
        request = ask(member)
        for act in (
            lambda: services.answer_request(actor=officer, request_id=request.pk, answer=" "),
            lambda: services.refuse_request(actor=officer, request_id=request.pk, reason=""),
        ):
            with pytest.raises(AnswerMissing):
                act()

    def test_a_closed_request_stays_closed(self, member, officer):
        request = ask(member)
        services.refuse_request(actor=officer, request_id=request.pk, reason="It is right as it is.")
        with pytest.raises(RequestClosed):
            services.answer_request(actor=officer, request_id=request.pk, answer="Or not.")

    @pytest.mark.parametrize("place", ["B1", "070"])
    def test_another_branch_does_not_exist_for_the_officer(self, member, place):
        request, stranger = ask(member), make.make_actor({HANDLE: place})
        for act in (
            lambda: services.answer_request(actor=stranger, request_id=request.pk, answer="Done."),
            lambda: services.refuse_request(actor=stranger, request_id=request.pk, reason="No."),
            lambda: services.confirm_erasure(actor=stranger, request_id=request.pk),
        ):
            with pytest.raises(RequestNotFound):
                act()
        assert selectors.inbox(scope_for(stranger, HANDLE)) == []

    def test_a_correction_moves_the_member_within_the_officers_branch(self, member, officer):
        make.make_territory("IN/UP/07/A2")
        request = ask(member, "correction", "I live in A2")
        with pytest.raises(TerritoryNotFound):
            services.answer_request(actor=officer, request_id=request.pk, answer="Moved.", move_to="B1")
        services.answer_request(actor=officer, request_id=request.pk, answer="Moved.", move_to="a2")
        assert Member.objects.get(pk=member.pk).territory.code == "A2"

    def test_every_step_is_in_the_audit_trail_without_words(self, member, officer):
        request = ask(member)
        services.answer_request(actor=officer, request_id=request.pk, answer="We have corrected it.")
        entries = AuditEntry.objects.filter(target=f"request:{request.pk}")
        assert [entry.action for entry in entries.order_by("pk")] == ["rights.file", "rights.answer"]
        assert {str(entry.details) for entry in entries} == {"{'kind': 'complaint'}"}


class TestErasing:
    def test_it_can_be_taken_back_for_three_days_and_only_then_be_carried_out(self, member, officer):
        request = ask(member, "erasure")
        with pytest.raises(ErasureTooEarly):
            services.confirm_erasure(actor=officer, request_id=request.pk)
        with later(COOLING.days):
            services.confirm_erasure(actor=officer, request_id=request.pk)
            services.carry_out(request_id=request.pk)
        request.refresh_from_db()
        assert (request.state, request.closed_by_id, request.counts["members.numbers"]) == ("done", officer.id, 1)
        assert Member.objects.get(pk=member.pk).name == "—"

    def test_what_was_taken_back_is_not_carried_out(self, member, officer):
        request = ask(member, "erasure")
        services.take_back_erasure(actor=as_member(member), member_id=member.pk)
        with later(COOLING.days), pytest.raises(RequestClosed):
            services.confirm_erasure(actor=officer, request_id=request.pk)
        services.carry_out(request_id=request.pk)
        assert Member.objects.get(pk=member.pk).name == "Sunita Devi"

    def test_nobody_takes_back_for_another(self, member):
        ask(member, "erasure")
        with pytest.raises(RequestNotFound):
            services.take_back_erasure(actor=as_member(make.make_member("A1")), member_id=member.pk)

    def test_what_nobody_decides_on_is_carried_out_before_it_is_due(self, member):
        request = ask(member, "erasure")
        with later(22):
            assert services.carry_out_undecided() == 0
        with later(24):
            assert services.carry_out_undecided() == 1
        request.refresh_from_db()
        assert request.state == "confirmed"

    def test_an_answer_does_not_pass_for_an_erasure_nor_an_erasure_for_an_answer(self, member, officer):
        erasure, complaint = ask(member, "erasure"), ask(member)
        with pytest.raises(OnlyErasure):
            services.answer_request(actor=officer, request_id=erasure.pk, answer="Done, believe me.")
        with pytest.raises(NotAnErasure):
            services.confirm_erasure(actor=officer, request_id=complaint.pk)

    def test_words_and_answers_go_and_the_proof_stays(self, member, officer):
        complaint = ask(member, words="Ravi did it")
        services.answer_request(actor=officer, request_id=complaint.pk, answer="We asked Ravi.")
        services.erase_member(actor=SYSTEM, member_id=member.pk, because="test")
        complaint.refresh_from_db()
        assert (selectors.words_of(complaint), selectors.answer_of(complaint), complaint.state) == ("", "", "done")


class TestCorrecting:
    def test_name_and_language_change_at_once(self, member):
        actor = as_member(member)
        members.correct_member(actor=actor, member_id=member.pk, name="  Sunita   Kumari ", language="en")
        member.refresh_from_db()
        assert (member.name, member.language, member.account.display_name) == ("Sunita Kumari", "en", "Sunita Kumari")

    def test_only_ones_own_and_only_to_a_name(self, member):
        with pytest.raises(MemberNotFound):
            members.correct_member(
                actor=as_member(make.make_member("A1")), member_id=member.pk, name="Ravi", language="hi"
            )
        with pytest.raises(NameInvalid):
            members.correct_member(actor=as_member(member), member_id=member.pk, name="123", language="hi")


class TestCopy:
    def test_it_holds_everything_in_readable_words(self, member):
        members.set_consent(member_id=member.pk, purpose="content", given=True, language="hi", evidence={"page": "p"})
        ask(member, "nomination", "Ravi, my brother")
        copy = services.copy_of(actor=as_member(member), member_id=member.pk)
        text = str([section.rows for section in copy.sections])
        for word in ("Sunita Devi", make_phone_of(member), "Ravi, my brother", "daily material", "yes"):
            assert word in text
        assert copy.data["members.numbers"] == [{"number": make_phone_of(member)}]

    def test_it_is_for_the_person_and_for_the_officer_of_their_branch(self, member, officer):
        services.copy_of(actor=officer, member_id=member.pk)
        for actor in (as_member(make.make_member("A1")), make.make_actor({HANDLE: "070"})):
            with pytest.raises(MemberNotFound):
                services.copy_of(actor=actor, member_id=member.pk)

    def test_the_making_of_it_is_recorded(self, member):
        services.copy_of(actor=as_member(member), member_id=member.pk)
        assert AuditEntry.objects.filter(action="rights.copy", target=f"member:{member.pk}").exists()


def make_phone_of(member):
    from toli.members.selectors import plain_phones

    return plain_phones([member.pk])[member.pk]


def test_every_kind_can_be_chosen():
    assert {kind for kind, _label in selectors.kinds()} == set(Kind)
