"""Nothing that is kept about people can be forgotten: each table of the database has been spoken of."""

import re

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from toli.core import personal_data
from toli.core.domain.phone import spellings_pattern, to_e164

INDIAN = st.from_regex(r"\+91[0-5][0-9]{9}", fullmatch=True)
SPELLINGS = (
    "{e164}", "{national}", "0{national}", "+91 {a} {b}", "+91-{a}-{b}", "({a}) {b}", "{spread}", "91{national}",
)  # fmt: skip


@pytest.mark.django_db
def test_every_table_says_what_it_holds_about_people():
    tables = set(connection.introspection.table_names())
    assert tables - personal_data.declared_tables() == set()


@pytest.mark.django_db
def test_a_new_table_that_says_nothing_is_found():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (phone text)")
    assert set(connection.introspection.table_names()) - personal_data.declared_tables() == {"forgotten"}


@pytest.mark.django_db
def test_tables_and_columns_that_are_declared_exist():
    tables = set(connection.introspection.table_names())
    assert {table for holding in personal_data.holdings() for table in holding.tables} <= tables
    assert personal_data.mentions(personal_data.Person(1, 0, "Nobody Nowhere", ("+910000000000",))) == 0


def test_each_export_has_a_heading_for_each_of_its_fields():
    assert not [
        holding.key
        for holding in personal_data.holdings()
        if bool(holding.fields) == (holding.export is personal_data.nothing)
    ]


@given(INDIAN, st.sampled_from(SPELLINGS))
def test_a_number_is_found_however_it_is_written(e164, spelling):
    national = e164[3:]
    values = {"e164": e164, "national": national, "a": national[:5], "b": national[5:], "spread": " ".join(national)}
    text = "see " + spelling.format(**values)
    assert re.search(spellings_pattern(e164), text)
    assert re.search(spellings_pattern(e164), text.translate(str.maketrans("0123456789", "०१२३४५६७८९")))


@given(INDIAN, INDIAN)
def test_another_number_is_not(one, other):
    if one != other:
        assert not re.search(spellings_pattern(one), other)


def test_foreign_numbers_too():
    assert re.search(spellings_pattern(to_e164("+44 20 7946 0958")), "+44 (20) 7946-0958")
