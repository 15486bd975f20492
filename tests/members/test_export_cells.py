"""No cell of a list may begin a formula, whatever stands in it and however the file is read."""

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from toli.members.domain.exports import REF_LENGTH, csv_text, ref_of, safe_cell

FORMULA = "=+-@＝＋－＠"
nasty = st.text(alphabet=st.sampled_from([*FORMULA, *" \t\r\n,;|\"'aक\u200b\ufeff\u00a0"]), max_size=12)
cells = st.one_of(nasty, st.text(max_size=20))


def begins_formula(cell: str) -> bool:
    return bool(re.match(rf"[\s\u200b\ufeff]*[{re.escape(FORMULA)}]", cell))


def parsed(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))


@given(st.lists(st.tuples(cells, cells, cells), max_size=4), cells, st.sampled_from(",;\t|"))
def test_no_cell_begins_a_formula_at_any_separator(rows, last, delimiter):
    text = csv_text(["a", "b", "c"], rows, last_line=last)
    found = [cell for row in parsed(text, delimiter) for cell in row]
    assert not [cell for cell in found if begins_formula(cell)]
    if delimiter == ",":  # at another one a reader may break a row within a cell: what follows is no formula either
        assert not [cell for cell in found if cell[:1] in {"\t", "\r", "\n"}]


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=4))
def test_rows_stay_rows(rows):
    text = csv_text(["a", "b"], rows, last_line="end")
    assert text.startswith("\ufeff")
    assert [len(row) for row in parsed(text, ",")] == [2] + [2] * len(rows) + [1]
    assert text.encode("utf-8")


@given(st.from_regex(r"[\w][\w .()/-]{0,30}", fullmatch=True))
def test_ordinary_words_stay_as_they_are(text):
    assert safe_cell(text.strip()) == text.strip()


def test_known_attacks():
    for attack in ("=1+1", "+91", "-2", "@SUM(A1)", "\t=1", "＝1", " =1", "x;=1", 'x"=1', "x,\u200b+1", "x|-1"):
        assert not begins_formula(safe_cell(attack).split(";")[-1])
        assert "'" in safe_cell(attack)


def test_a_mark_has_ten_characters_that_cannot_be_a_formula():
    for mac in (b"\0" * 16, b"\xff" * 16):
        assert re.fullmatch(r"[0-9A-Z]{10}", ref_of(mac))
    assert REF_LENGTH == 10
