"""Whoever looks at a full number says why, is counted, and is named to the member."""

from datetime import timedelta

import pytest
import time_machine

from tests import factories as make
from tests.together import at_once
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.core import clock
from toli.core.errors import Forbidden
from toli.members import selectors, services
from toli.members.errors import MemberNotFound, PhoneMissing, RevealReasonMissing, TooManyReveals
from toli.members.models import MemberState, Reveal

PHONE = "+910000012345"
WHY = {"reason": "call_back", "note": "asked to be called at noon"}


def reveal(actor, member, **changes):
    return services.reveal_phone(actor=actor, member_id=member.pk, **{**WHY, **changes})


@pytest.mark.usefixtures("country")
class TestReveal:
    def test_the_number_is_told_and_the_look_is_written_down(self):
        member = make.make_member("A1", phone=PHONE)
        actor = make.make_actor({"members.reveal": "07"})
        assert reveal(actor, member) == PHONE
        seen = Reveal.objects.get()
        assert (seen.account_id, seen.member, seen.reason, seen.note) == (actor.id, member, *WHY.values())
        assert seen.role.code == "only-members.reveal"
        entry = AuditEntry.objects.get(action="members.reveal")
        assert (entry.actor_id, entry.target, entry.details) == (
            actor.id,
            f"member:{member.pk}",
            {"reason": "call_back"},
        )
        assert selectors.reveals_of(member) == [seen]

    @pytest.mark.parametrize("code", ["070", "B1", "A2"])
    def test_a_neighbour_and_a_twin_of_the_prefix_find_nobody(self, code):
        member = make.make_member("A1")
        with pytest.raises(MemberNotFound):
            reveal(make.make_actor({"members.reveal": code, "members.view": "IN"}), member)
        assert not Reveal.objects.exists()

    def test_whoever_moved_is_not_found_from_the_old_place(self, country):
        member = make.make_member("A1")
        actor = make.make_actor({"members.reveal": "07"})
        reveal(actor, member)
        member.territory = country["B1"]
        member.save()
        with pytest.raises(MemberNotFound):
            reveal(actor, member)

    def test_whoever_left_is_not_found(self):
        member = make.make_member("A1", state=MemberState.LEFT)
        with pytest.raises(MemberNotFound):
            reveal(make.make_actor({"members.reveal": "07"}), member)

    def test_only_people_look(self):
        with pytest.raises(Forbidden):
            reveal(SYSTEM, make.make_member("A1"))

    @pytest.mark.parametrize(
        "changes", [{"reason": ""}, {"reason": "curious"}, {"note": ""}, {"note": " a    b "}, {"note": "x" * 201}]
    )
    def test_a_reason_is_needed(self, changes):
        member = make.make_member("A1")
        with pytest.raises(RevealReasonMissing):
            reveal(make.make_actor({"members.reveal": "07"}), member, **changes)
        assert not Reveal.objects.exists()

    def test_a_member_without_a_number_costs_nothing(self):
        member = make.make_member("A1")
        member.contact_points.all().delete()
        with pytest.raises(PhoneMissing):
            reveal(make.make_actor({"members.reveal": "07"}), member)
        assert not Reveal.objects.exists()

    def test_a_day_has_so_many_looks_and_no_more(self, settings):
        settings.TOLI_REVEALS_PER_DAY = 3
        member = make.make_member("A1")
        actor, colleague = (make.make_actor({"members.reveal": "07"}) for _ in range(2))
        for left in (2, 1, 0):
            reveal(actor, member)
            assert services.reveals_left(actor.id) == left
        with pytest.raises(TooManyReveals):
            reveal(actor, member)
        assert reveal(colleague, member)
        with time_machine.travel(clock.now() + timedelta(hours=23, minutes=59)), pytest.raises(TooManyReveals):
            reveal(actor, member)
        with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)):
            assert reveal(actor, member)


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_when_all_ask_at_once(settings):
    settings.TOLI_REVEALS_PER_DAY = 5
    make.make_territories("IN/UP/07/A1")
    member = make.make_member("A1", phone=PHONE)
    actor = make.make_actor({"members.reveal": "07"})
    answers = at_once(*[lambda: reveal(actor, member)] * 12)
    assert answers.count(PHONE) == 5
    assert sum(isinstance(answer, TooManyReveals) for answer in answers) == 7
    assert Reveal.objects.count() == 5


@pytest.mark.usefixtures("country")
class TestLooking:
    def test_pages_and_members_looked_at_are_written_down(self, country):
        member = make.make_member("A1")
        actor = make.make_actor({"members.view": "07"})
        assert services.look_at_list(actor=actor, territory=country["07"]) == [member]
        assert services.look_at_member(actor=actor, member_id=member.pk) == member
        actions = AuditEntry.objects.filter(actor_id=actor.id).values_list("action", "target")
        assert list(actions) == [("members.list", "territory:07"), ("members.view", f"member:{member.pk}")]

    def test_a_search_finds_the_whole_family_inside_the_area_only(self):
        family = [make.make_member("A1", phone=PHONE)]
        actor, neighbour = (make.make_actor({"members.view": code}) for code in ("07", "070"))
        for words in (PHONE, "00000 12345", "०००००१२३४५"):
            assert services.search_members(actor=actor, text=words) == family
        assert services.search_members(actor=neighbour, text=PHONE) == []
        assert services.search_members(actor=actor, text="Meena") == []

    def test_no_number_is_kept_of_a_search(self):
        actor = make.make_actor({"members.view": "07"})
        services.search_members(actor=actor, text=PHONE)
        entry = AuditEntry.objects.get(action="members.search")
        assert "12345" not in f"{entry.target}{entry.details}"
