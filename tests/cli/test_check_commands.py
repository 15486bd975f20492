"""`toli check refuse` and `restore`: they count first, and say what they did."""

import pytest

from tests.enrolment.conftest import join
from tests.factories import make_drive, make_organisation, make_territories
from toli.enrolment.domain.cases import MOST_ALONE
from toli.enrolment.domain.velocity import RULES
from toli.enrolment.errors import CaseDecided, CaseNotFound
from toli.enrolment.models import Case
from toli.members.models import Member, MemberState

MOST = {rule.name: rule.times for rule in RULES}["device.hour"]


def held(count):
    for serial in range(1, MOST + count + 1):
        join(serial)
    return str(Case.objects.get().pk)


@pytest.fixture(autouse=True)
def country(db):
    make_organisation()
    make_territories("IN/UP/07/A1")
    make_drive()


def act(toli, verb, case, *options):
    return toli("check", verb, case, "--reason", "nobody answers", "--json", *options).json


def test_a_refusal_is_counted_done_and_taken_back(toli):
    case = held(2)
    number = int(case)
    assert act(toli, "refuse", case) == {"case": number, "count": MOST + 2, "done": False}
    assert Member.objects.filter(state=MemberState.HELD).count() == 2
    assert act(toli, "refuse", case, "--yes") == {"case": number, "count": MOST + 2, "done": True}
    assert Member.objects.filter(state=MemberState.LEFT).count() == MOST + 2
    assert act(toli, "restore", case) == {"case": number, "count": MOST + 2, "done": False}
    assert Member.objects.filter(state=MemberState.LEFT).count() == MOST + 2
    assert act(toli, "restore", case, "--yes") == {"case": number, "count": MOST + 2, "done": True}
    assert Member.objects.filter(state=MemberState.ACTIVE).count() == MOST + 2


def test_many_are_not_refused_by_the_command_alone(toli):
    case = held(MOST_ALONE + 1)
    for _again in range(2):
        assert not act(toli, "refuse", case, "--yes")["done"]
    assert Member.objects.filter(state=MemberState.HELD).count() == MOST_ALONE + 1


def test_what_does_not_exist_or_was_not_refused_is_said(toli):
    for verb, *options in (("refuse",), ("refuse", "--yes"), ("restore",), ("restore", "--yes")):
        assert isinstance(toli("check", verb, "999", "--reason", "nobody answers", *options).error, CaseNotFound)
    assert isinstance(toli("check", "restore", held(1), "--reason", "a mistake", "--yes").error, CaseDecided)
