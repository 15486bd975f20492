"""Who is seen by whom, and who may be written to for what."""

from datetime import timedelta

import pytest

from tests.factories import make_actor, make_member, make_phone
from toli.access.domain.scope import EVERYWHERE, NOWHERE
from toli.access.policies import scope_for
from toli.core import append_only, clock
from toli.core.crypto import CannotDecrypt
from toli.members import selectors
from toli.members.domain.purposes import Channel
from toli.members.errors import MemberNotFound
from toli.members.models import ConsentRecord, Member, MemberState
from toli.members.selectors import addresses
from toli.members.services import set_consent

pytestmark = pytest.mark.usefixtures("country")


def seen_from(code, permission="members.view"):
    return scope_for(make_actor({permission: code}), permission)


def agree(member, given, purpose="content"):
    set_consent(member_id=member.pk, purpose=purpose, given=given, language="hi", evidence={})


def reached(scope=EVERYWHERE, *, purpose="content", channel="sms", members=None):
    ids = None if members is None else [member.pk for member in members]
    return list(selectors.reachable_points(scope, purpose=purpose, channel=channel, member_ids=ids))


class TestScope:
    def test_a_member_is_seen_from_every_place_above(self):
        member = make_member("A1")
        for code in ("A1", "07", "UP", "IN"):
            assert selectors.get_member(seen_from(code), member.pk) == member

    @pytest.mark.parametrize("code", ["070", "B1", "A2"])
    def test_a_neighbour_and_a_twin_of_the_prefix_see_nobody(self, code):
        member = make_member("A1")
        with pytest.raises(MemberNotFound):
            selectors.get_member(seen_from(code), member.pk)
        assert selectors.members_page(seen_from(code)) == []

    def test_without_the_permission_nobody_is_seen(self):
        member = make_member("A1")
        for scope in (NOWHERE, scope_for(make_actor({"kits.view": "IN"}), "members.view")):
            with pytest.raises(MemberNotFound):
                selectors.get_member(scope, member.pk)
            assert reached(scope, purpose="membership") == []

    def test_whoever_moves_is_seen_from_their_new_place_only(self, country):
        member = make_member("A1")
        old, new = seen_from("07"), seen_from("070")
        member.territory = country["B1"]
        member.save()
        assert selectors.get_member(new, member.pk) == member
        with pytest.raises(MemberNotFound):
            selectors.get_member(old, member.pk)


class TestPages:
    def test_pages_follow_one_another_without_gaps_and_doubles(self):
        members = [make_member(("A1", "A2", "B1")[index % 3]) for index in range(11)]
        seen, after = [], 0
        while page := selectors.members_page(EVERYWHERE, after=after, limit=4):
            seen += page
            after = page[-1].pk
        assert seen == members

    def test_a_page_holds_the_branch_within_the_scope(self, country):
        inside = [make_member("A1"), make_member("A2")]
        twin = make_member("B1")
        assert selectors.members_page(EVERYWHERE, territory=country["07"]) == inside
        assert selectors.members_page(EVERYWHERE, territory=country["UP"]) == [*inside, twin]
        assert selectors.members_page(seen_from("07"), territory=country["UP"]) == inside
        assert selectors.members_page(seen_from("07"), territory=country["070"]) == []

    def test_those_who_left_are_not_listed(self):
        make_member("A1", state=MemberState.LEFT)
        assert selectors.members_page(EVERYWHERE) == []


class TestNumbers:
    def test_a_screen_shows_five_digits(self):
        member = make_member("A1", phone="+910123456789")
        assert selectors.masked_phone(member) == "+91 01••• ••789"
        member.contact_points.all().delete()
        assert selectors.masked_phone(member) == ""

    def test_a_number_finds_the_active_member_who_had_it_first(self):
        phone = make_phone(401)
        gone = make_member("A1", phone=phone, state=MemberState.LEFT)
        second, third = make_member("A1"), make_member("A1")
        for ordinal, member in ((1, second), (2, third)):
            member.contact_points.update(value_index=gone.contact_points.get().value_index, ordinal=ordinal)
        assert selectors.find_by_phone(phone) == second
        assert selectors.find_by_phone(make_phone(999)) is None

    def test_a_sealed_number_moved_to_another_row_is_not_given_out(self):
        one, other = make_member("A1"), make_member("A1")
        other.contact_points.update(value_sealed=one.contact_points.get().value_sealed)
        with pytest.raises(CannotDecrypt):
            reached(purpose="membership", members=[other])


class TestReach:
    def test_about_the_membership_every_active_member_is_reached(self):
        member = make_member("A1", phone="+910000000777")
        make_member("A1", state=MemberState.LEFT)
        assert reached(purpose="membership") == [(member.pk, "+910000000777")]

    def test_content_reaches_only_those_who_agreed_to_it(self):
        yes, no, never = (make_member("A1") for _ in range(3))
        agree(yes, True)
        agree(no, False)
        agree(never, True, purpose="membership")
        assert [member_id for member_id, _phone in reached()] == [yes.pk]

    def test_a_withdrawal_counts_at_once_and_can_be_taken_back(self):
        member = make_member("A1")
        for given in (True, False, True, False):
            agree(member, given)
            assert bool(reached()) is given

    def test_of_two_words_at_one_moment_the_later_row_counts(self):
        member = make_member("A1")
        agree(member, True)
        agree(member, False)
        with append_only.opened("the test turns the clock"):
            ConsentRecord.objects.update(at=clock.now())
        assert reached() == []

    def test_an_old_yes_does_not_outlive_a_newer_no(self):
        member = make_member("A1")
        agree(member, False)
        agree(member, True)
        with append_only.opened("the test turns the clock"):
            ConsentRecord.objects.filter(given=True).update(at=clock.now() - timedelta(days=9))
        assert reached() == []

    def test_only_members_of_the_scope_and_of_those_asked_for_are_reached(self):
        inside, other, twin = make_member("A1"), make_member("A2"), make_member("B1")
        found = reached(seen_from("07"), purpose="membership", members=[inside, twin])
        assert [member_id for member_id, _phone in found] == [inside.pk]
        assert reached(purpose="membership", members=[]) == []
        assert len(reached(purpose="membership")) == len([inside, other, twin])


class TestAddresses:
    """Whoever keeps another kind of address is asked for it, under the same rules of consent."""

    @pytest.fixture
    def book(self, monkeypatch):
        class Accounts:
            def holders(self):
                return Member.objects.filter(pk__in=self.known).values("pk")

            def addresses(self, member_ids, *, few):
                for member in Member.objects.filter(pk__in=member_ids).filter(pk__in=self.known):
                    yield member.pk, f"@{member.pk}"

        monkeypatch.setattr(addresses, "_books", {})
        book = Accounts()
        selectors.keep_addresses(Channel.TELEGRAM, book)
        return book

    def test_it_is_asked_for_its_channel_only(self, book):
        known, other = make_member("A1"), make_member("A1")
        book.known = [known.pk]
        found = reached(purpose="membership", channel="telegram", members=[known, other])
        assert found == [(known.pk, f"@{known.pk}")]
        assert len(reached(purpose="membership", channel="sms", members=[known, other])) == 2
        counts = selectors.reachable_counts(list(seen_from("IN").paths), purpose="membership", channel="telegram")
        assert list(counts.values()) == [1]

    def test_a_no_holds_for_it(self, book):
        member = make_member("A1")
        book.known = [member.pk]
        set_consent(
            member_id=member.pk, purpose="membership", given=False, language="hi", evidence={}, channels=["telegram"]
        )
        assert reached(purpose="membership", channel="telegram") == []
