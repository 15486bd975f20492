"""Whom a breach concerns: exactly the members in the audited acts of the window, and none else."""

from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as laws
from hypothesis import strategies as st

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Account
from toli.accounts.selectors import actor_for
from toli.audit import services as audit
from toli.cards import services as cards
from toli.core import clock
from toli.members import services as members
from toli.members.models import ExportRow, Member
from toli.rights import selectors, services
from toli.rights.domain.breaches import ALL_KINDS, SHOWS, Kind, Way
from toli.rights.models import BreachAffected, BreachCase
from toli.rolls import services as rolls
from toli.territories.models import Territory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MAY = {"members.view": "IN", "members.reveal": "IN", "members.export": "IN"}


@contextmanager
def at(moment):
    with mock.patch.object(clock, "now", lambda: moment):
        yield


@pytest.fixture
def insider(country):
    return make.make_actor(MAY, account=make.make_account(name="In Sider"))


def case_of(insider=None, *, code="IN", began=None, ended=None, **fields):
    now = clock.now()
    incident = services.Incident(
        title="Lists were sold",
        territory_code=code,
        began_at=began or now - HOUR,
        ended_at=ended or now + HOUR,
        login=_login(insider),
        **fields,
    )
    case = services.open_case(actor=SYSTEM, incident=incident)
    services.find_affected(case_id=case.pk)
    case.refresh_from_db()
    return case


def _login(insider):
    return Account.objects.get(pk=insider.id).login if insider else ""


def found(case):
    return {row.member_id: (Kind(row.kinds), Way(row.ways)) for row in case.affected.all()}


def take_out(actor, code, columns, *, fetch=True):
    """A list asked for, made and (``fetch``) downloaded by its link."""
    export = members.ask_for_export(actor=actor, territory_code=code, columns=columns, purpose="for the meeting")
    members.make_export(export_id=export.pk)
    if fetch:
        members.download(actor=actor, token=members.open_link(actor=actor, export_id=export.pk))
    return export


# -- each way --------------------------------------------------------------------------------------


def test_who_was_revealed_and_who_stood_in_a_list_that_was_fetched(country, insider):
    revealed, listed, other = make.make_member("07"), make.make_member("A1"), make.make_member("B1")
    members.reveal_phone(actor=insider, member_id=revealed.pk, reason="other", note="no reason")
    take_out(insider, "A1", ["name", "card"])
    case = case_of(insider)
    assert found(case) == {
        revealed.pk: (SHOWS[Way.REVEAL], Way.REVEAL),
        listed.pk: (Kind.NAME | Kind.CARD, Way.LIST_FILE),
    }
    assert other.pk not in found(case)
    assert (case.acts, case.nameless, case.state) == (2, 0, "found")


def test_a_list_that_nobody_fetched_did_not_leave(country, insider):
    make.make_member("A1")
    take_out(insider, "A1", ["name"], fetch=False)
    assert found(case_of(insider)) == {}


def test_several_ways_are_one_person_with_the_union_of_what_was_seen(country, insider):
    member = make.make_member("A1")
    members.look_at_member(actor=insider, member_id=member.pk)
    take_out(insider, "A1", ["phone"])
    kinds, ways = found(case_of(insider))[member.pk]
    assert ways == Way.PAGE | Way.LIST_FILE
    assert kinds == SHOWS[Way.PAGE] | Kind.NUMBER


def test_pages_of_lists_are_worked_out_again(country, insider):
    people = [make.make_member("A1") for _ in range(5)]
    elsewhere = make.make_member("B1")
    place = Territory.objects.get(code="07")
    first = members.look_at_list(actor=insider, territory=place, limit=2)
    members.look_at_list(actor=insider, territory=place, after=first[-1].pk, limit=2)
    later = clock.now() + timedelta(seconds=5)
    Member.objects.filter(pk=people[0].pk).update(state="left", updated_at=later)
    make.make_member("A1", created_at=later)
    case = case_of(insider)
    assert set(found(case)) == {member.pk for member in people[:4]}
    assert elsewhere.pk not in found(case)


