"""Somebody of the staff tries to copy the members by looking at them: how far they get, and who hears of it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from tests import factories as make
from tests.web.conftest import BACKEND, browser, world  # noqa: F401 the same people and pages
from toli.audit.models import AuditEntry
from toli.core import clock
from toli.core.domain.limits import DAY, LIMITS, Limit
from toli.members.models import Member
from toli.members.services.looking import LISTS, PAGES, SEARCHES
from toli.web.console.members import SHOWN

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security" / "limits.md"
HERE = "/console/t/A1/members"
FEW = 3


@pytest.fixture
def few(monkeypatch):
    """Limits of three a day: the rule is the same, the test is shorter."""
    for name in (LISTS, PAGES, SEARCHES):
        monkeypatch.setitem(LIMITS, name, Limit(name, FEW, DAY, "person", ""))


@pytest.fixture
def asha(world):  # noqa: F811
    return make.make_coordinator("07", name="Asha Verma")


@pytest.fixture
def one(asha, browser):  # noqa: F811
    return browser(asha)


def warnings():
    return list(AuditEntry.objects.filter(action="members.much_read").values_list("details", flat=True))


def test_paging_ends_at_the_declared_page_and_leaves_one_warning(one):
    """The whole way, at the real limit: 60 pages, then a refusal that says when it goes on."""
    answers = [one.get(HERE).status_code for _ in range(LIMITS[LISTS].times + 2)]
    assert answers == [200] * LIMITS[LISTS].times + [429, 429]
    assert warnings() == [{"limit": LISTS, "times": LIMITS[LISTS].times}]


def test_one_less_is_no_news(few, one):
    for _ in range(FEW - 1):
        one.get(HERE)
    assert warnings() == []


def test_pages_of_members_one_after_the_other(few, one, world):  # noqa: F811
    members = [world.member, *(make.make_member("A1") for _ in range(4))]
    assert [one.get(f"/console/members/{member.pk}").status_code for member in members] == [200] * 3 + [429] * 2


def test_the_page_before_a_reveal_counts_as_well(few, asha, browser, world):  # noqa: F811
    chief = browser(make.make_headquarters("07"))
    addresses = [f"/console/members/{world.member.pk}/{page}" for page in ("reveal", "request", "reveal", "request")]
    assert [chief.get(address).status_code for address in addresses] == [200, 200, 200, 429]


def test_searches_count_whether_they_find_or_not(few, one, world):  # noqa: F811
    numbers = ["+910000000001", "nonsense", "ABCD-EFGH-JK", "+910000000002"]
    assert [one.post(HERE, {"number": number}).status_code for number in numbers] == [200, 200, 200, 429]
    assert warnings() == [{"limit": SEARCHES, "times": FEW}]


def test_members_that_are_not_there_use_nothing_up(few, one):
    missing = Member.objects.latest("pk").pk + 1
    assert [one.get(f"/console/members/{missing}").status_code for _ in range(FEW + 2)] == [404] * (FEW + 2)


def test_another_session_does_not_help_another_person_is_free(few, asha, browser):  # noqa: F811
    for _ in range(FEW):
        browser(asha).get(HERE)
    assert browser(asha).get(HERE).status_code == 429
    assert browser(make.make_coordinator("07", name="Binod Lal")).get(HERE).status_code == 200


def test_the_next_day_it_goes_on(few, one, asha):
    for _ in range(FEW + 1):
        one.get(HERE)
    with time_machine.travel(clock.now() + timedelta(hours=23, minutes=59)):
        assert one.get(HERE).status_code in {303, 429}  # signed out after a day without use, or still refused
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1)):
        one.force_login(asha, backend=BACKEND)
        assert one.get(HERE).status_code == 200


def test_the_refusal_says_what_to_do(few, one):
    for _ in range(FEW):
        one.get(HERE)
    answer = one.get(HERE)
    shown = answer.content.decode()
    assert "Enough for today" in shown
    assert "about 24 h" in shown
    assert "ask for a list" in shown
    assert int(answer["Retry-After"]) <= DAY.total_seconds()
    assert "आज के लिए बस" in one.get(HERE + "?lang=hi").content.decode()


def test_the_officer_reads_the_warning(few, one, browser):  # noqa: F811
    for _ in range(FEW):
        one.get(HERE)
    shown = browser(make.make_headquarters("07")).get("/console/audit").content.decode()
    assert "Asha Verma looked at unusually many members within a day." in shown
    assert "1 warning in the last 7 days" in re.sub(r"\s+", " ", shown)


@pytest.mark.django_db(transaction=True)
def test_what_was_counted_stays_counted_when_the_look_fails(few, one, counted_apart, monkeypatch):
    """A look that ends in an error was a look."""
    monkeypatch.setattr("toli.web.console.members._rows", lambda _listed: 1 / 0)
    one.raise_request_exception = False
    assert [one.get(HERE).status_code for _ in range(FEW + 1)] == [500] * FEW + [429]


@pytest.mark.parametrize(
    ("name", "gives"),
    [(LISTS, f"{LIMITS[LISTS].times * SHOWN:,} names"), (PAGES, "300 names"), (SEARCHES, "200 numbers")],
)
def test_the_document_says_what_the_code_does(name, gives):
    (line,) = (line for line in DOCUMENT.read_text().splitlines() if f"(`{name}`)" in line)
    assert (LIMITS[name].per, LIMITS[name].keyed_by) == (DAY, "person")
    assert f"| {LIMITS[name].times} | {gives}" in line
