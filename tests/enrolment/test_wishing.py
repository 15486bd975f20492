"""A member asks for another place or the active class; somebody of the place where it is decided answers."""

import pytest

from tests.factories import make_actor, make_member
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.selectors import actor_for
from toli.audit.models import AuditEntry
from toli.dues.domain.offers import Terms
from toli.dues.errors import NotOffered, TooEarlyToPromote
from toli.dues.models import Due
from toli.dues.services import set_offer
from toli.enrolment import selectors
from toli.enrolment.errors import (
    LivesThere,
    PlaceTooLarge,
    WishDecided,
    WishNoteMissing,
    WishNotFound,
    WishOpen,
)
from toli.enrolment.models import Wish, WishState
from toli.enrolment.services import wishing
from toli.members.errors import MemberNotFound
from toli.members.models import Member, MemberState, PastMembership
from toli.members.services import open_account
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def sunita(country):
    return make_member("A1", name="Sunita Devi", member_from="2025-01-01")


@pytest.fixture
def herself(sunita):
    actor = actor_for(open_account(member_id=sunita.pk))
    sunita.refresh_from_db()
    return actor


@pytest.fixture
def here(country):
    return make_actor({"work.do": "07"})


@pytest.fixture
def there(country):
    return make_actor({"work.do": "070"})


def reloaded(member):
    return Member.objects.get(pk=member.pk)


class TestTransfer:
    def test_is_accepted_where_the_member_goes_to_and_the_history_keeps_the_old_place(self, sunita, herself, there):
        wish = wishing.ask_transfer(actor=herself, territory_code="B1")
        assert [one.member.name for one in wishing.wishes_to_answer(actor=there)] == ["Sunita Devi"]
        wishing.accept_wish(actor=there, wish_id=wish.pk, note="welcome")
        assert reloaded(sunita).territory.code == "B1"
        past = PastMembership.objects.get()
        assert (past.territory.code, past.reason) == ("A1", "transfer")
        (own,) = selectors.wishes_of(sunita.pk)
        assert (own.state, own.note, own.decided_by_id) == (WishState.ACCEPTED, "welcome", there.id)
        for action in ("members.move", "members.arrive", "enrolment.accept_wish"):
            assert AuditEntry.objects.filter(action=action).exists()

    def test_is_not_answered_by_those_of_the_old_place(self, herself, here):
        wish = wishing.ask_transfer(actor=herself, territory_code="B1")
        assert wishing.wishes_to_answer(actor=here) == []
        for answer in (wishing.accept_wish, wishing.refuse_wish):
            with pytest.raises(WishNotFound):
                answer(actor=here, wish_id=wish.pk, note="not here")

    def test_refused_with_a_note_everything_stays(self, sunita, herself, there):
        wish = wishing.ask_transfer(actor=herself, territory_code="B1")
        with pytest.raises(WishNoteMissing):
            wishing.refuse_wish(actor=there, wish_id=wish.pk, note=" no ")
        wishing.refuse_wish(actor=there, wish_id=wish.pk, note="nobody knows you there")
        assert reloaded(sunita).territory.code == "A1"
        with pytest.raises(WishDecided):
            wishing.accept_wish(actor=there, wish_id=wish.pk)

    def test_is_asked_for_once_and_can_be_taken_back(self, herself, there):
        wish = wishing.ask_transfer(actor=herself, territory_code="B1")
        with pytest.raises(WishOpen):
            wishing.ask_transfer(actor=herself, territory_code="B1")
        wishing.take_back_wish(actor=herself, wish_id=wish.pk)
        assert wishing.wishes_to_answer(actor=there) == []
        assert wishing.ask_transfer(actor=herself, territory_code="B1").state == WishState.OPEN

    def test_nobody_takes_back_what_another_asked_for(self, herself, country):
        wish = wishing.ask_transfer(actor=herself, territory_code="B1")
        other = actor_for(open_account(member_id=make_member("A1").pk))
        with pytest.raises(WishNotFound):
            wishing.take_back_wish(actor=other, wish_id=wish.pk)

    @pytest.mark.parametrize(
        "code, refusal", [("A1", LivesThere), ("070", PlaceTooLarge), ("nowhere", TerritoryNotFound)]
    )
    def test_needs_another_place_where_people_live(self, herself, code, refusal):
        with pytest.raises(refusal):
            wishing.ask_transfer(actor=herself, territory_code=code)

    def test_who_has_left_meanwhile_is_carried_nowhere(self, sunita, herself, there):
        wish = wishing.ask_transfer(actor=herself, territory_code="B1")
        Member.objects.filter(pk=sunita.pk).update(state=MemberState.LEFT)
        assert wishing.wishes_to_answer(actor=there) == []
        with pytest.raises(MemberNotFound):
            wishing.accept_wish(actor=there, wish_id=wish.pk)


class TestAtTheDesk:
    def test_within_ones_area_it_holds_at_once(self, sunita, country):
        both = make_actor({"work.do": "UP"})
        assert wishing.transfer_at_desk(actor=both, member_id=sunita.pk, territory_code="B1") is None
        assert reloaded(sunita).territory.code == "B1"

    def test_elsewhere_those_of_the_new_place_are_asked(self, sunita, here, there):
        wish = wishing.transfer_at_desk(actor=here, member_id=sunita.pk, territory_code="B1")
        assert reloaded(sunita).territory.code == "A1"
        wishing.accept_wish(actor=there, wish_id=wish.pk)
        assert reloaded(sunita).territory.code == "B1"

    def test_a_neighbour_carries_nobody_over(self, sunita, there):
        with pytest.raises(MemberNotFound):
            wishing.transfer_at_desk(actor=there, member_id=sunita.pk, territory_code="B1")


class TestPromotion:
    @pytest.fixture
    def offered(self, sunita):
        return set_offer(actor=SYSTEM, drive_code=sunita.drive.code, terms=Terms("active", 12, 0, least_months=6))

    def test_is_decided_by_those_of_the_place(self, sunita, herself, here, there, offered):
        wish = wishing.ask_promotion(actor=herself)
        with pytest.raises(WishNotFound):
            wishing.accept_wish(actor=there, wish_id=wish.pk)
        wishing.accept_wish(actor=here, wish_id=wish.pk)
        assert reloaded(sunita).grade == "active"

    def test_follows_the_drives_rules_already_when_it_is_asked_for(self, sunita, herself):
        with pytest.raises(NotOffered):
            wishing.ask_promotion(actor=herself)
        set_offer(actor=SYSTEM, drive_code=sunita.drive.code, terms=Terms("active", 12, 0, least_months=240))
        with pytest.raises(TooEarlyToPromote):
            wishing.ask_promotion(actor=herself)

    def test_with_a_fee_it_is_owed_first(self, sunita, herself, here):
        set_offer(actor=SYSTEM, drive_code=sunita.drive.code, terms=Terms("active", 12, 10_000))
        wishing.accept_wish(actor=here, wish_id=wishing.ask_promotion(actor=herself).pk)
        assert (reloaded(sunita).grade, Due.objects.get().kind, Wish.objects.get().state) == (
            "primary", "promotion", "accepted",
        )  # fmt: skip
