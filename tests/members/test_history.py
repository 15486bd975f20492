"""A membership over time: nothing is written over, and what was known at a moment stays what it was."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import make_drive, make_member, make_phone, make_territories
from toli.access.domain.scope import EVERYWHERE, NOWHERE, scope_of
from toli.accounts.domain.actor import SYSTEM
from toli.cards.models import Card
from toli.cards.services import issue_cards
from toli.core import clock
from toli.members import selectors
from toli.members.domain.history import Version, is_sound, stretches, turn, version_on
from toli.members.errors import MemberNotFound
from toli.members.models import HistoryReason, Member, MemberGrade, MemberState, PastMembership
from toli.members.services import change_membership, leave_organisation, settled
from toli.members.services.importing import undo_import
from toli.rights.services.erasing import erase_member
from toli.territories.errors import TerritoryNotFound
from toli.territories.models import Territory

DAY0 = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
days = st.integers(0, 30).map(lambda count: DAY0 + timedelta(days=count))


@st.composite
def chains(draw):
    """A chain of versions and the moments at which they were noted: changes reach back now and then."""
    chain = [Version(1, "primary", "active", DAY0, DAY0 + timedelta(days=draw(st.integers(0, 40))), DAY0)]
    for number in range(draw(st.integers(0, 5))):
        to_on, since = turn(chain[-1].from_on, draw(days))
        chain[-1] = replace(chain[-1], to_on=to_on, recorded_at=NOON + timedelta(days=number))
        chain.append(
            replace(
                chain[-1],
                territory_id=draw(st.integers(1, 3)),
                state=draw(st.sampled_from(["active", "active", "left"])),
                from_on=since,
                to_on=None,
                recorded_at=None,
            )
        )
    return chain


class TestLaws:
    @given(chains())
    def test_no_gap_and_no_overlap(self, chain):
        assert is_sound(chain)

    @given(chains(), days)
    def test_on_each_day_exactly_one_version_holds(self, chain, day):
        holding = [item for item in chain if item.from_on <= day and (item.to_on is None or day <= item.to_on)]
        assert holding == [version_on(chain, day)]

    @given(chains(), days, st.data())
    def test_what_was_known_at_a_moment_stays_whatever_comes_later(self, chain, day, data):
        count = data.draw(st.integers(1, len(chain)))
        at = NOON + timedelta(days=count - 2, hours=1)  # count - 1 changes were noted
        then = [*chain[: count - 1], replace(chain[count - 1], to_on=None, recorded_at=None, reason="")]
        expected, found = version_on(then, day), version_on(chain, day, at)
        assert found is not None and expected is not None
        assert replace(found, to_on=None, recorded_at=None) == replace(expected, to_on=None, recorded_at=None)

    @given(chains())
    def test_people_read_no_empty_and_no_repeated_stretch(self, chain):
        shown = stretches(chain)
        assert is_sound(shown)
        assert not any(item.is_empty for item in shown)
        assert shown[0].from_on == DAY0


@pytest.mark.django_db
class TestChanging:
    @pytest.fixture
    def member(self, country):
        return make_member("A1", member_from=DAY0, member_until=date(2099, 1, 1))

    def test_the_version_that_ends_is_kept(self, member, country):
        change_membership(member_id=member.pk, reason=HistoryReason.TRANSFER, territory=country["B1"])
        past, now = PastMembership.objects.get(), Member.objects.get()
        today = clock.today()
        assert (past.territory.code, past.from_on, past.to_on) == ("A1", DAY0, today - timedelta(days=1))
        assert (now.territory.code, now.since, past.recorded_at) == ("B1", today, now.updated_at)

    def test_what_changes_nothing_closes_nothing(self, member):
        change_membership(member_id=member.pk, reason=HistoryReason.RENEWAL, member_until=member.member_until)
        assert not PastMembership.objects.exists()

    def test_a_second_change_on_the_day_leaves_a_version_without_a_day(self, member, country):
        for code in ("B1", "A2", "B1"):
            change_membership(member_id=member.pk, reason=HistoryReason.TRANSFER, territory=country[code])
        chain = selectors.history_of(Member.objects.get())
        assert is_sound(chain)
        assert [item.is_empty for item in chain] == [False, True, True, False]
        assert [item.territory_id for item in stretches(chain)] == [country["A1"].pk, country["B1"].pk]

    def test_nobody_unknown_and_nothing_else_changes(self, member):
        with pytest.raises(MemberNotFound):
            change_membership(member_id=member.pk + 1, reason=HistoryReason.LEFT, state=MemberState.LEFT)
        with pytest.raises(ValueError, match="name"):
            change_membership(member_id=member.pk, reason=HistoryReason.LEFT, name="Ravi")

    def test_leaving_closes_the_membership(self, member):
        leave_organisation(actor=SYSTEM, member_id=member.pk)
        assert PastMembership.objects.get().reason == HistoryReason.LEFT
        assert Member.objects.get().since == clock.today()

    def test_the_database_refuses_two_versions_of_one_day(self, member, country):
        change_membership(member_id=member.pk, reason=HistoryReason.TRANSFER, territory=country["B1"])
        twin = PastMembership.objects.get()
        twin.pk = None
        with pytest.raises(IntegrityError, match="no_two_versions_on_one_day"), transaction.atomic():
            twin.save()

    def test_the_database_refuses_to_change_the_past(self, member, country):
        change_membership(member_id=member.pk, reason=HistoryReason.TRANSFER, territory=country["B1"])
        with pytest.raises(DatabaseError, match="added, never changed"), transaction.atomic():
            PastMembership.objects.update(territory=country["A2"])

    def test_erasure_removes_the_past(self, member, country, settings, tmp_path):
        settings.RIGHTS_DIR = tmp_path
        change_membership(member_id=member.pk, reason=HistoryReason.TRANSFER, territory=country["B1"])
        erase_member(actor=SYSTEM, member_id=member.pk, because="asked for it")
        assert not PastMembership.objects.exists()
        assert Member.objects.get().since is None


@pytest.mark.django_db
class TestLists:
    def test_a_new_member_needs_no_row_of_history(self, take, write_list):
        take(write_list(f"Sunita,{make_phone(1)},A1,hi"))
        member = Member.objects.get()
        assert (member.grade, member.since, PastMembership.objects.count()) == (MemberGrade.PRIMARY, None, 0)

    def test_a_list_that_moves_somebody_keeps_where_they_were(self, take, write_list, country):
        make_member("A1", name="Sunita", phone=make_phone(1), member_from=DAY0)
        make_member("A1", name="Ravi", phone=make_phone(2), member_from=DAY0)
        take(write_list(f"Sunita,{make_phone(1)},B1,hi", f"Ravi Kumar,{make_phone(2)},A1,hi"))
        past = PastMembership.objects.get()
        assert (past.member.name, past.territory.code, past.reason) == ("Sunita", "A1", HistoryReason.LIST)

    def test_after_an_undo_it_is_as_if_they_had_never_moved(self, take, write_list, country):
        member = make_member("A1", name="Sunita", phone=make_phone(1), member_from=DAY0)
        report = take(write_list(f"Sunita,{make_phone(1)},B1,hi"))
        undo_import(actor=SYSTEM, run_id=report.run_id)
        chain = selectors.history_of(Member.objects.get())
        assert is_sound(chain)
        assert [item.territory_id for item in stretches(chain)] == [country["A1"].pk]
        for offset in (-2, -1, 0, 1):
            day = clock.today() + timedelta(days=offset)
            assert [row.member_id for row in selectors.members_on(EVERYWHERE, country["A1"], day)] == [member.pk]
            assert not list(selectors.members_on(EVERYWHERE, country["B1"], day))


@pytest.mark.django_db
class TestWhoWasAMember:
    def test_only_within_the_scope(self, country):
        make_member("A1", member_from=DAY0)
        for scope in (NOWHERE, scope_of(["main/IN/UP/070/"])):
            with pytest.raises(TerritoryNotFound):
                selectors.members_on(scope, country["A1"], clock.today())

    def test_the_term_and_the_erased_count(self, country):
        today = clock.today()
        late = make_member("A1", member_from=DAY0, member_until=today - timedelta(days=1))
        make_member("A1", member_from=DAY0, state=MemberState.ERASED)
        assert not list(selectors.members_on(EVERYWHERE, country["A1"], today))
        found = selectors.members_on(EVERYWHERE, country["A1"], today - timedelta(days=1))
        assert [row.member_id for row in found] == [late.pk]

    def test_a_moment_that_is_settled_is_not_before_what_is_noted(self, country):
        member = make_member("A1", member_from=DAY0)
        at = settled()
        change_membership(member_id=member.pk, reason=HistoryReason.TRANSFER, territory=country["B1"])
        assert PastMembership.objects.get().recorded_at > at


acts = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["A1", "A2", "B1", "grade", "leave", "return", "until"]),
        st.integers(-9, 0),
    ),
    max_size=12,
)


class TestDatabaseAgreesWithTheRule(TestCase):
    """The statement over all members and the pure rule over one chain say the same, for any day and moment."""

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(acts, st.integers(-12, 0), st.integers(0, 12))
    def test_for_any_history(self, changes, offset, noted):
        places = make_territories("IN/UP/07/A1", "IN/UP/07/A2", "IN/UP/070/B1")
        make_drive()
        today, begun = clock.today(), clock.now() - timedelta(days=10)
        members = [
            make_member("A1", member_from=today - timedelta(days=10 - serial), created_at=begun, drive=make_drive())
            for serial in range(4)
        ]
        moments = [clock.now()]
        for who, what, back in changes:
            change = {
                "grade": {"grade": MemberGrade.ACTIVE},
                "leave": {"state": MemberState.LEFT},
                "return": {"state": MemberState.ACTIVE},
                "until": {"member_until": today + timedelta(days=back)},
            }.get(what) or {"territory": places[what]}
            on = today + timedelta(days=back)
            change_membership(member_id=members[who].pk, reason=HistoryReason.CORRECTED, on=on, **change)
            moments.append(clock.now())
        day, at = today + timedelta(days=offset), moments[min(noted, len(moments) - 1)]
        expected = []
        for member in Member.objects.order_by("pk"):
            chain = selectors.history_of(member)
            assert is_sound(chain)
            version = version_on(chain, day, at)
            if version and version.is_membership(day):
                expected.append((member.pk, version.territory_id, version.grade))
        found = list(selectors.members_on(EVERYWHERE, places["IN"], day, known_at=at))
        assert sorted((row.member_id, row.territory_id, row.grade) for row in found) == expected
        assert [(row.place, row.member_id) for row in found] == sorted((row.place, row.member_id) for row in found)
        counted = selectors.count_on(EVERYWHERE, places["IN"], day, known_at=at)
        assert (counted.members, counted.active_members) == (len(found), sum(row.grade == "active" for row in found))
        now = {row.member_id: (row.place, row.grade) for row in selectors.members_on(EVERYWHERE, places["IN"], day)}
        then = {row.member_id: (row.place, row.grade) for row in found}
        learnt = selectors.learnt_since(EVERYWHERE, places["IN"], day, known_at=at)
        assert {change.member_id: (change.before, change.after) for change in learnt} == {
            pk: (then.get(pk), now.get(pk)) for pk in then.keys() | now.keys() if then.get(pk) != now.get(pk)
        }


@pytest.mark.django_db
@pytest.mark.parametrize(("grade", "letter"), [(MemberGrade.PRIMARY, "P"), (MemberGrade.ACTIVE, "A")])
def test_a_card_bears_the_class_of_the_member(country, grade, letter):
    make_member(Territory.objects.get(code="A1"), grade=grade)
    issue_cards(actor=SYSTEM)
    card = Card.objects.get()
    assert (card.grade, card.place) == (letter, "A1")


@pytest.mark.django_db
def test_the_migration_gives_those_who_left_their_past(country):
    member = make_member("A1", member_from=DAY0, state=MemberState.LEFT)
    left = import_module("toli.members.migrations.0009_history").LEFT_BEFORE
    with connection.cursor() as cursor:
        cursor.execute(left)
    member.refresh_from_db()
    past = PastMembership.objects.get()
    assert (past.from_on, past.to_on, past.state) == (DAY0, member.since - timedelta(days=1), MemberState.ACTIVE)
