"""`toli export`: the lists that left, and the way back from a leaked row."""

import os
import time
from datetime import timedelta

import pytest

from tests.factories import make_account, make_export, make_member, make_territories
from toli.core import clock
from toli.members.models import Export, ExportRow, ExportState
from toli.members.services.exports import file

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


class TestPurge:
    @pytest.fixture
    def over(self, lists):
        """A ready list whose time is over, with its file, and a file whose list was stopped; both two hours old."""
        expired, stopped = lists
        Export.objects.filter(pk=expired.pk).update(expires_at=clock.now() - timedelta(minutes=1))
        for export in lists:
            file.write(export.pk, "name")
            os.utime(file._path(export.pk), (time.time() - 7200,) * 2)
        return expired, stopped

    def test_by_default_nothing_is_deleted(self, toli, over):
        answer = toli("export", "purge", "--json")
        assert answer.json == {"lists": [over[0].pk], "left_over": [over[1].pk], "done": False}
        assert len(file.present(older_than=clock.now())) == 2
        assert "--yes" in toli("export", "purge").err

    def test_expired_lists_and_files_without_one_go(self, toli, over):
        assert toli("export", "purge", "--yes", "--json").json["lists"] == [over[0].pk]
        assert file.present(older_than=clock.now()) == []
        assert Export.objects.get(pk=over[0].pk).state == ExportState.DELETED
        assert toli("export", "purge", "--json").json == {"lists": [], "left_over": [], "done": False}

    def test_what_may_be_in_the_making_stays(self, toli, lists):
        file.write(lists[1].pk, "name")
        assert toli("export", "purge", "--yes", "--json").json["left_over"] == []
        assert len(file.present(older_than=clock.now() + timedelta(seconds=5))) == 1
