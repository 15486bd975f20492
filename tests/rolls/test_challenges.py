"""Whoever finds a certified roll wrong says so in time; somebody else decides; the roll stays, a supplement follows."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_actor, make_member, make_territories
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.audit.selectors import Sought, entries
from toli.core import clock
from toli.core.errors import Forbidden
from toli.members.errors import MemberNotFound
from toli.members.models import Member, MemberGrade
from toli.rights.services import erase_member
from toli.rolls import errors, selectors, services
from toli.rolls.domain.roll import Line, commit
from toli.rolls.domain.supplement import (
    MOST_DAYS,
    Act,
    DoesNotFit,
    Entry,
    SupplementHead,
    applied,
    supplement_hash,
)
from toli.rolls.models import Challenge, ChallengeKind, ChallengeState, Roll, RollLine, Supplement

MARKS = ["AA", "BB", "CC", "DD"]
changes = st.lists(st.lists(st.tuples(st.sampled_from(MARKS), st.sampled_from("AB")), max_size=4), max_size=4)


def sensible(lines, wishes):
    """Entries that fit these lines: who is there is changed or taken, who is not is added; each mark once."""
    entries = {}
    for ref, letter in wishes:
        standing = ref in lines
        act = (Act.CHANGED if letter == "A" else Act.REMOVED) if standing else Act.ADDED
        entries[ref] = Entry(act, ref) if act is Act.REMOVED else Entry(act, ref, "primary", letter, letter * 3)
    return list(entries.values())


class TestForm:
    head = SupplementHead("UP", clock.today(), 1, "ab", "ab")

    @given(changes, st.randoms())
    def test_each_supplement_fits_what_is_there_and_nothing_else(self, rounds, random):
        lines = {"AA": Line("A1", "AA", "primary", "1")}
        for wishes in rounds:
            before, found = dict(lines), sensible(lines, wishes)
            lines = applied(before, found)
            added = sum(entry.act is Act.ADDED for entry in found)
            removed = sum(entry.act is Act.REMOVED for entry in found)
            assert len(lines) == len(before) + added - removed
            if found:
                shuffled = list(found)
                random.shuffle(shuffled)
                assert applied(before, shuffled) == lines
                assert supplement_hash(self.head, shuffled) == supplement_hash(self.head, found)
            if added or removed:
                with pytest.raises(DoesNotFit):
                    applied(lines, found)

    @given(changes)
    def test_whatever_came_before_is_in_the_hash(self, rounds):
        """Another first supplement: another hash of every one that follows."""
        hashes = []
        for first in ("ab", "cd"):
            previous, chain = first, []
            for number, wishes in enumerate(rounds, 1):
                head = SupplementHead("UP", clock.today(), number, "ab", previous)
                previous = supplement_hash(head, sensible({}, wishes))
                chain.append(previous)
            hashes.append(chain)
        assert all(one != other for one, other in zip(*hashes, strict=True))

    def test_the_canonical_form_is_the_one_that_is_written_down(self):
        import hashlib

        head = SupplementHead("UP", clock.today(), 2, "ab", "cd")
        text = f"toli-roll-supplement-1\nterritory=UP\nday={clock.today()}\nnumber=2\nroll=ab\nprevious=cd\nlines=2\n"
        text += "+AA|active|A1|11\n-BB|||\n"
        found = supplement_hash(head, [Entry(Act.REMOVED, "BB"), Entry(Act.ADDED, "AA", "active", "A1", "11")])
        assert found == hashlib.sha256(text.encode()).hexdigest()


def yesterday():
    return clock.today() - timedelta(days=1)


@pytest.fixture
def house(db, settings, tmp_path):
    settings.RIGHTS_DIR = settings.EXPORTS_DIR = tmp_path
    make_territories("IN/UP/07/A1", "IN/UP/07/A2", "IN/UP/070/B1")
    return {
        "clerk": make_actor({"members.export": "UP", "members.view": "UP"}),
        "officer": make_actor({"exports.approve": "UP", "members.view": "UP"}),
        "second": make_actor({"exports.approve": "UP", "members.view": "UP"}),
        "neighbour": make_actor({"members.export": "070", "exports.approve": "070", "members.view": "070"}),
        "in": make_member("A1", name="Sunita Devi", member_from=yesterday(), carded=True),
        "out": make_member("A1", name="Ravi Kumar", member_from=clock.today()),
    }


@pytest.fixture
def roll(house):
    drawn = services.draw_roll(actor=house["clerk"], territory_code="07", day=yesterday()).roll
    return services.certify_roll(actor=house["officer"], roll_id=drawn.pk)


def challenge(house, roll, kind=ChallengeKind.MISSING, who="clerk", **more):
    whom = {"member_id": house["out"].pk} if kind == ChallengeKind.MISSING else {"line": 1}
    return services.challenge_roll(
        actor=house[who], roll_id=roll.pk, kind=kind, reason="It is wrong", **{**whom, **more}
    )


def decide(house, found, *, accept=True, who="officer", note="The papers say so", **more):
    return services.decide_challenge(actor=house[who], challenge_id=found.pk, accept=accept, note=note, **more)


def supplement(house, roll, who="officer"):
    return services.issue_supplement(actor=house[who], roll_id=roll.pk)


class TestObjecting:
    def test_to_somebody_who_is_missing_and_to_a_line(self, house, roll):
        missing = challenge(house, roll, territory_code="a2", grade="active")
        line = challenge(house, roll, ChallengeKind.WRONGLY)
        assert (missing.member, missing.territory.code, missing.grade) == (house["out"], "A2", "active")
        assert (line.member, line.ref, line.state) == (house["in"], roll.lines.get().ref, ChallengeState.OPEN)
        assert [item.pk for item in selectors.challenges(roll)] == [line.pk, missing.pk]
        entry = entries(Sought(actions=("rolls.challenge",)))[0]
        assert (entry.target, entry.details["challenge"]) == (f"roll:{roll.pk}", line.pk)

    def test_by_the_member_themselves(self, house, roll):
        found = services.challenge_own(
            actor=SYSTEM, member=house["out"], roll_id=roll.pk, kind="missing", reason="I joined in May"
        )
        assert (found.member, found.raised_by) == (house["out"], None)
        assert selectors.challenges_of(house["out"]) == {roll.pk: [found]}
        assert selectors.challenges_of(house["in"]) == {}

    def test_only_what_can_be_true(self, house, roll):
        for kind, whom in (
            ("missing", {"member_id": house["in"].pk}),
            ("wrongly", {"line": 2}),
            ("other", {"member_id": house["out"].pk}),
        ):
            with pytest.raises(errors.ChallengeDoesNotFit):
                services.challenge_roll(actor=house["clerk"], roll_id=roll.pk, kind=kind, reason="x", **whom)

    def test_once_until_it_is_decided(self, house, roll):
        found = challenge(house, roll)
        with pytest.raises(errors.ChallengeWaits):
            challenge(house, roll)
        decide(house, found, accept=False)
        again = challenge(house, roll)
        decide(house, again)
        with pytest.raises(errors.ChallengeWaits):
            challenge(house, roll)

    def test_in_time_and_with_a_reason(self, house, roll):
        for wrong in ({"reason": "  "}, {"kind": "else", "line": 1}):
            with pytest.raises(errors.ChallengeUnclear):
                services.challenge_roll(
                    actor=house["clerk"],
                    roll_id=roll.pk,
                    **{"kind": "missing", "reason": "x", "member_id": house["out"].pk, **wrong},
                )
        with pytest.raises(errors.ChallengePlaceWrong):
            challenge(house, roll, territory_code="B1")
        Roll.objects.update(challenges_until=yesterday())
        with pytest.raises(errors.ChallengesClosed):
            challenge(house, roll)

    @pytest.mark.parametrize("days", [0, 5])
    def test_the_officer_says_for_how_long(self, house, days):
        drawn = services.draw_roll(actor=house["clerk"], territory_code="07", day=yesterday()).roll
        assert not selectors.can_be_challenged(drawn)
        roll = services.certify_roll(actor=house["officer"], roll_id=drawn.pk, challenge_days=days)
        assert roll.challenges_until == (clock.today() + timedelta(days=days) if days else None)

    def test_not_for_ever(self, house):
        drawn = services.draw_roll(actor=house["clerk"], territory_code="07", day=yesterday()).roll
        with pytest.raises(errors.ChallengeDaysWrong):
            services.certify_roll(actor=house["officer"], roll_id=drawn.pk, challenge_days=MOST_DAYS + 1)


class TestScope:
    def test_next_door_sees_and_does_nothing(self, house, roll):
        found = challenge(house, roll)
        scope = scope_for(house["neighbour"], "members.view")
        with pytest.raises(errors.ChallengeNotFound):
            selectors.get_challenge(scope, found.pk)
        with pytest.raises(errors.ChallengeNotFound):
            decide(house, found, who="neighbour")
        with pytest.raises(errors.RollNotFound):
            challenge(house, roll, who="neighbour")
        for act in (services.issue_supplement, services.look_at_challenges):
            with pytest.raises(errors.RollNotFound):
                act(actor=house["neighbour"], roll_id=roll.pk)
        with pytest.raises(errors.RollNotFound):
            services.supplement_file(actor=house["neighbour"], roll_id=roll.pk, number=1)

    def test_nobody_objects_about_a_member_elsewhere(self, house, roll):
        far = make_member("B1", member_from=yesterday())
        near = make_actor({"members.view": "07"})
        with pytest.raises(MemberNotFound):
            services.challenge_roll(actor=near, roll_id=roll.pk, kind="missing", reason="x", member_id=far.pk)

    def test_a_member_objects_to_rolls_of_their_place_only(self, house, roll):
        far = make_member("B1", member_from=yesterday())
        with pytest.raises(errors.RollNotFound):
            services.challenge_own(actor=SYSTEM, member=far, roll_id=roll.pk, kind="missing", reason="x")

    def test_not_by_nobody(self, house, roll):
        found = challenge(house, roll)
        for act in (
            lambda: services.challenge_roll(actor=SYSTEM, roll_id=roll.pk, kind="wrongly", reason="x", line=1),
            lambda: services.decide_challenge(actor=SYSTEM, challenge_id=found.pk, accept=True, note="x"),
            lambda: services.issue_supplement(actor=SYSTEM, roll_id=roll.pk),
        ):
            with pytest.raises(Forbidden):
                act()


class TestDeciding:
    def test_by_another_with_a_note_and_once(self, house, roll):
        found = challenge(house, roll, who="officer")
        with pytest.raises(errors.SamePersonChallenge):
            decide(house, found)
        with pytest.raises(errors.DecisionNoteMissing):
            decide(house, found, who="second", note=" ")
        done = decide(house, found, accept=False, who="second")
        assert (done.state, done.decided_by_id, done.note) == ("refused", house["second"].id, "The papers say so")
        with pytest.raises(errors.ChallengeDecided):
            decide(house, found, who="second")
        entry = entries(Sought(actions=("rolls.decide",)))[0]
        assert entry.details["accepted"] is False

    def test_the_member_is_told_once_by_day(self, house, roll, texts, monkeypatch):
        decide(house, challenge(house, roll))
        monkeypatch.setattr("toli.members.services.by_day.is_quiet", lambda _now: True)
        assert (services.tell_decided(actor=SYSTEM), texts) == (0, [])
        monkeypatch.setattr("toli.members.services.by_day.is_quiet", lambda _now: False)
        assert [services.tell_decided(actor=SYSTEM) for _ in range(2)] == [1, 0]
        assert [(text.kind, text.language) for text in texts] == [("decision", house["out"].language)]
        assert "/me/data/rolls" in texts[0].text

    def test_nobody_is_told_before_the_decision_nor_days_after_it(self, house, roll, texts, monkeypatch):
        monkeypatch.setattr("toli.members.services.by_day.is_quiet", lambda _now: False)
        found = challenge(house, roll)
        assert services.tell_decided(actor=SYSTEM) == 0
        decide(house, found)
        Challenge.objects.update(decided_at=clock.now() - timedelta(days=3))
        assert (services.tell_decided(actor=SYSTEM), texts) == (0, [])

    def test_the_database_knows_the_rule_of_two_as_well(self, house, roll):
        found = challenge(house, roll)
        with pytest.raises(IntegrityError, match="challenge_decided_by_another"), transaction.atomic():
            Challenge.objects.filter(pk=found.pk).update(state="refused", decided_by=found.raised_by)

    def test_what_is_accepted_is_committed_to(self, house, roll):
        done = decide(house, challenge(house, roll), territory_code="A2", grade="active")
        assert (done.territory.code, done.grade) == ("A2", "active")
        assert done.commitment == commit(bytes(done.salt), "Ravi Kumar", done.card, done.masked_number)

    def test_a_change_has_to_change_something(self, house, roll):
        found = challenge(house, roll, ChallengeKind.OTHER)
        with pytest.raises(errors.ChallengeDoesNotFit):
            decide(house, found)
        for wrong in ({"territory_code": "B1"}, {"grade": "honorary"}):
            with pytest.raises(errors.ChallengePlaceWrong):
                decide(house, found, **wrong)
        assert decide(house, found, grade="active").territory.code == "A1"


class TestSupplements:
    def test_the_roll_stays_and_the_supplements_chain(self, house, roll):
        before = list(roll.lines.order_by("pk").values())
        with pytest.raises(errors.NothingToSupplement):
            supplement(house, roll)
        decide(house, challenge(house, roll))
        decide(house, challenge(house, roll, ChallengeKind.OTHER), grade="active")
        first = supplement(house, roll)
        assert (first.number, first.previous_hash, selectors.members_by_now(roll)) == (1, roll.content_hash, 2)
        with pytest.raises(errors.NothingToSupplement):
            supplement(house, roll)
        decide(house, challenge(house, roll, ChallengeKind.WRONGLY))
        second = supplement(house, roll, who="second")
        assert (second.number, second.previous_hash, selectors.members_by_now(roll)) == (2, first.content_hash, 1)
        assert services.supplement_fits(first) and services.supplement_fits(second)
        roll.refresh_from_db()
        assert list(roll.lines.order_by("pk").values()) == before
        assert services.fits(roll)
        assert entries(Sought(actions=("rolls.supplement",)))[0].details["hash"] == second.content_hash

    def test_what_a_supplement_said_counts_for_what_follows(self, house, roll):
        decide(house, challenge(house, roll))
        supplement(house, roll)
        with pytest.raises(errors.ChallengeDoesNotFit):
            challenge(house, roll)  # stands there by now
        added = challenge(house, roll, ChallengeKind.OTHER, line=0, member_id=house["out"].pk)
        assert decide(house, added, grade="active").grade == "active"
        out = challenge(house, roll, ChallengeKind.WRONGLY, line=0, member_id=house["in"].pk)
        decide(house, out)
        supplement(house, roll)
        with pytest.raises(errors.ChallengeDoesNotFit):
            challenge(house, roll, ChallengeKind.OTHER)  # the line is still in the roll, and out by the supplement
        assert selectors.standing_place(roll, out.ref) is None

    def test_the_same_decisions_give_the_same_hash(self, house, roll):
        decide(house, challenge(house, roll))
        point = transaction.savepoint()
        one = supplement(house, roll).content_hash
        transaction.savepoint_rollback(point)
        assert supplement(house, roll, who="second").content_hash == one

    @pytest.mark.parametrize(
        "later",
        [
            lambda member: Member.objects.filter(pk=member.pk).update(name="Other", grade=MemberGrade.ACTIVE),
            lambda member: erase_member(actor=SYSTEM, member_id=member.pk, because="asked"),
        ],
        ids=["renamed", "erased"],
    )
    def test_it_fits_after_later_changes_too(self, house, roll, later):
        decide(house, challenge(house, roll))
        made = supplement(house, roll)
        later(house["out"])
        assert services.supplement_fits(Supplement.objects.get(pk=made.pk))
        found = services.check_roll(actor=SYSTEM, roll_id=roll.pk)
        assert (found.fits, found.same) == (True, True)

    def test_the_erased_leave_no_word(self, house, roll):
        decide(house, challenge(house, roll))
        erase_member(actor=SYSTEM, member_id=house["out"].pk, because="asked")
        left = Challenge.objects.get()
        assert (left.reason, left.note, left.name, left.salt, left.member) == ("", "", "", None, None)
        assert len(left.commitment) == 64

    def test_about_somebody_erased_only_refusing_is_left(self, house, roll):
        found = challenge(house, roll)
        erase_member(actor=SYSTEM, member_id=house["out"].pk, because="asked")
        with pytest.raises(errors.ChallengeDoesNotFit):
            decide(house, found)
        assert decide(house, found, accept=False).state == ChallengeState.REFUSED

    @pytest.mark.parametrize(
        "tamper",
        [
            lambda: Challenge.objects.update(grade="active"),
            lambda: Supplement.objects.update(previous_hash="0" * 64),
        ],
        ids=["entry", "chain"],
    )
    def test_what_was_changed_in_the_database_is_noticed(self, house, roll, tamper):
        decide(house, challenge(house, roll))
        supplement(house, roll)
        tamper()
        assert not services.supplement_fits(selectors.get_supplement(roll, 1))
        assert not services.check_roll(actor=SYSTEM, roll_id=roll.pk).fits
        with pytest.raises(errors.RollDamaged):
            services.supplement_file(actor=house["clerk"], roll_id=roll.pk, number=1)

    def test_its_file_is_checked_and_names_nobody(self, house, roll):
        decide(house, challenge(house, roll))
        supplement(house, roll)
        name, content = services.supplement_file(actor=house["clerk"], roll_id=roll.pk, number=1)
        assert name.endswith("-supplement-1.json") and b"Ravi" not in content
        assert json.loads(content)["previous"] == roll.content_hash
        found = services.check_file(content=content)
        assert (found.fits, found.known, found.lines) == (True, True, 1)
        changed = services.check_file(content=content.replace(b"primary", b"active"))
        assert (changed.fits, changed.known) == (False, False)
        with pytest.raises(errors.SupplementNotFound):
            services.supplement_file(actor=house["clerk"], roll_id=roll.pk, number=2)


def test_each_look_is_recorded(house, roll):
    assert services.look_at_challenges(actor=house["clerk"], roll_id=roll.pk) == []
    assert not entries(Sought(actions=("rolls.look",)))
    found = challenge(house, roll)
    services.look_at_challenges(actor=house["clerk"], roll_id=roll.pk)
    services.look_at_challenge(actor=house["officer"], challenge_id=found.pk)
    looks = entries(Sought(actions=("rolls.look",)))
    assert [entry.details["members"] for entry in looks] == [[house["out"].pk]] * 2
    assert RollLine.objects.count() == 1
