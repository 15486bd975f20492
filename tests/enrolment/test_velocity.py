"""How fast people may come in before somebody looks. Figures are not repeated here: the rules are."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.enrolment.domain import velocity
from toli.enrolment.domain.velocity import RULES, Enrolment, findings

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BY_NAME = {rule.name: rule for rule in RULES}


def broken(enrolments, now=NOON + timedelta(days=2)):
    return {found.rule for found in findings(enrolments, now=now)}


def row(count, *, apart=MINUTE, start=NOON, **same):
    return [Enrolment(start + apart * number, **same) for number in range(count)]


# For each rule: what, if it comes so often, breaks it and nothing else.
ONE_TOO_MANY = {
    "enroller.hour": lambda times: row(times + 1, apart=timedelta(seconds=30), enroller="e", confirmed=True),
    "enroller.day": lambda times: row(times + 1, apart=timedelta(seconds=110), enroller="e", confirmed=True,
                                      start=NOON - timedelta(hours=5)),
    "enroller.night": lambda times: row(times + 1, enroller="e", confirmed=True,
                                        start=NOON.replace(hour=23, minute=30)),
    "enroller.unconfirmed": lambda times: row(times + 1, enroller="e"),
    "enroller.names": lambda times: row(times + 1, enroller="e", name="n", confirmed=True),
    "device.hour": lambda times: row(times + 1, device="d", confirmed=True),
    "device.day": lambda times: row(times + 1, apart=MINUTE * 30, device="d", confirmed=True),
    "device.names": lambda times: row(times + 1, device="d", name="n", confirmed=True),
    "block.day": lambda times: row(times + 1, block="b", confirmed=True),
    "block.week": lambda times: row(times + 1, apart=MINUTE * 180, block="b", confirmed=True),
    "enroller.block": lambda times: row(times + 1, apart=MINUTE * 3, enroller="e", block="b", confirmed=True),
    "link.hour": lambda times: row(times + 1, apart=timedelta(seconds=10), link="l", confirmed=True),
}  # fmt: skip


def test_each_rule_is_tried_here():
    assert set(ONE_TOO_MANY) == set(BY_NAME)


@pytest.mark.parametrize("name", ONE_TOO_MANY)
class TestARule:
    def test_holds_what_exceeds_it_and_names_itself(self, name):
        rule = BY_NAME[name]
        (found,) = findings(ONE_TOO_MANY[name](rule.times), now=NOON + timedelta(days=2), rules=[rule])
        assert (found.rule, found.count, found.limit, found.holds) == (name, rule.times + 1, rule.times, rule.holds)
        assert found.key == getattr(ONE_TOO_MANY[name](1)[0], rule.holds)

    def test_lets_pass_what_just_meets_it(self, name):
        assert broken(ONE_TOO_MANY[name](BY_NAME[name].times - 1)) == set()
        assert broken(ONE_TOO_MANY[name](BY_NAME[name].times)[:-1]) == set()

    def test_lets_pass_the_same_number_over_a_longer_time(self, name):
        rule = BY_NAME[name]
        fast = ONE_TOO_MANY[name](rule.times)
        slow = [
            Enrolment(NOON - timedelta(days=90) + rule.per * number, **{
                part: getattr(one, part) for part in ("enroller", "device", "block", "link", "name", "confirmed")
            })
            for number, one in enumerate(fast)
        ]  # fmt: skip
        assert name not in broken(slow)


class TestWhatIsCounted:
    def test_a_day_later_the_codes_that_nobody_confirmed_speak_against_the_enroller(self):
        asked = row(30, enroller="e")
        assert broken(asked, now=NOON + timedelta(hours=2)) == set()
        assert broken(asked) == {"enroller.unconfirmed"}

    def test_some_who_never_answer_are_no_sign_where_most_do(self):
        answered = row(60, apart=MINUTE * 3, enroller="e", confirmed=True)
        assert broken([*answered, *row(30, apart=MINUTE * 6, enroller="e")]) == set()

    def test_people_whom_a_helper_wrote_down_and_who_say_yes_on_one_phone_count_for_that_phone(self):
        assert broken(row(50, apart=MINUTE * 2, device="d", enroller="e", confirmed=True)) >= {"device.hour"}

    def test_an_empty_key_is_no_key(self):
        assert broken(row(5000, apart=timedelta(seconds=1))) == set()

    @pytest.mark.parametrize(
        "one, other", [("Member 1", "MEMBER 22"), ("Sunita  Devi", "sunita devi"), ("सुनीता", "सुनीता 2")]
    )
    def test_names_that_differ_in_digits_and_letters_size_are_one_pattern(self, one, other):
        assert velocity.name_pattern(one) == velocity.name_pattern(other)

    def test_different_names_are_different_patterns(self):
        assert velocity.name_pattern("Sunita Devi") != velocity.name_pattern("Sunita Rao")

    def test_a_block_is_a_thousand_numbers(self):
        assert (
            velocity.block_of("+910123456789")
            == velocity.block_of("+910123456000")
            != velocity.block_of("+910123457789")
        )


def many(size):
    one = st.builds(
        Enrolment,
        at=st.integers(0, 3000).map(lambda minute: NOON + MINUTE * minute),
        enroller=st.sampled_from(["", "e1"]),
        device=st.sampled_from(["", "d1"]),
        block=st.sampled_from(["", "b1"]),
        name=st.sampled_from(["n1", "n2"]),
        confirmed=st.booleans(),
    )
    return st.lists(one, max_size=size)


COUNTING = [rule for rule in RULES if not rule.share]
LATER = NOON + timedelta(days=9)


def highest_counts(found):
    """Per rule and what it holds: one phone may exceed a rule by several names at once."""
    counts = {}
    for one in found:
        key = (one.rule, one.key)
        counts[key] = max(counts.get(key, 0), one.count)
    return counts


class TestLaws:
    @given(many(60), many(20))
    def test_more_enrolments_never_make_it_less_suspicious(self, some, more):
        before = highest_counts(findings(some, now=LATER, rules=COUNTING))
        after = highest_counts(findings([*some, *more], now=LATER, rules=COUNTING))
        assert all(after[key] >= count for key, count in before.items())

    def test_two_names_at_one_phone_are_two_findings_and_neither_hides_the_other(self):
        some = row(7, device="d1", name="n1")
        more = row(5, device="d1", name="n2")
        found = [f for f in findings([*some, *more], now=LATER, rules=COUNTING) if f.rule == "device.names"]
        assert [f.count for f in found] == [7, 5]

    @given(many(60), st.integers(1, 40))
    def test_more_who_never_confirm_never_make_it_less_suspicious(self, some, more):
        at = max((one.at for one in some), default=NOON)
        unconfirmed = [Enrolment(at, enroller="e1")] * more
        before = {found.key for found in findings(some, now=LATER)}
        assert before <= {found.key for found in findings([*some, *unconfirmed], now=LATER)}

    @given(many(60), st.randoms(use_true_random=False))
    def test_the_order_does_not_matter(self, some, random: Random):
        shuffled = list(some)
        random.shuffle(shuffled)
        assert findings(some, now=LATER) == findings(shuffled, now=LATER)
