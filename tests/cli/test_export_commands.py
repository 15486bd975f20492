"""`toli export`: the lists that left, and the way back from a leaked row."""

import pytest

from tests.factories import make_account, make_export, make_member, make_territories
from toli.members.models import ExportRow, ExportState

pytestmark = pytest.mark.django_db
MARK = "7K2M9QX4RT"


@pytest.fixture
def lists():
    """One list with a marked row, one without."""
    place = make_territories("IN/UP/07/A1")["07"]
    leaked = make_export(place, make_account(), state=ExportState.READY, decided_by=make_account())
    ExportRow.objects.create(export=leaked, member=make_member("A1"), ref=MARK)
    return leaked, make_export(place, make_account())


def test_all_lists_the_latest_first(toli, lists):
    answer = toli("export", "list", "--json")
    assert [row["id"] for row in answer.json] == [lists[1].pk, lists[0].pk]
    assert (answer.json[0]["decided_by"], answer.json[0]["state"]) == (None, "waiting")


def test_the_table_names_who_asked_and_who_decided(toli, lists):
    answer = toli("export", "list")
    assert answer.code == 0
    assert lists[0].asked_by.login[:5] in answer.out


@pytest.mark.parametrize("mark", [MARK, "7k2m9-qx4rt"])
def test_a_mark_leads_back_to_who_asked(toli, lists, mark):
    (row,) = toli("export", "trace", mark, "--json").json
    assert (row["id"], row["login"]) == (lists[0].pk, lists[0].asked_by.login)
    assert row["decided_by"] == lists[0].decided_by.login


@pytest.mark.parametrize("mark", ["7K2M9QX4RV", "no mark", "é"])
def test_an_unknown_mark_leads_nowhere(toli, lists, mark):
    assert toli("export", "trace", mark, "--json").json == []
