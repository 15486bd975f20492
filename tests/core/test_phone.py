"""Numbers in E.164: every spelling of a number is one number, and no other text is a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.core.domain.phone import InvalidPhone, masked, to_e164

ten_digits = st.text("0123456789", min_size=10, max_size=10)
prefixes = st.sampled_from(["", "+91", "91", "0", "0091", "091"])
noise = st.text(" -().\u00a0\u200b\u202a", max_size=3)
TO_DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


@given(ten_digits, prefixes, noise, noise)
def test_every_spelling_of_an_indian_number_is_one_number(digits, prefix, before, between):
    spelt = before + prefix + between + digits[:5] + between + digits[5:]
    assert to_e164(spelt) == "+91" + digits
    assert to_e164(spelt.translate(TO_DEVANAGARI)) == "+91" + digits


@given(ten_digits)
def test_normalising_twice_changes_nothing(digits):
    once = to_e164(digits)
    assert to_e164(once) == once


@given(st.text(max_size=40))
def test_any_text_is_a_number_in_e164_or_refused(text):
    try:
        number = to_e164(text)
    except InvalidPhone:
        return
    assert number[0] == "+"
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert 8 <= len(number) <= 16
    assert to_e164(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "+", "12345", "98765", "98765432101", "+91 98765", "98765ABCDE", "1-800-FLOWERS",
        "9.87654321E+09", "98765 43210 x5", "+910123456789;ext=1", "9876543210/9876543211",
        "tel:9876543210", "98765\x0043210", "+0123456789", "نمبر", "Sunita Devi",
    ],
)  # fmt: skip
def test_what_is_not_a_number_is_refused(text):
    with pytest.raises(InvalidPhone):
        to_e164(text)


def test_numbers_of_other_countries_are_taken_with_their_country_code():
    assert to_e164("+44 20 7946 0958") == "+442079460958"


@given(ten_digits)
def test_a_masked_number_shows_five_of_its_digits(digits):
    shown = masked("+91" + digits)
    assert shown == f"+91 {digits[:2]}••• ••{digits[-3:]}"
    assert sum(char.isdigit() for char in shown) == 2 + 5


def test_a_masked_foreign_number_shows_its_last_three_digits():
    assert masked("+442079460958") == "+44 •••• 958"
