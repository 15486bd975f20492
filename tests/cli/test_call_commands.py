"""`toli call`: a list drawn by lot, shown with masked numbers, its results, and the draw done again."""

import pytest

from tests import factories as make
from toli.accounts.models import Account
from toli.enrolment.models import CallLine, CallSample
from toli.enrolment.services import calling


@pytest.fixture
def people(db):
    make.make_organisation()
    make.make_territories("IN/UP/07/A1")
    make.make_drive()
    account = make.make_account(name="asha")
    Account.objects.filter(pk=account.pk).update(login="asha")
    caller = make.make_actor({"members.reveal": "07"}, account=account)
    return caller, [make.make_member("A1", name=f"Person {word}", source="join") for word in ("One", "Two", "Three")]


@pytest.fixture
def sample(people, toli):
    return toli("call", "draw", "A1", "--caller", "asha", "--size", 2, "--json").json


def test_a_list_is_drawn_called_and_counted(people, sample, toli):
    assert (sample["drawn"], sample["out_of"]) == (2, 3)
    shown = toli("call", "show", sample["sample"], "--json").json
    assert [row["place"] for row in shown] == [1, 2]
    assert all("•" in row["phone"] for row in shown)
    calling.note_call(actor=people[0], sample_id=sample["sample"], place=1, outcome="confirmed")
    (listed,) = toli("call", "list", "--json").json
    assert (listed["territory"], listed["caller"], listed["called"], listed["drawn"]) == ("A1", "asha", 1, 2)
    total = toli("call", "results", "07", "--json").json[0]
    assert (total["drawn"], total["reached"], total["not_asked"]) == (2, 1, 0)
    assert 0 == total["low"] < total["high"] < 1


def test_the_draw_can_be_done_again_and_a_changed_list_is_noticed(sample, toli):
    assert toli("call", "verify", sample["sample"], "--json").json == {"sample": sample["sample"], "same": True}
    CallLine.objects.filter(place=1).update(place=9)
    changed = toli("call", "verify", sample["sample"])
    assert (changed.code, changed.out) == (1, "")
    assert "this list was changed" in changed.err
    assert toli("call", "verify", sample["sample"], "--json").json["same"] is False
    CallSample.objects.update(frame=[])
    assert toli("call", "verify", sample["sample"], "--json").json["same"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("draw", "nowhere", "--caller", "asha"), "nowhere"),
        (("draw", "A1", "--caller", "nobody"), "nobody"),
        (("draw", "A1", "--caller", "asha", "--size", 0), "1"),
        (("show", 4711), ""),
    ],
)
def test_mistakes_are_answered_in_a_sentence(people, toli, words, said):
    answer = toli("call", *words)
    assert answer.code in (1, 2)
    assert said in str(answer.error or answer.err)
    assert not CallSample.objects.exists()
