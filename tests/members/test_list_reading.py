"""From lines to people: every record is a row or a problem, and the fast way gives the answers of the slow one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.members.domain.importing.normalising import FIELDS, people_of
from toli.members.domain.importing.records import Records, frame_of
from toli.members.domain.importing.separated import LONGEST_CELL, cells_of, read_lines
from toli.members.domain.names import kept_keys
from toli.members.domain.rows import ParsedRow, RowProblem, parse_row

COLUMNS = ("name", "phone", "territory", "language")


def read(text, *, columns=COLUMNS, delimiter=",", size=1000):
    """Rows (number and cells) and problems (number and code), by number, of all pieces."""
    rows, problems = [], []
    for records in read_lines(
        iter(text.splitlines(keepends=True)), columns, delimiter=delimiter, first_row=2, size=size
    ):
        rows += [tuple(row) for row in records.frame.iter_rows()]
        problems += [(problem.row, problem.code) for problem in records.problems]
    return rows, problems


def people(*cells):
    """The people and problems of records with these cells, as the vectorised way finds them."""
    rows = range(2, 2 + len(cells))
    found = people_of(Records(0, frame_of(list(rows), cells, COLUMNS), (), 1), default_language="hi")
    assert found.frame["name_keys"].to_list() == [kept_keys(name) for name in found.frame["name"]]
    parsed = [ParsedRow(**row) for row in found.frame.drop("name_keys").to_dicts()]
    return sorted([*parsed, *found.problems], key=lambda item: item.row)


class TestLines:
    def test_plain_lines_are_split(self):
        rows, problems = read("Sunita,1,A1,hi\n\n Ravi , 2 ,B1\n")
        assert rows == [(2, "Sunita", "1", "A1", "hi"), (4, "Ravi", "2", "B1", "")]
        assert not problems

    def test_columns_that_are_not_taken_are_left_out(self):
        rows, _problems = read("7;Sunita;x;1\n", columns=("", "name", "", "phone"), delimiter=";")
        assert rows == [(2, "Sunita", "1")]

    @pytest.mark.parametrize("text", ['"Ravi,1,UP,hi', 'Ra"vi","1,UP', 'x,"a"b,UP'])
    def test_a_torn_line_is_a_problem_of_its_own(self, text):
        rows, problems = read(f"{text}\nSunita,1,A1,hi\n")
        assert problems == [(2, "row_broken")]
        assert [row[0] for row in rows] == [3]

    def test_a_cell_may_run_over_several_lines(self):
        rows, problems = read('"Sunita\nDevi",1,A1,hi\nRavi,2,B1,hi\n')
        assert rows == [(2, "Sunita\nDevi", "1", "A1", "hi"), (4, "Ravi", "2", "B1", "hi")]
        assert not problems

    @pytest.mark.parametrize("size", [1, 2, 3, 5])
    def test_a_cell_may_run_over_the_end_of_a_piece(self, size):
        text = 'A,1,A1,hi\n"B\nb\nb",2,A1,hi\nC,3,A1,hi\nD,4,A1,hi\n'
        assert read(text, size=size) == read(text)

    def test_a_forgotten_quotation_mark_far_from_the_next_spoils_one_row(self):
        text = '"A,1,A1,hi\n' + "B,2,A1,hi\n" * LONGEST_CELL + 'C",3,A1,hi\n'
        rows, problems = read(text)
        assert problems == [(2, "row_broken")]
        assert len(rows) == LONGEST_CELL + 1

    def test_more_cells_than_columns_are_refused_unless_they_are_empty(self):
        rows, problems = read("A,1,A1,hi,more\nB,2,A1,hi,,\n")
        assert problems == [(2, "too_many_cells")]
        assert rows == [(3, "B", "2", "A1", "hi")]

    def test_bytes_that_are_no_text_are_a_problem_of_their_row(self):
        rows, problems = read("A\udce9,1,A1,hi\nB,2,A1,hi\n")
        assert problems == [(2, "encoding_broken")]
        assert len(rows) == 1

    def test_cells_are_trimmed(self):
        assert cells_of([" a , b ,\n"]) == (["a", "b", ""], 1)

    @given(st.text(alphabet='ab,"\n \x00é', max_size=200), st.integers(1, 6))
    def test_each_line_is_accounted_for_whatever_the_size_of_the_pieces(self, text, size):
        whole = read(text)
        assert sorted(map(repr, read(text, size=size)[0])) == sorted(map(repr, whole[0]))
        assert sorted(read(text, size=size)[1]) == sorted(whole[1])
        numbers = [row[0] for row in whole[0]] + [row for row, _code in whole[1]]
        assert len(numbers) == len(set(numbers))

    @given(st.lists(st.lists(st.text(alphabet="ab é.", min_size=1, max_size=5), min_size=4, max_size=4), max_size=8))
    def test_what_is_written_is_read(self, cells):
        kept = [[cell.strip() for cell in line] for line in cells]
        rows, problems = read("".join(",".join(line) + "\n" for line in cells))
        assert [list(row[1:]) for row in rows] == [line for line in kept if any(line)]
        assert not problems


NAMES = st.one_of(
    st.sampled_from(["Sunita Devi", " सुनीता  देवी ", "क़लीम", "क्‍ष", "O'Neill", "Jose\u0301", "x" * 121, "--", "A\tB"]),
    st.text(alphabet="Aa सु\u0301.'\u202e\x00\u200d7", max_size=12),
)
PHONES = st.one_of(
    st.sampled_from(["0123456789", "+91 01234 56789", "0091-0123456789", "०१२३४५६७८९", "+1 201 555 0123", "12", "x"]),
    st.text(alphabet="+0123456789 -()\u200e०", max_size=16),
)
CODES = st.one_of(st.sampled_from([" up-a1 ", "UP", "", "ß", "उप्र", "U\x00P"]), st.text(max_size=6))
LANGUAGES = st.sampled_from(["hi", " EN ", "", "xx", "\x00", "हिन्दी"])


class TestPeople:
    @given(st.lists(st.tuples(NAMES, PHONES, CODES, LANGUAGES), max_size=6))
    def test_the_fast_way_gives_the_answers_of_the_slow_one(self, cells):
        cells = [tuple(cell.encode(errors="replace").decode() for cell in line) for line in cells]
        # The sign that parts of a place are told apart by is none of a code.
        cells = [(name, phone, code.replace("|", " "), language) for name, phone, code, language in cells]
        slow = [
            parse_row(row, dict(zip(FIELDS, line, strict=True)), default_language="hi")
            for row, line in enumerate(cells, start=2)
        ]
        assert people(*cells) == slow

    def test_the_sign_between_parts_of_a_place_is_no_place(self):
        (found,) = people(("Sunita", "0123456789", " | ", "hi"))
        assert found.code == "territory_missing"

    def test_rows_and_problems_are_all_that_came_in(self):
        found = people(("Sunita", "0123456789", "UP", ""), ("", "0123456789", "UP", ""))
        assert [type(item) for item in found] == [ParsedRow, RowProblem]
