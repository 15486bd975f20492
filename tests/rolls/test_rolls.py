"""A roll produced twice for the same territory and day has the same hash, whatever came in between."""

import csv
import hashlib
import io
import json
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import make_actor, make_member, make_territories
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.cards.services import issue_cards, replace_card
from toli.core import clock
from toli.core.errors import Forbidden
from toli.members.models import HistoryReason, Member, MemberGrade, MemberState
from toli.members.services import change_membership, leave_organisation
from toli.rights.services import erase_member
from toli.rolls import selectors, services
from toli.rolls.domain.roll import (
    MARK_LENGTH,
    UNKNOWN,
    Head,
    Line,
    commit,
    compare,
    completed,
    content_hash,
    marks,
)
from toli.rolls.errors import DayNotOver, RollDamaged, RollFileUnreadable, RollNotFound, RollStateWrong, SamePersonRoll
from toli.rolls.models import Roll, RollLine, RollState
from toli.territories.errors import TerritoryNotFound
from toli.territories.models import Territory

START = date(2024, 1, 1)
BRANCHES = ("IN/UP/07/A1", "IN/UP/07/A2", "IN/UP/070/B1")
lines = st.builds(
    Line,
    place=st.sampled_from(["A1", "A2", "B1"]),
    ref=st.text("ABCDEF234567", min_size=16, max_size=16),
    grade=st.sampled_from(["primary", "active"]),
    commitment=st.text("0123456789abcdef", min_size=64, max_size=64),
)


class TestForm:
    @given(st.lists(lines, max_size=6, unique_by=lambda line: line.ref), st.randoms())
    def test_the_order_in_which_lines_come_does_not_matter(self, found, random):
        shuffled = list(found)
        random.shuffle(shuffled)
        head = Head("UP", START)
        assert content_hash(head, found) == content_hash(head, shuffled)

    @given(st.lists(lines, min_size=1, max_size=6, unique_by=lambda line: line.ref))
    def test_whatever_a_line_says_changes_the_hash(self, found):
        head, (first, *rest) = Head("UP", START), found
        for other in (
            Line("ZZ", first.ref, first.grade, first.commitment),
            Line(first.place, first.ref, "other", first.commitment),
            Line(first.place, first.ref, first.grade, "f" * 63 + "g"),
        ):
            assert content_hash(head, [other, *rest]) != content_hash(head, found)
        assert content_hash(head, rest) != content_hash(head, found)

    @pytest.mark.parametrize("other", [Head("UP2", START), Head("UP", date(2024, 1, 2)), Head("UP", START, 2, "ab")])
    def test_another_head_is_another_roll(self, other):
        assert content_hash(Head("UP", START), []) != content_hash(other, [])

    @given(st.lists(lines, max_size=6, unique_by=lambda line: (line.place, line.ref)), st.data())
    def test_the_first_production_completes_the_next(self, stored, data):
        """Who was erased since stays; who is not in the history any more without that is missing."""
        stored = sorted(stored, key=lambda line: (line.place, line.ref))
        erased = data.draw(st.sets(st.sampled_from(stored))) if stored else set()
        gone = data.draw(st.sets(st.sampled_from(stored))) if stored else set()
        found = [(line.place, line.ref, line.grade) for line in stored if line not in erased | gone]
        marks = {line.ref for line in erased}
        assert list(completed(found, stored, marks)) == [
            line for line in stored if line not in gone or line.ref in marks
        ]

    def test_somebody_unknown_to_the_first_production_fits_no_hash(self):
        assert list(completed([("A1", "AA", "primary")], [], frozenset())) == [Line("A1", "AA", "primary", UNKNOWN)]

    def test_a_mark_does_not_depend_on_who_stands_beside(self):
        together = marks([1, 2, 3], b"salt")
        assert together == [marks([pk], b"salt")[0] for pk in (1, 2, 3)]
        assert {len(mark) for mark in together} == {MARK_LENGTH}

    def test_the_canonical_form_is_the_one_that_is_written_down(self):
        text = "toli-roll-1\nterritory=UP\nday=2024-01-01\nversion=1\nprevious=-\nlines=2\n"
        text += "BB|active|A1|22\nAA|primary|A2|11\n"
        found = content_hash(Head("UP", START), [Line("A2", "AA", "primary", "11"), Line("A1", "BB", "active", "22")])
        assert found == hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def house(db, settings, tmp_path):
    settings.RIGHTS_DIR = tmp_path
    settings.EXPORTS_DIR = tmp_path
    make_territories(*BRANCHES)
    return {
        "clerk": make_actor({"members.export": "UP", "members.view": "UP", "exports.approve": "UP"}),
        "officer": make_actor({"exports.approve": "UP", "members.view": "UP"}),
        "neighbour": make_actor({"members.export": "070", "exports.approve": "070", "members.view": "070"}),
    }


