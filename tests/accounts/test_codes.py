"""One-time codes: six digits, ten minutes, five tries, five codes an hour for a number."""

import re

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_member, make_phone, make_territory
from tests.together import at_once
from toli.accounts import services
from toli.accounts.domain import codes
from toli.accounts.errors import CodeExpired, CodeWrong, PhoneInvalid
from toli.accounts.models import OneTimeCode
from toli.core.errors import TooManyRequests, Unavailable

PHONE = make_phone(1)


def ask(phone=PHONE, purpose="join", language="en"):
    services.request_code(phone=phone, purpose=purpose, language=language)


def tell(code, phone=PHONE, purpose="join"):
    services.verify_code(phone=phone, purpose=purpose, code=code)


def another(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.mark.django_db
class TestOneCode:
    def test_the_right_code_is_accepted_once(self, texts):
        ask()
        tell(texts.code)
        with pytest.raises(CodeExpired):
            tell(texts.code)

    @pytest.mark.parametrize("written", ["{0} ", "{1} {2}", "{1}-{2}"])
    def test_a_code_may_be_written_with_gaps(self, texts, written):
        ask()
        tell(written.format(texts.code, texts.code[:3], texts.code[3:]))

    def test_a_code_may_be_written_in_devanagari_digits(self, texts):
        ask()
        tell(texts.code.translate(str.maketrans("0123456789", "०१२३४५६७८९")))

    def test_a_wrong_code_says_how_many_tries_are_left(self, texts):
        ask()
        for left in (4, 3, 2, 1, 0):
            with pytest.raises(CodeWrong) as refusal:
                tell(another(texts.code))
            assert refusal.value.params == {"tries_left": left}
            assert str(refusal.value).endswith(f"{left}.")

    def test_after_five_wrong_tries_the_right_code_is_refused_too(self, texts):
        ask()
        for _ in range(5):
            with pytest.raises(CodeWrong):
                tell(another(texts.code))
        with pytest.raises(CodeExpired):
            tell(texts.code)

    @pytest.mark.parametrize("nonsense", ["", "abc", "1", "1234567890" * 20, "\x00", "½½½½½½"])
    def test_nonsense_is_a_wrong_try(self, texts, nonsense):
        ask()
        with pytest.raises(CodeWrong):
            tell(nonsense)

    def test_a_code_lives_for_ten_minutes(self, texts, wait):
        ask()
        wait(minutes=9, seconds=59)
        tell(texts.code)
        ask()
        wait(minutes=10)
        with pytest.raises(CodeExpired):
            tell(texts.code)

    def test_a_new_code_ends_the_older_ones(self, texts):
        ask()
        first = texts.code
        ask()
        if texts.code != first:
            with pytest.raises(CodeWrong):
                tell(first)
        tell(texts.code)

    def test_a_code_is_good_for_its_own_number_and_purpose_only(self, texts):
        ask()
        with pytest.raises(CodeExpired):
            tell(texts.code, phone=make_phone(2))
        with pytest.raises(CodeExpired):
            tell(texts.code, purpose="sign_in")
        tell(texts.code)

    def test_a_stored_code_does_not_work_in_another_row(self, texts):
        ask()
        known = OneTimeCode.objects.get()
        ask()
        OneTimeCode.objects.exclude(pk=known.pk).update(code_hash=known.code_hash)
        with pytest.raises(CodeWrong):
            tell(texts.messages[0].text[:6])

    def test_neither_code_nor_number_is_stored(self, texts):
        ask()
        stored = b"".join(bytes(row.code_hash) + bytes(row.address_index) for row in OneTimeCode.objects.all())
        assert texts.code.encode() not in stored
        assert PHONE[-10:].encode() not in stored


@pytest.mark.django_db
def test_a_try_is_not_made_inside_a_transaction_that_could_undo_its_count(texts):
    ask()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        tell(texts.code)


@pytest.mark.django_db
class TestLimits:
    def test_five_codes_an_hour_for_a_number(self, texts, wait):
        for _ in range(5):
            ask()
        with pytest.raises(TooManyRequests):
            ask()
        ask(phone=make_phone(2))
        wait(minutes=61)
        ask()
        assert len(texts.messages) == 7

    def test_all_spellings_of_a_number_share_one_limit(self, texts):
        digits = PHONE[3:]
        for spelt in (digits, "0" + digits, "91" + digits, PHONE, f"{digits[:5]} {digits[5:]}"):
            ask(phone=spelt)
        assert {message.to for message in texts.messages} == {PHONE}
        with pytest.raises(TooManyRequests):
            ask(phone=f"+91-{digits}")

    def test_all_purposes_share_one_limit(self, texts):
        for purpose in ("join", "sign_in", "join", "sign_in", "join"):
            ask(purpose=purpose)
        with pytest.raises(TooManyRequests):
            ask(purpose="sign_in")

    def test_what_is_not_a_number_gets_no_code(self, texts):
        with pytest.raises(PhoneInvalid):
            ask(phone="98765")
        assert not texts.messages

    def test_a_code_that_could_not_be_sent_does_not_count(self, monkeypatch):
        class Broken:
            distant = False

            def send_many(self, messages):
                raise Unavailable

        monkeypatch.setattr("toli.accounts.services.codes.text_sender", Broken)
        with pytest.raises(Unavailable):
            ask()
        assert not OneTimeCode.objects.exists()


@pytest.mark.django_db
def test_the_answer_does_not_tell_whether_a_number_is_known(texts, django_assert_num_queries):
    make_territory("IN")
    make_member("IN", phone=PHONE)
    with django_assert_num_queries(9):
        ask(phone=PHONE)
    with django_assert_num_queries(9):
        ask(phone=make_phone(999))
    known, unknown = (re.sub(r"\d{6}", "000000", message.text) for message in texts.messages)
    assert known == unknown


@pytest.mark.django_db
def test_the_code_stands_first_and_the_last_line_lets_a_browser_fill_it_in(texts, settings):
    settings.BASE_URL = "https://toli.example.org"
    ask()
    lines = texts.messages[0].text.splitlines()
    assert lines[0].startswith(f"{texts.code} ")
    assert lines[-1] == f"@toli.example.org #{texts.code}"
    assert texts.messages[0].kind == "code"


@given(st.integers(0, 10**6 - 1), st.integers(0, 10**6 - 1), st.integers(1, 99), st.integers(1, 99))
def test_hashes_are_equal_for_the_same_code_of_the_same_row_only(one, other, row, other_row):
    def hashed(code, row):
        return codes.hash_code(f"{code:06d}", key=b"k", row=row, address_index=b"i" * 16, purpose="join")

    assert (hashed(one, row) == hashed(other, other_row)) == ((one, row) == (other, other_row))


def test_new_codes_have_six_digits():
    assert all(re.fullmatch(r"\d{6}", codes.new_code()) for _ in range(100))


@pytest.mark.django_db(transaction=True)
def test_tries_made_at_once_are_all_counted(texts):
    ask()
    wrong = another(texts.code)
    answers = at_once(*[lambda: tell(wrong)] * 8)
    assert sum(isinstance(answer, CodeWrong) for answer in answers) == 5
    assert sum(isinstance(answer, CodeExpired) for answer in answers) == 3
    assert OneTimeCode.objects.get().tries == 5


@pytest.mark.django_db(transaction=True)
def test_a_code_told_twice_at_once_is_accepted_once(texts):
    ask()
    right = texts.code
    answers = at_once(*[lambda: tell(right)] * 4)
    assert answers.count(None) == 1


@pytest.mark.django_db(transaction=True)
def test_codes_asked_for_at_once_keep_to_the_limit(texts):
    answers = at_once(*[ask] * 8)
    assert answers.count(None) == 5
    assert sum(isinstance(answer, TooManyRequests) for answer in answers) == 3
