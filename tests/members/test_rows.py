"""What a row of a list must hold."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.members.domain.rows import NAME_LIMIT, ParsedRow, RowProblem, clean_name, parse_row

GOOD = {"name": "Sunita Devi", "phone": "0123456789", "territory": "UP", "language": "hi"}


def parsed(**changes):
    return parse_row(2, {**GOOD, **changes}, default_language="hi")


def test_a_good_row_is_taken_with_everything_in_one_form():
    row = parsed(name="  Sunita \t Devi ", phone="01234 56789", territory=" up-a1 ", language="EN")
    assert row == ParsedRow(2, "Sunita Devi", "+910123456789", "UP-A1", "en")


@pytest.mark.parametrize("language", ["", "  ", None])
def test_the_language_may_be_left_empty(language):
    assert parsed(language=language).language == "hi"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ""}, "name_invalid"),
        ({"name": None}, "name_invalid"),
        ({"name": "12345"}, "name_invalid"),
        ({"name": "--- ..."}, "name_invalid"),
        ({"name": "x" * 121}, "name_invalid"),
        ({"name": "Sunita\x00"}, "name_invalid"),
        ({"name": "Sunita\x1b[2J"}, "name_invalid"),
        ({"name": "Sunita \u202eiveD"}, "name_invalid"),
        ({"phone": ""}, "phone_invalid"),
        ({"phone": None}, "phone_invalid"),
        ({"phone": "12345"}, "phone_invalid"),
        ({"phone": "9.87654E+09"}, "phone_invalid"),
        ({"territory": ""}, "territory_missing"),
        ({"territory": None}, "territory_missing"),
        ({"territory": "U\x00P"}, "territory_unknown"),
        ({"language": "klingon"}, "language_unknown"),
        ({"language": "\x00"}, "language_unknown"),
    ],
)
def test_a_bad_row_is_named_with_its_first_problem(changes, code):
    problem = parsed(**changes)
    assert isinstance(problem, RowProblem)
    assert (problem.row, problem.code) == (2, code)


@pytest.mark.parametrize("field", ["territory", "language"])
def test_a_problem_never_quotes_a_telephone_number(field):
    problem = parsed(**{field: "x\x009876543210"})
    assert "9876543210" not in str(problem.params)
    assert "\x00" not in str(problem.params)


@pytest.mark.parametrize("name", ["सुनीता देवी", "क्‍ष", "O'Neill", "Anne-Marie", "M. K. Rao", "José", "王"])
def test_names_of_all_scripts_are_names(name):
    assert clean_name(name) == unicodedata.normalize("NFC", name)


@given(st.text(max_size=200))
def test_a_clean_name_stays_as_it_is(text):
    try:
        name = clean_name(text)
    except ValueError:
        return
    assert clean_name(name) == name
    assert 0 < len(name) <= NAME_LIMIT
    assert name.strip() == name
    assert "  " not in name
    assert unicodedata.is_normalized("NFC", name)


def test_two_spellings_of_one_letter_are_one_name():
    assert clean_name("Jose\u0301") == clean_name("Jos\u00e9")