def yesterday():
    return clock.today() - timedelta(days=1)


def draw(house, code="07", day=None, who="clerk"):
    return services.draw_roll(actor=house[who], territory_code=code, day=day or yesterday())


@pytest.mark.django_db
class TestDrawing:
    def test_a_roll_holds_who_was_a_member_there_on_the_day(self, house):
        make_member("A1", member_from=START)
        make_member("A2", member_from=START, grade=MemberGrade.ACTIVE)
        make_member("B1", member_from=START)
        make_member("A1", member_from=clock.today())
        make_member("A1", member_from=START, member_until=START)
        roll = draw(house).roll
        assert (roll.members, roll.active_members, roll.state) == (2, 1, RollState.DRAFT)
        assert list(roll.lines.order_by("number").values_list("number", "territory__code")) == [(1, "A1"), (2, "A2")]

    def test_numbers_are_masked_and_particulars_committed_to(self, house):
        member = make_member("A1", member_from=START, phone="+910000001234")
        issue_cards(actor=SYSTEM)
        line = draw(house).roll.lines.get()
        assert "0000001" not in line.masked_number and line.masked_number.endswith("34")
        assert line.commitment == commit(bytes(line.salt), member.name, line.card, line.masked_number)

    def test_the_preview_counts_the_same(self, house):
        make_member("A1", member_from=START, grade=MemberGrade.ACTIVE)
        found = services.preview_roll(actor=house["clerk"], territory_code="07", day=yesterday())
        assert (found.members, found.active_members) == (1, 1)
        assert not Roll.objects.exists()

    def test_no_roll_of_a_day_that_goes_on(self, house):
        with pytest.raises(DayNotOver):
            draw(house, day=clock.today())

    def test_not_by_nobody_and_not_next_door(self, house):
        with pytest.raises(Forbidden):
            services.draw_roll(actor=SYSTEM, territory_code="07", day=yesterday())
        with pytest.raises(TerritoryNotFound):
            draw(house, who="neighbour")
        roll = draw(house).roll
        scope = scope_for(house["neighbour"], "members.view")
        assert selectors.rolls(scope) == []
        with pytest.raises(RollNotFound):
            selectors.get_roll(scope, roll.pk)
        for act in (services.certify_roll, services.publish_roll, services.roll_file):
            with pytest.raises(RollNotFound):
                act(actor=house["neighbour"], roll_id=roll.pk)