def test_searches_tell_whom_they_found(country, insider):
    member = make.make_member("A1", phone="+910198237645", carded=True)
    members.search_members(actor=insider, text="01982 37645")
    cards.find_holder(actor=insider, number=member.cards.get().number)
    case = case_of(insider)
    assert found(case) == {member.pk: (SHOWS[Way.SEARCH], Way.SEARCH)}
    assert case.nameless == 0


def test_lines_of_a_roll_that_were_looked_at(country, insider):
    yesterday = clock.today() - timedelta(days=1)
    member, _other = (make.make_member(code, member_from=yesterday) for code in ("A1", "B1"))
    roll = rolls.draw_roll(actor=insider, territory_code="A1", day=yesterday).roll
    assert found(case_of(insider)) == {}
    rolls.look_at_lines(actor=insider, roll_id=roll.pk)
    assert found(case_of(insider)) == {member.pk: (SHOWS[Way.LIST_PAGE], Way.LIST_PAGE)}


def test_an_old_search_that_tells_nobody_is_counted_as_such(country, insider):
    audit.record(actor_kind="staff", actor_id=insider.id, action="members.search", target="members",
                 details={"count": 1})  # fmt: skip
    case = case_of(insider)
    assert (found(case), case.acts, case.nameless) == ({}, 1, 1)


def test_copies_and_requests_that_staff_looked_at(country):
    member, own = make.make_member("A1"), make.make_member("A1")
    officer = make.make_actor({"rights.handle": "07"})
    request = services.file_request(actor=SYSTEM, member_id=member.pk, kind="complaint", words="somebody called")
    services.read_request(actor=officer, request_id=request.pk)
    services.copy_of(actor=officer, member_id=member.pk)
    account = members.open_account(member_id=own.pk)
    services.copy_of(actor=actor_for(account), member_id=own.pk)
    case = case_of()
    assert found(case) == {member.pk: (ALL_KINDS, Way.COPY | Way.REQUEST)}, "one's own copy is no breach"
    assert set(found(case_of(actor_for(account)))) == {own.pk}, "unless that account is the one that was stolen"


def test_everybody_when_the_database_was_taken(country):
    inside, outside = make.make_member("A1"), make.make_member("B1")
    case = case_of(code="07", everybody=True)
    assert found(case) == {inside.pk: (ALL_KINDS & ~Kind.NUMBER, Way.ALL)}
    assert outside.pk not in found(case)


# -- narrowing -------------------------------------------------------------------------------------


def test_only_the_place_of_the_case_and_not_its_twin(country, insider):
    inside, twin = make.make_member("A1"), make.make_member("B1")
    for member in (inside, twin):
        members.reveal_phone(actor=insider, member_id=member.pk, reason="other", note="no reason")
    assert set(found(case_of(insider, code="07"))) == {inside.pk}
    assert set(found(case_of(insider, code="070"))) == {twin.pk}


def test_only_the_suspect_the_address_the_list_the_kinds(country, insider):
    one, two = make.make_member("A1"), make.make_member("B1")
    other = make.make_actor(MAY)
    export = take_out(insider, "A1", ["name", "phone"])
    take_out(other, "B1", ["name"])
    assert set(found(case_of(insider))) == {one.pk}
    assert set(found(case_of(other))) == {two.pk}
    assert set(found(case_of())) == {one.pk, two.pk}
    assert set(found(case_of(export_number=export.pk))) == {one.pk}
    assert found(case_of(kinds=[Kind.NUMBER])) == {one.pk: (Kind.NUMBER, Way.LIST_FILE)}
    assert found(case_of(address="192.0.2.7")) == {}


