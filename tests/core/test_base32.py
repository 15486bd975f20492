"""Crockford base 32 and the laws of its check characters."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toli.core.domain import base32

bodies = st.text(base32.ALPHABET, min_size=1, max_size=20)
chars = st.sampled_from(base32.ALPHABET)


@given(st.integers(0, 32**8 - 1))
def test_decoding_undoes_encoding(value):
    text = base32.encode_int(value, 8)
    assert len(text) == 8
    assert base32.decode_int(text) == value


@pytest.mark.parametrize("value", [-1, 32**2])
def test_a_value_that_does_not_fit_is_refused(value):
    with pytest.raises(ValueError, match="does not fit"):
        base32.encode_int(value, 2)


@pytest.mark.parametrize("text", ["U", "0I", "a", "é", " "])
def test_a_foreign_character_is_refused(text):
    with pytest.raises(ValueError, match="not a base 32 character"):
        base32.decode_int(text)


@given(bodies)
def test_a_code_with_its_check_characters_is_valid(body):
    assert base32.is_valid(base32.with_checksum(body))


@given(bodies, st.data(), chars)
def test_every_single_wrong_character_is_found(body, data, wrong):
    code = base32.with_checksum(body)
    place = data.draw(st.integers(0, len(code) - 1))
    assume(code[place] != wrong)
    assert not base32.is_valid(code[:place] + wrong + code[place + 1 :])


@given(bodies, st.data())
def test_every_swap_of_neighbours_is_found(body, data):
    code = base32.with_checksum(body)
    place = data.draw(st.integers(0, len(code) - 2))
    assume(code[place] != code[place + 1])
    assert not base32.is_valid(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


@pytest.mark.parametrize("code", ["", "0", "00", "UUU", "7q3"])
def test_short_or_foreign_codes_are_not_valid(code):
    assert not base32.is_valid(code)


def test_codes_are_read_as_people_write_them():
    assert base32.normalise(" 7q3k-9m2x-oil ") == "7Q3K9M2X011"


def test_random_codes_have_the_length_and_the_alphabet():
    drawn = {base32.random_code(8) for _ in range(200)}
    assert len(drawn) == 200
    assert all(len(code) == 8 and set(code) <= set(base32.ALPHABET) for code in drawn)