@pytest.mark.django_db
class TestSameHash:
    @pytest.mark.parametrize(
        "later",
        [
            lambda member: change_membership(
                member_id=member.pk, reason=HistoryReason.TRANSFER, territory=Territory.objects.get(code="B1")
            ),
            lambda member: change_membership(
                member_id=member.pk, reason=HistoryReason.PROMOTION, grade=MemberGrade.ACTIVE
            ),
            lambda member: leave_organisation(actor=SYSTEM, member_id=member.pk),
            lambda member: erase_member(actor=SYSTEM, member_id=member.pk, because="asked"),
            lambda member: Member.objects.filter(pk=member.pk).update(name="Another Name"),
            lambda member: replace_card(actor=SYSTEM, member_id=member.pk, reason="lost card"),
            lambda member: member.contact_points.all().delete(),
            lambda member: change_membership(
                member_id=member.pk, reason=HistoryReason.CORRECTED, on=START, member_until=START
            ),
        ],
        ids=["moved", "promoted", "left", "erased", "renamed", "new card", "no number", "corrected backwards"],
    )
    def test_after_any_later_change(self, house, later):
        member = make_member("A1", member_from=START, carded=True)
        make_member("A2", member_from=START)
        first = draw(house).roll.content_hash
        later(member)
        again = draw(house)
        assert (again.new, again.same, again.roll.content_hash) == (False, True, first)
        assert services.fits(again.roll)

    def test_what_is_recorded_backwards_is_told_and_not_mixed_in(self, house):
        member = make_member("A1", member_from=START)
        draw(house)
        change_membership(member_id=member.pk, reason=HistoryReason.CORRECTED, on=START, state=MemberState.LEFT)
        again = draw(house)
        assert again.same
        assert [len(part) for part in (again.since.added, again.since.removed, again.since.changed)] == [0, 1, 0]

    def test_the_name_of_the_erased_is_gone_and_their_line_is_not(self, house):
        member = make_member("A1", member_from=START, name="Kamla Devi")
        draw(house)
        erase_member(actor=SYSTEM, member_id=member.pk, because="asked")
        line = RollLine.objects.get()
        assert (line.name, line.card, line.masked_number, line.salt, line.member) == ("", "", "", None, None)
        assert len(line.commitment) == 64

    def test_a_line_that_was_changed_in_the_database_is_noticed(self, house):
        make_member("A1", member_from=START)
        roll = draw(house).roll
        RollLine.objects.update(grade=MemberGrade.ACTIVE)
        assert not services.fits(roll)
        with pytest.raises(RollDamaged):
            services.certify_roll(actor=house["officer"], roll_id=roll.pk)


steps = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["A1", "A2", "B1", "grade", "leave", "return", "until", "name", "erase", "new"]),
        st.integers(-6, 0),
    ),
    max_size=8,
)


def _act(members, places, step):
    who, what, back = step
    pk, on = members[who].pk, clock.today() + timedelta(days=back)
    if what == "new":
        make_member("A1", member_from=on)
    elif what == "name":
        Member.objects.filter(pk=pk).exclude(state=MemberState.ERASED).update(name=f"Other {back}")
    elif what == "erase":
        erase_member(actor=SYSTEM, member_id=pk, because="asked")
    elif Member.objects.get(pk=pk).state != MemberState.ERASED:
        change = {
            "grade": {"grade": MemberGrade.ACTIVE},
            "leave": {"state": MemberState.LEFT},
            "return": {"state": MemberState.ACTIVE},
            "until": {"member_until": on},
        }.get(what) or {"territory": places[what]}
        change_membership(member_id=pk, reason=HistoryReason.CORRECTED, on=on, **change)


class TestAnyHistory(TestCase):
    """Must show no. 6, as a law: any past, a roll of any day, then anything at all, backwards too."""

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(steps, steps, st.integers(-8, -1))
    def test_the_same_hash(self, before, after, offset):
        places = make_territories(*BRANCHES)
        clerk = make_actor({"members.export": "UP"})
        begun = clock.now() - timedelta(days=10)
        members = [
            make_member(code, member_from=begun.date(), created_at=begun, carded=True)
            for code in ("A1", "A2", "B1", "A1")
        ]
        for step in before:
            _act(members, places, step)
        day = clock.today() + timedelta(days=offset)
        first = services.draw_roll(actor=clerk, territory_code="07", day=day)
        kept = first.roll.content_hash
        for step in after:
            _act(members, places, step)
            again = services.draw_roll(actor=clerk, territory_code="07", day=day)
            assert again.same and not again.new
            assert again.roll.content_hash == kept
        assert services.fits(first.roll)


