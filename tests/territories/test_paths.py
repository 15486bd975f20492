"""Paths: a branch is a range, and a prefix is not a branch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.territories.domain.paths import branch_end, child_path, codes_of, in_branch, natural_key

codes = st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,8}", fullmatch=True)
paths = st.lists(codes, min_size=1, max_size=6).map(lambda parts: "main/" + "/".join(parts) + "/")


@given(paths, paths)
def test_the_range_of_a_branch_is_exactly_what_begins_with_it(path, branch):
    assert in_branch(path, branch) == path.startswith(branch)


@given(paths, codes)
def test_a_child_lies_in_its_parents_branch(path, code):
    assert in_branch(child_path(path, code), path)
    assert codes_of(child_path(path, code))[-1] == code


def test_07_does_not_hold_070():
    assert not in_branch("main/IN/070/", "main/IN/07/")
    assert in_branch("main/IN/07/0/", "main/IN/07/")


def test_a_branch_must_end_in_a_slash():
    with pytest.raises(ValueError, match="slash"):
        branch_end("main/IN")


def test_booths_are_counted_as_people_count_them():
    printed = ["12A(W)", "2", "12", "1", "12A", "100"]
    assert sorted(printed, key=natural_key) == ["1", "2", "12", "12A", "12A(W)", "100"]