def test_finding_again_gives_the_same(country, insider):
    make.make_member("A1")
    take_out(insider, "A1", ["name"])
    case = case_of(insider)
    before = found(case)
    services.find_affected(case_id=case.pk)
    assert found(case) == before
    assert BreachAffected.objects.count() == 1


# -- the law ---------------------------------------------------------------------------------------

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["reveal", "export"]),
        st.sampled_from(["insider", "honest"]),
        st.integers(-3, 3),  # hours from the middle of the window, which is two hours long
        st.sets(st.integers(0, 5), min_size=1),
    ),
    max_size=12,
)


@laws(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(ACTS)
def test_law_exactly_the_union_of_the_audited_acts_of_the_window(country, acts):
    BreachAffected.objects.all().delete()
    people = list(Member.objects.order_by("pk")) or [make.make_member(code) for code in ("A1", "B1") for _ in range(3)]
    who = {
        name: Account.objects.filter(display_name=name).first() or make.make_account(name=name)
        for name in ("insider", "honest")
    }
    now = clock.now()
    middle = now - timedelta(days=1 + BreachCase.objects.count())  # the trail keeps earlier examples
    expected = set()
    for kind, name, hours, chosen in acts:
        if kind == "reveal":
            chosen = {min(chosen)}
        with at(middle + hours * HOUR):
            _act(kind, who[name], [people[number] for number in chosen])
        if name == "insider" and -1 <= hours < 1:
            expected |= {people[number].pk for number in chosen}
    case = case_of(actor_for(who["insider"]), began=middle - HOUR, ended=middle + HOUR)
    assert set(found(case)) == expected
    places = selectors.by_place(case)
    assert (places[0].count if places else 0) == len(expected)
    for place in places:
        below = [other.count for other in places if other.depth == place.depth + 1 and _below(other, place)]
        if below:
            assert sum(below) <= place.count


def _below(one, other):
    paths = dict(Territory.objects.filter(nodes__valid_to=None).values_list("code", "nodes__path"))
    return paths[one.code].startswith(paths[other.code])


def _act(kind, account, people):
    if kind == "reveal":
        target = f"member:{people[0].pk}"
        action = "members.reveal"
    else:
        export = make.make_export(Territory.objects.get(code="IN"), account, columns=["name", "phone"])
        ExportRow.objects.bulk_create(ExportRow(export=export, member=member, ref="X" * 10) for member in people)
        target, action = f"export:{export.pk}", "members.export.download"
    audit.record(actor_kind="staff", actor_id=account.pk, action=action, target=target)


# -- counts ----------------------------------------------------------------------------------------


def test_counts_are_rolled_up_along_the_tree(country):
    for code, number in (("A1", 2), ("07", 1), ("B1", 4)):
        for _ in range(number):
            make.make_member(code)
    case = case_of(everybody=True)
    rows = {place.code: (place.count, place.depth) for place in selectors.by_place(case)}
    assert rows == {"IN": (7, 0), "UP": (7, 1), "07": (3, 2), "A1": (2, 3), "070": (4, 2), "B1": (4, 3)}
    assert [place.code for place in selectors.by_place(case, depth=1)] == ["IN", "UP"]
    lower = case_of(code="07", everybody=True)
    assert {place.code: place.count for place in selectors.by_place(lower)} == {"07": 3, "A1": 2}


def test_a_report_says_what_is_known_and_names_nobody(country, insider):
    member = make.make_member("A1", name="Asha Kumari")
    members.reveal_phone(actor=insider, member_id=member.pk, reason="other", note="no reason")
    case = case_of(insider)
    report = services.report_of(scope=EVERYWHERE, case_id=case.pk)
    data = report.as_json()
    assert (data["people"], data["kinds"]["number"], data["ways"], data["board_hours_left"]) == (
        1, 1, {"reveal": 1}, 71,
    )  # fmt: skip
    text = services.markdown(report, "en")
    assert "| Place A1" not in text
    assert "Place A1 (A1) | 1 |" in text
    assert "Asha" not in text