@pytest.mark.django_db
class TestCertifying:
    def test_another_person_certifies_then_it_is_published(self, house):
        make_member("A1", member_from=START)
        roll = draw(house).roll
        with pytest.raises(RollStateWrong):
            services.roll_file(actor=house["clerk"], roll_id=roll.pk)
        with pytest.raises(SamePersonRoll):
            services.certify_roll(actor=house["clerk"], roll_id=roll.pk)
        with pytest.raises(RollStateWrong):
            services.publish_roll(actor=house["officer"], roll_id=roll.pk)
        assert services.certify_roll(actor=house["officer"], roll_id=roll.pk).state == RollState.CERTIFIED
        with pytest.raises(RollStateWrong):
            services.certify_roll(actor=house["officer"], roll_id=roll.pk)
        assert services.publish_roll(actor=house["officer"], roll_id=roll.pk).state == RollState.PUBLISHED

    def test_the_database_knows_the_rule_of_two_as_well(self, house):
        roll = draw(house).roll
        with pytest.raises(IntegrityError, match="roll_certified_by_another"), transaction.atomic():
            Roll.objects.filter(pk=roll.pk).update(state="certified", certified_by=roll.drawn_by)


@pytest.mark.django_db
class TestFiles:
    @pytest.fixture
    def roll(self, house):
        for code in ("A1", "A2", "A1"):
            make_member(code, member_from=START, name="Kamla Devi")
        roll = draw(house).roll
        return services.certify_roll(actor=house["officer"], roll_id=roll.pk)

    @pytest.mark.parametrize("form", ["json", "csv"])
    def test_a_file_is_checked_and_names_nobody(self, house, roll, form):
        _name, content = services.roll_file(actor=house["clerk"], roll_id=roll.pk, form=form)
        assert b"Kamla" not in content
        found = services.check_file(content=content)
        assert (found.fits, found.known, found.lines) == (True, True, 3)
        changed = services.check_file(content=content.replace(b"primary", b"active", 1))
        assert (changed.fits, changed.known) == (False, False)

    @pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[1]", b"a,b\n1,2\n"])
    def test_what_is_no_roll_is_refused(self, content, db):
        with pytest.raises(RollFileUnreadable):
            services.check_file(content=content)

    def test_somebody_outside_checks_it_with_a_few_lines(self, house, roll):
        _name, content = services.roll_file(actor=house["clerk"], roll_id=roll.pk)
        data = json.loads(content)
        text = [data["form"], f"territory={data['territory']}", f"day={data['day']}", f"version={data['version']}"]
        text += [f"previous={data['previous'] or '-'}", f"lines={len(data['lines'])}"]
        text += [f"{row['ref']}|{row['grade']}|{row['place']}|{row['commitment']}" for row in data["lines"]]
        assert hashlib.sha256("".join(f"{row}\n" for row in text).encode()).hexdigest() == data["hash"]

    def test_the_table_can_be_read_as_a_table(self, house, roll):
        _name, content = services.roll_file(actor=house["clerk"], roll_id=roll.pk, form="csv")
        rows = list(csv.reader(io.StringIO(content.decode())))
        assert [row[0] for row in rows[-3:]] == ["1", "2", "3"]

    def test_the_check_in_the_database(self, roll):
        found = services.check_roll(actor=SYSTEM, roll_id=roll.pk)
        assert (found.fits, found.same, found.added, found.removed, found.changed) == (True, True, 0, 0, 0)


def test_a_difference_tells_who_is_new_gone_and_changed():
    one, other = Line("A1", "AA", "primary", "1"), Line("A1", "BB", "primary", "2")
    found = compare([one, other], [Line("A2", "AA", "primary", "1"), Line("A1", "CC", "primary", "3")])
    assert (found.added, found.removed, found.changed) == (("CC",), ("BB",), ("AA",))
    assert not compare([one], [one])
