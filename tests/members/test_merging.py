"""Entries of one person: proposed with reasons, joined, and made two again as they were."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.cards.services import issue_cards
from toli.core.events import deliver
from toli.members import selectors, services
from toli.members.domain.duplicates import MOST, Entry, Reason, likely_pairs, who_stays
from toli.members.errors import MemberNotFound, MergeImpossible, MergeNotFound, MergeTooOld, PairNotFound
from toli.members.models import ConsentRecord, ContactPoint, LikelyPair, Member, Merge
from toli.members.services import find_pairs, merge_members, say_two_people, set_consent, undo_merge
from toli.sharing.selectors import effect_of
from toli.sharing.services import record_conversion, report_shared, share_link

FIRST, SECOND = "+910123450001", "+910123450002"

ENTRIES = st.tuples(st.integers(1, 99), st.booleans())  # id, confirmed


def entry(number, **fields):
    return Entry(
        **{"member_id": number, "name": "Sunita Devi", "keys": "divi sunit", "territory_id": 1, "phone": "", **fields}
    )


class TestRules:
    def test_each_pair_tells_why(self):
        block = [
            entry(2, name="सुनीता देवी", phone=FIRST),
            entry(1, phone=SECOND),
        ]
        (pair,) = likely_pairs(block)
        assert (pair.first, pair.second) == (1, 2)
        assert pair.reasons == (Reason.ONE_DIGIT, Reason.SAME_PLACE, Reason.TWO_SCRIPTS)

    @pytest.mark.parametrize(
        ("other", "likely"),
        [
            ({}, True),
            ({"territory_id": 2}, False),
            ({"territory_id": 2, "phone": "+910123450010"}, True),  # two digits changed places
            ({"territory_id": 2, "phone": "+910123459910"}, False),
        ],
    )
    def test_a_name_of_two_words_needs_the_place_or_the_number(self, other, likely):
        assert bool(list(likely_pairs([entry(1, phone=FIRST), entry(2, **other)]))) is likely

    def test_a_name_of_one_word_is_not_enough(self):
        assert list(likely_pairs([entry(1, keys="sunit"), entry(2, keys="sunit")])) == []

    def test_a_frequent_name_says_nothing(self):
        assert list(likely_pairs([entry(number) for number in range(MOST + 1)])) == []

    @given(
        two=st.lists(st.tuples(st.integers(1, 99), st.booleans()), min_size=2, max_size=2, unique_by=lambda one: one[0])
    )
    def test_who_confirmed_stays_whatever_the_order(self, two):
        stays = who_stays(*two)
        assert stays == who_stays(*two[::-1])
        assert dict(two)[stays] or not any(confirmed for _id, confirmed in two)


@pytest.fixture
def actor(country):
    return make.make_actor({"members.merge": "07"})


@pytest.fixture
def two(country):
    """The older entry, from a list, and a newer one that was confirmed."""
    old = make.make_member("A1", name="सुनीता देवी", phone=FIRST)
    new = make.make_member("A1", name="Sunita Devi", phone=SECOND, source="join")
    issue_cards(actor=SYSTEM, member_ids=[old.pk, new.pk])
    return old, new


def everything():
    """All rows of members that merging may touch, without when they were touched and the history of it."""
    members = Member.objects.order_by("pk").values(
        "pk", "name", "territory", "state", "grade", "member_until", "merged_into"
    )
    points = ContactPoint.objects.order_by("pk").values("pk", "member", "value_index", "ordinal")
    return list(members), [{**point, "value_index": bytes(point["value_index"])} for point in points]


class TestMerging:
    def test_the_confirmed_entry_stays_and_is_found_by_both_numbers(self, actor, two):
        old, new = two
        merge = merge_members(actor=actor, first_id=old.pk, second_id=new.pk)
        assert (merge.survivor, merge.merged) == (new, old)
        assert selectors.find_by_phone(FIRST) == selectors.find_by_phone(SECOND) == new
        assert selectors.find_all_by_phone(FIRST) == [new]
        entry = AuditEntry.objects.get(action="members.merge")
        assert "0123" not in str(entry.details)

    def test_undone_the_old_card_counts_again_unless_it_says_what_is_no_longer_true(self, actor, two):
        for says_the_truth in (True, False):
            number = two[0].cards.get(revoked_at__isnull=True).number
            merge = merge_members(actor=actor, first_id=two[0].pk, second_id=two[1].pk)
            deliver()
            if not says_the_truth:
                Member.objects.filter(pk=two[0].pk).update(grade="active")
            undo_merge(actor=actor, merge_id=merge.pk)
            deliver()
            assert (two[0].cards.get(revoked_at__isnull=True).number == number) is says_the_truth

    def test_what_the_other_entry_shared_counts_for_the_one_that_stays_until_it_is_undone(self, actor, two):
        old, new = two
        kit = make.make_kit("IN")
        for member in two:
            report_shared(member_id=member.pk, kit_id=kit.pk, channel="whatsapp")
        came = make.make_member("A1")
        record_conversion(member_id=came.pk, code=share_link(member_id=old.pk, kit_id=kit.pk, channel="whatsapp").code)
        merge = merge_members(actor=actor, first_id=old.pk, second_id=new.pk)
        assert (effect_of(new.pk).shared, effect_of(new.pk).joined) == (2, 1)
        undo_merge(actor=actor, merge_id=merge.pk)
        assert (effect_of(new.pk).shared, effect_of(new.pk).joined) == (1, 0)
        assert (effect_of(old.pk).shared, effect_of(old.pk).joined) == (1, 1)

    def test_the_other_card_ends_and_the_own_stays(self, actor, two):
        old, new = two
        merge_members(actor=actor, first_id=old.pk, second_id=new.pk)
        deliver()
        assert old.cards.get().revoked_because == "merged"
        assert new.cards.get().revoked_at is None

    def test_undone_all_is_as_before(self, actor, two):
        before = everything()
        merge = merge_members(actor=actor, first_id=two[0].pk, second_id=two[1].pk)
        assert everything() != before
        undo_merge(actor=actor, merge_id=merge.pk)
        deliver()
        assert everything() == before
        assert two[0].cards.filter(revoked_at__isnull=True).count() == 1
        assert find_pairs().found == 0  # they were told apart
        assert merge_members(actor=actor, first_id=two[0].pk, second_id=two[1].pk).pk != merge.pk

    def test_with_dry_run_nothing_is_written(self, two):
        before = everything()
        merge_members(actor=SYSTEM, first_id=two[0].pk, second_id=two[1].pk, dry_run=True)
        assert everything() == before
        assert not Merge.objects.exists()

    def test_only_within_the_area_and_only_two_who_are_there(self, actor, two):
        far = make.make_member("B1")
        neighbour = make.make_actor({"members.merge": "070"})
        for first, second in ((two[0], far), (far, two[1])):
            for who in (actor, neighbour):
                with pytest.raises(MemberNotFound):
                    merge_members(actor=who, first_id=first.pk, second_id=second.pk)
        with pytest.raises(MergeImpossible):
            merge_members(actor=actor, first_id=far.pk, second_id=far.pk)
        merge = merge_members(actor=actor, first_id=two[0].pk, second_id=two[1].pk)
        with pytest.raises(MemberNotFound):
            merge_members(actor=actor, first_id=two[0].pk, second_id=two[1].pk)
        with pytest.raises(MergeNotFound):
            undo_merge(actor=neighbour, merge_id=merge.pk)

    def test_after_thirty_days_it_stands(self, actor, two):
        merge = merge_members(actor=actor, first_id=two[0].pk, second_id=two[1].pk)
        Merge.objects.update(done_at=timezone.now() - timedelta(days=31))
        with pytest.raises(MergeTooOld):
            undo_merge(actor=actor, merge_id=merge.pk)

    def test_who_was_joined_twice_in_a_row_is_found(self, actor, two):
        third = make.make_member("A1", name="Suneeta Devi", account=make.make_account(kind="member"), source="join")
        Member.objects.filter(pk=two[1].pk).update(source="import")
        merge_members(actor=actor, first_id=two[0].pk, second_id=two[1].pk)
        merge_members(actor=actor, first_id=two[0].pk, second_id=third.pk)
        assert selectors.find_by_phone(SECOND) == third

    def test_erasing_takes_all_entries_of_the_person(self, actor, two):
        from toli.rights.services import erase_member

        old, new = two
        merge_members(actor=actor, first_id=old.pk, second_id=new.pk)
        erase_member(actor=SYSTEM, member_id=new.pk, because="request")
        assert set(Member.objects.values_list("state", flat=True)) == {"erased"}
        assert not ContactPoint.objects.exists()
        assert not LikelyPair.objects.exists()


class TestConsents:
    def say(self, member, given):
        set_consent(member_id=member.pk, purpose="content", given=given, language="hi", evidence={}, channels=["sms"])

    @pytest.mark.parametrize("words", [(True, False), (False, True)])
    @pytest.mark.parametrize("later", [0, 1])
    def test_the_later_word_holds_and_undoing_gives_the_own_back(self, actor, two, words, later):
        for place in (1 - later, later):
            self.say(two[place], words[place])
        pair, (_old, new) = ("content", "sms"), two
        merge = merge_members(actor=actor, first_id=two[0].pk, second_id=two[1].pk)
        assert selectors.words(new.pk)[pair] is words[later]
        undo_merge(actor=actor, merge_id=merge.pk)
        assert selectors.words(new.pk)[pair] is words[1]

    def test_a_no_is_never_lost_to_silence_or_to_a_yes_of_the_same_moment(self, actor, two):
        (old, new), at = two, timezone.now()
        for member, word in ((old, False), (new, True)):
            ConsentRecord.objects.create(
                member=member, purpose="content", channel="sms", given=word, notice_version="1", language="hi", at=at
            )
        merge_members(actor=actor, first_id=old.pk, second_id=new.pk)
        assert selectors.words(new.pk)["content", "sms"] is False

    def test_what_was_said_since_stays(self, actor, two):
        old, new = two
        self.say(new, True)
        self.say(old, False)
        merge = merge_members(actor=actor, first_id=old.pk, second_id=new.pk)
        self.say(new, False)
        undo_merge(actor=actor, merge_id=merge.pk)
        assert selectors.words(new.pk)["content", "sms"] is False


class TestProposing:
    def test_pairs_of_an_area_wait_until_somebody_decides(self, actor, two):
        make.make_member("A1", name="Mohan Lal")
        assert find_pairs().found == 1
        assert find_pairs().found == 0
        (pair,) = services.look_at_pairs(actor=actor)
        assert pair.reasons == ["one_digit", "same_place", "two_scripts"]
        neighbour = make.make_actor({"members.merge": "070"})
        assert services.look_at_pairs(actor=neighbour) == []
        with pytest.raises(PairNotFound):
            say_two_people(actor=neighbour, pair_id=pair.pk)
        say_two_people(actor=actor, pair_id=pair.pk)
        assert services.look_at_pairs(actor=actor) == []
        assert find_pairs().found == 0

    def test_a_pair_across_the_border_of_an_area_is_seen_by_who_sees_both(self, country):
        one, other = make.make_member("A1", phone=FIRST), make.make_member("A2", phone=SECOND)
        find_pairs()
        assert services.look_at_pairs(actor=make.make_actor({"members.merge": "A1"})) == []
        (pair,) = services.look_at_pairs(actor=make.make_actor({"members.merge": "07"}))
        assert (pair.first, pair.second) == (one, other)

    def test_names_too_frequent_are_counted_and_left_out(self, country):
        for _ in range(MOST + 1):
            make.make_member("A1", name="Ram Kumar")
        report = find_pairs()
        assert (report.skipped, report.found) == (1, 0)
