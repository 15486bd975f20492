"""Many values in one parameter arrive as they were sent."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.factories import make_member, make_territories
from toli.core.copying import array_of, these
from toli.members.models import Member

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


def _arrive(values, kind):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [array_of(values)])
        return cursor.fetchone()[0]


class TestArrays(TestCase):
    @settings(max_examples=50, suppress_health_check=list(HealthCheck))
    @given(st.lists(texts | st.sampled_from(["NULL", "", "{}", 'a"b', "a\\b", "a,b"]), max_size=5))
    def test_texts(self, values):
        assert _arrive(values, "text") == values

    def test_numbers_and_bytes(self):
        assert _arrive([3, -1, 2**40], "bigint") == [3, -1, 2**40]
        assert bytes(_arrive([r"\x00ff"], "bytea")[0]) == b"\x00\xff"


@pytest.mark.django_db
def test_rows_by_many_ids():
    make_territories("IN/UP/07/A1")
    one, _other = make_member("A1"), make_member("A1")
    assert [row.pk for row in Member.objects.filter(pk__in=these([one.pk, 0]))] == [one.pk]
    assert not Member.objects.filter(pk__in=these([])).exists()
