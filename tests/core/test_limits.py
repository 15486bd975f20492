"""Tries are counted for all processes together, at once, and whatever becomes of the request."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.together import at_once
from toli.core import clock, limits
from toli.core.crypto import INDEX_BYTES
from toli.core.domain.limits import DAY, HOUR, LIMITS, Limit, network_of, tightest
from toli.core.errors import TooManyRequests, Unavailable
from toli.core.models import LimitCounter

NAME = "share.unknown_address"
MINUTE = timedelta(minutes=1)


def tries(count, key="192.0.2.1", times=3, per=MINUTE):
    """How many of ``count`` tries were let through."""
    passed = 0
    for _ in range(count):
        try:
            limits.hit("test.limit", key, limit=times, per=per)
            passed += 1
        except TooManyRequests:
            continue
    return passed


@pytest.fixture
def later(monkeypatch):
    """``later(seconds=5)``: move the time."""
    start, passed = clock.now(), timedelta()
    monkeypatch.setattr(clock, "now", lambda: start + passed)

    def move(**amount):
        nonlocal passed
        passed += timedelta(**amount)

    return move


@pytest.mark.django_db
class TestCounting:
    def test_so_many_pass_and_no_more(self):
        assert tries(10, times=3) == 3

    def test_the_answer_says_how_many_are_left(self):
        assert [limits.hit("test.limit", "a", limit=3, per=MINUTE) for _ in range(3)] == [2, 1, 0]

    def test_each_key_and_each_limit_counts_for_itself(self):
        assert tries(5, key="192.0.2.1") == tries(5, key="192.0.2.2") == 3
        assert limits.hit(NAME, "192.0.2.1") == LIMITS[NAME].times - 1

    def test_the_window_begins_with_the_first_try_and_then_a_new_one_begins(self, later):
        assert tries(3) == 3
        later(seconds=59)
        assert tries(1) == 0
        later(seconds=1)
        assert tries(9) == 3

    def test_refused_tries_do_not_lengthen_the_wait(self, later):
        tries(3)
        for _ in range(6):
            later(seconds=10)
            tries(1)
        assert tries(1) == 1

    def test_the_refusal_says_how_long_to_wait(self, later):
        tries(3)
        later(seconds=20)
        with pytest.raises(TooManyRequests) as refusal:
            limits.hit("test.limit", "192.0.2.1", limit=3, per=MINUTE)
        assert refusal.value.retry_after == 40
        assert str(refusal.value) == "Too many tries. Please try again in 1 min."

    def test_checking_counts_nothing(self):
        for _ in range(10):
            limits.check("test.limit", "a", limit=1, per=MINUTE)
        limits.hit("test.limit", "a", limit=1, per=MINUTE)
        with pytest.raises(TooManyRequests):
            limits.check("test.limit", "a", limit=1, per=MINUTE)

    def test_a_hit_can_be_taken_back(self):
        tries(3)
        limits.forgive("test.limit", "192.0.2.1")
        assert tries(5) == 1

    def test_a_limit_that_nobody_declared_needs_its_figures(self):
        with pytest.raises(KeyError):
            limits.hit("test.limit", "a")

    def test_neither_address_nor_number_is_stored(self):
        limits.hit(NAME, "+910123456789")
        row = LimitCounter.objects.get()
        assert len(bytes(row.key)) == INDEX_BYTES
        assert b"0123456789" not in bytes(row.key)
        assert row.name == NAME

    def test_ended_windows_are_cleared_away(self, later):
        tries(1)
        later(seconds=61)
        tries(1, key="other")
        assert limits.clear() == 1
        assert LimitCounter.objects.count() == 1


@pytest.mark.django_db(transaction=True)
class TestApart:
    def test_a_try_stays_counted_when_its_request_is_rolled_back(self, counted_apart):
        for _ in range(3):
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                limits.hit("test.limit", "a", limit=3, per=MINUTE)
                raise ZeroDivisionError
        with pytest.raises(TooManyRequests):
            limits.hit("test.limit", "a", limit=3, per=MINUTE)

    def test_tries_made_at_once_are_all_counted(self, counted_apart):
        def attempt():
            try:
                with transaction.atomic():
                    return limits.hit("test.limit", "a", limit=5, per=MINUTE)
            finally:
                limits.hang_up()

        answers = at_once(*[attempt] * 16)
        assert sorted(answer for answer in answers if isinstance(answer, int)) == [0, 1, 2, 3, 4]
        assert sum(isinstance(answer, TooManyRequests) for answer in answers) == 11

    def test_another_process_counts_on(self, counted_apart):
        tries(2, times=3)
        program = (
            "import django; django.setup(); from datetime import timedelta; from django.db import connection;"
            f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r};"
            "from toli.core import limits;"
            "print(limits.hit('test.limit', '192.0.2.1', limit=3, per=timedelta(minutes=1)))"
        )
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert run.stdout.strip() == "0", run.stderr
        assert tries(1, times=3) == 0

    def test_what_cannot_be_counted_is_not_allowed(self, counted_apart):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE core_limitcounter RENAME TO elsewhere")
        try:
            with pytest.raises(Unavailable):
                limits.hit(NAME, "a")
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE elsewhere RENAME TO core_limitcounter")


class TestDeclared:
    def test_each_limit_says_why(self):
        assert all(limit.why and limit.keyed_by and limit.times > 0 for limit in LIMITS.values())

    def test_a_day_can_cut_one_window_more_than_it_holds(self):
        assert Limit("x", 5, HOUR, "", "").most_in(DAY) == 5 * 25
        assert Limit("x", 10, DAY, "", "").most_in(DAY) == 20
        assert tightest([Limit("x", 5, HOUR, "", ""), Limit("x", 10, DAY, "", "")], DAY) == 20

    @given(st.integers(1, 9), st.integers(1, 90), st.lists(st.integers(0, 40), max_size=80), st.integers(1, 300))
    def test_no_span_lets_more_pass_than_computed(self, times, per, pauses, span):
        """The rule of windows, played through without a database."""
        rule = Limit("x", times, timedelta(seconds=per), "", "")
        at, hits, ends, passed = 0, 0, -1, []
        for pause in pauses:
            at += pause
            hits, ends = (1, at + per) if ends <= at else (hits + 1, ends)
            if hits <= times:
                passed.append(at)
        most = max((sum(start <= one < start + span for one in passed) for start in passed), default=0)
        assert most <= rule.most_in(timedelta(seconds=span))


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_counts_as_its_network(address, counts_as):
    assert network_of(address) == counts_as
