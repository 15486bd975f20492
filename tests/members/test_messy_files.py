"""Whatever is in a file: rows in = members made + known ones + rows refused with a reason, or the file is refused."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_phone
from tests.members.spreadsheet import write_sheet
from toli.core.errors import DomainError
from toli.members.models import Member

A, B, C, D = (make_phone(serial) for serial in (101, 102, 103, 104))

MESSY = {
    "quotes": (
        f'name,phone,territory\n"Devi, Sunita",{A},A1\n"torn,{B},A1\nRa"vi",{C},B1\n"Line\nbreak",{D},A1\n',
        {"made": 3, "row_broken": 1},
    ),
    "ragged": (
        f"name,phone,territory\nSunita,{A}\nRavi,{B},A1,,,\nMohan,{C},B1,more\n\n,,\nAsha\n",
        {"made": 1, "territory_missing": 1, "too_many_cells": 1, "phone_invalid": 1},
    ),
    "doubles": (
        f"name,phone,territory\nSunita,{A},A1\nSunita,0{A[3:]},A1\nRavi,00 91-{A[3:]},B1\nAsha,{B},A1\n",
        {"made": 2, "phone_twice": 2},
    ),
    "places": (
        f"name,phone,territory\nSunita,{A},a1 \nRavi,{B},NOWHERE\nMohan,{C},\n",
        {"made": 1, "territory_unknown": 1, "territory_missing": 1},
    ),
    "signs": (
        f"name,phone,territory\nSu\x00nita,{A},A1\n12345,{B},A1\n\u202eivaR,{C},A1\n  सुनीता  ,{D},A1\n",
        {"made": 1, "name_invalid": 3},
    ),
    "numbers": (
        f"name,phone,territory\nA,9.87E+09,A1\nB,98765,A1\nC,+1 201 555 0123,A1\nD,०१२३४५६७८९,A1\nE,{A} x5,A1\n",
        {"made": 2, "phone_invalid": 3},
    ),
    "tabs and a title": (
        f"Members of 2026\n\nनाम\tफ़ोन\tबूथ कोड\tभाषा\nसुनीता\t{A}\tA1\tहिंदी\nRavi\t{B}\tB1\tklingon\n",
        {"made": 1, "language_unknown": 1},
    ),
}


def account(report):
    """What became of the rows: members made, known ones, and refused ones by reason."""
    found = Counter(problem.code for problem in report.problems)
    found["made"], found["known"] = report.created, report.updated + report.unchanged
    return +found


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", MESSY)
def test_every_row_of_a_messy_file_is_accounted_for(take, tmp_path, name, encoding):
    content, expected = MESSY[name]
    path = tmp_path / "messy"
    path.write_bytes(content.encode(encoding))
    report = take(path)
    assert account(report) == expected
    assert report.rows == sum(expected.values())
    assert Member.objects.count() == expected["made"]
    again = take(path)
    assert (again.rows, again.created, again.updated) == (report.rows, 0, 0)


@pytest.mark.django_db
def test_every_row_of_a_messy_spreadsheet_is_accounted_for(take, tmp_path):
    rows = {
        4: ["Name", "Mobile", "Booth Code"],
        5: ["Sunita", A, "A1", "beyond the header"],
        9: ["", "", ""],
        10: [True and 1, 5, 7],
        11: ["Ravi", "#REF!", "A1"],
        12: ["Mohan", ("A1", B), "B1"],
    }
    report = take(write_sheet(tmp_path / "messy", rows))
    assert account(report) == {"made": 2, "name_invalid": 1, "phone_invalid": 1}
    assert [problem.row for problem in report.problems] == [10, 11]


@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([f"Sunita,{A},A1".encode(), b'"', b"a,b,c,d,e", b",,,", b"", "é,1,A1".encode("cp1252")]),
        ),
        max_size=12,
    ),
    st.sampled_from([b"name,phone,territory\n", b"", b"\xff\xfe", b"BEGIN:VCARD\n", b"sep=;\n"]),
)
def test_whatever_the_bytes_are_the_sum_is_right(take, tmp_path, lines, begin):
    path = tmp_path / "noise"
    path.write_bytes(begin + b"\n".join(lines))
    try:
        report = take(path, dry_run=True, territory="A1")
    except DomainError:
        return
    assert report.rows == report.created + report.updated + report.unchanged + len(report.problems)
    assert report.rejected == len(report.problems)
    assert len({problem.row for problem in report.problems}) == len(report.problems)
