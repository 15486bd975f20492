"""How a name is set: always within its box, never without its surname."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.cards.domain.picture.fitting import ELLIPSIS, SLACK, Box, as_seen, characters, set_line, set_text

AT, GAP = 50, 15.0
BOX = Box(500, ((50, 1), (40, 2), (24, 3)))


def measure(word):
    """Thirty pixels for each character, as a typewriter has them."""
    return 30.0 * len(word)


def width(line, size):
    return (sum(map(measure, line)) + GAP * (len(line) - 1)) * size / AT * SLACK


def set_(text):
    return set_text(text, BOX, measure=measure, at=AT, gap=GAP)


def test_words_that_run_leftwards_are_seen_from_the_right():
    a, b, c = "محمد", "عمران", "خان"
    assert as_seen((a, b, c)) == [c, b, a]
    assert as_seen(("Dr", a, b, "Rao")) == ["Dr", b, a, "Rao"]
    assert as_seen((a, "K", "L", c)) == [c, "K", "L", a]
    assert as_seen(("सुनीता", "Devi")) == ["सुनीता", "Devi"]
    assert as_seen(()) == []


words = st.text("abcdefgकखगज़ािीु्", min_size=1, max_size=60)
names = st.lists(words, min_size=1, max_size=12).map(" ".join)


@given(names)
def test_every_line_of_a_name_stays_within_the_box(name):
    setting = set_(name)
    assert all(
        width(line, setting.size) <= BOX.width + 1e-6 or len(line) == len(line[0]) == 1 for line in setting.lines
    )
    assert len(setting.lines) <= 3


@given(names)
def test_the_first_name_and_the_surname_are_always_whole(name):
    set_words = "".join("".join(line) for line in set_(name).lines)
    assert set_words.startswith(name.split()[0])
    assert set_words.endswith(name.split()[-1])


@given(names)
def test_what_is_left_out_is_marked(name):
    text = "".join("".join(line) for line in set_(name).lines)
    assert text == "".join(name.split()) or ELLIPSIS in text


def test_a_short_name_stands_large_on_one_line():
    assert set_("Sunita Devi") == set_("  Sunita   Devi ")
    assert (set_("Sunita Devi").size, set_("Sunita Devi").lines) == (50, (("Sunita", "Devi"),))


def test_a_longer_one_goes_onto_two_lines_before_it_loses_a_word():
    setting = set_("Lakshmi Suryaprakash Rao")
    assert (setting.size, len(setting.lines)) == (40, 2)


def test_a_name_that_is_too_long_loses_middle_words_from_the_end_of_the_middle():
    name = "Aaaaaaaaaaaaaaaaaaaa Bbbbbbbbbbbbbbbbbbbb Cccccccccccccccccccc Dddddddddddddddddddd Eeeeeeeeeeeeeeeeeeee"
    shown = [word for line in set_(name).lines for word in line]
    assert shown == [name.split()[0], name.split()[1], ELLIPSIS, name.split()[-1]] or shown == [
        name.split()[0],
        ELLIPSIS,
        name.split()[-1],
    ]


def test_a_word_of_a_hundred_letters_is_broken_and_nothing_is_lost():
    setting = set_("x" * 120)
    assert "".join(part for line in setting.lines for part in line) == "x" * 120


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("सुनीता", ["सु", "नी", "ता"]),
        ("लक्ष्मी", ["ल", "क्ष्मी"]),
        ("ख़ान", ["ख़ा", "न"]),
        ("Rao", ["R", "a", "o"]),
        ("र्‍य", ["र्‍य"]),
    ],
)
def test_a_written_character_keeps_its_signs(word, parts):
    assert characters(word) == parts


@given(st.text(max_size=40))
def test_characters_put_together_are_the_word(word):
    assert "".join(characters(word)) == word


@given(names, st.floats(20, 800))
def test_a_line_is_one_line_and_stays_within_its_room(text, room):
    setting = set_line(text, room, sizes=(24, 20, 16), measure=measure, at=AT, gap=GAP)
    assert len(setting.lines) == 1
    assert width(setting.lines[0], setting.size) <= room + 1e-6 or setting.lines == ((ELLIPSIS,),)


def test_of_a_line_that_is_too_long_the_beginning_is_shown():
    setting = set_line("Government Primary School", 200, sizes=(20,), measure=measure, at=AT, gap=GAP)
    assert setting.lines[0][-1].endswith(ELLIPSIS)
    assert setting.lines[0][0].startswith("Gov")
