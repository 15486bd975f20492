"""Roles at the desk: who holds which, given with an end, taken back, never beyond one's own."""

import re
from datetime import date, timedelta

import pytest

from tests import factories as make
from toli.access.models import Role, RoleAssignment
from toli.access.services import ensure_standard_roles, latest_end
from toli.accounts.models import Account
from toli.core import clock
from toli.core.domain.limits import LIMITS, Limit

GIVE = "/console/t/A1/staff/new"


@pytest.fixture
def account(world):
    ensure_standard_roles()
    return make.make_headquarters("07")


@pytest.fixture
def chief(account, browser):
    """Every permission on 07."""
    return browser(account)


@pytest.fixture
def newcomer(world):
    return make.make_account(name="Rahul Nair")


def text(answer):
    return answer.content.decode()


def fields(who, **changes):
    until = clock.today() + timedelta(days=30)
    return {"login": who.login, "role": "coordinator", "until": until.isoformat(), **changes}


def given(who):
    return RoleAssignment.objects.filter(account=who)


class TestList:
    def test_who_holds_what_here_and_below_until_when(self, chief):
        make.make_coordinator("A1", name="Imran Khan")
        make.make_coordinator("B1", name="Rekha Pal")
        RoleAssignment.objects.filter(account__display_name="Imran Khan").update(valid_to=date(2030, 3, 9))
        shown = text(chief.get("/console/t/07/staff"))
        for words in (
            "Imran Khan",
            "Coordinator",
            "Place A1",
            "Ends on 9 March 2030",
            "given by the operator",
            "Head Quarters",
        ):
            assert words in shown
        assert "Rekha Pal" not in shown

    def test_roles_that_ended_are_not_listed(self, chief):
        make.make_coordinator("A1", name="Imran Khan")
        RoleAssignment.objects.filter(account__display_name="Imran Khan").update(valid_to=clock.today())
        assert "Imran Khan" not in text(chief.get("/console/t/07/staff"))

    def test_a_place_without_holders_says_who_acts_there(self, chief):
        assert "Nobody holds a role here yet" in text(chief.get("/console/t/A1/staff"))

    def test_a_long_list_goes_on(self, chief):
        for number in range(51):
            make.make_coordinator("A1", name=f"Person {number:02d}.")
        first = text(chief.get("/console/t/A1/staff"))
        after = re.search(r'rel="next" href="([^"]+)"', first)[1]
        rest = text(chief.get(after))
        assert ("Person 49." in first, "Person 50." in first, "Person 50." in rest) == (True, False, True)

    def test_a_coordinator_sees_no_list_of_people(self, coordinator):
        assert coordinator.get("/console/t/07/staff").status_code == 403
        assert "/staff" not in text(coordinator.get("/console/t/07"))


class TestGiving:
    def test_from_today_until_a_day(self, account, chief, newcomer):
        assert chief.post(GIVE, fields(newcomer)).headers["Location"] == "/console/t/A1/staff"
        role = given(newcomer).get()
        assert (role.role.code, role.territory.code, role.granted_by) == ("coordinator", "A1", account)
        assert (role.valid_from, role.valid_to) == (clock.today(), clock.today() + timedelta(days=30))
        assert "Rahul Nair" in text(chief.get("/console/t/A1/staff"))

    @pytest.mark.parametrize("until", ["", "soon", "2020-01-01", "2999-01-01"])
    def test_never_without_a_sensible_end(self, chief, newcomer, until):
        assert chief.post(GIVE, fields(newcomer, until=until)).status_code == 400
        assert not given(newcomer).exists()

    def test_the_last_day_is_possible_and_the_next_is_not(self, chief, newcomer):
        late = latest_end() + timedelta(days=1)
        assert chief.post(GIVE, fields(newcomer, until=late.isoformat())).status_code == 400
        assert chief.post(GIVE, fields(newcomer, until=latest_end().isoformat())).status_code == 303

    def test_not_to_oneself(self, account, chief):
        answer = chief.post(GIVE, fields(account))
        assert answer.status_code == 403
        assert "Nobody gives a role to themselves" in text(answer)

    def test_not_twice(self, chief, newcomer):
        assert [chief.post(GIVE, fields(newcomer)).status_code for _ in range(2)] == [303, 409]

    def test_not_more_than_one_holds(self, world, account, browser, newcomer):
        Role.objects.create(code="local", name_en="Local", permissions=["access.grant", "members.view"])
        Role.objects.create(code="viewer", name_en="Viewer", permissions=["members.view"])
        giver = make.make_account()
        make.make_actor({"access.grant": "07", "members.view": "07", "members.export": "070"}, account=giver)
        desk = browser(giver)
        shown = text(desk.get(GIVE))
        offered = set(re.findall(r'<option value="([^"]+)"', shown))
        assert {"local", "viewer"} <= offered
        assert not {"headquarters", "coordinator", "privacy"} & offered
        assert desk.post(GIVE, fields(newcomer, role="headquarters")).status_code == 400
        assert not given(newcomer).exists()
        assert desk.post(GIVE, fields(newcomer, role="viewer")).status_code == 303

    @pytest.mark.parametrize("code", ["070", "B1", "UP", "IN", "ZZ"])
    def test_not_outside_ones_own_area(self, chief, newcomer, code):
        assert chief.post(f"/console/t/{code}/staff/new", fields(newcomer)).status_code == 404
        assert not given(newcomer).exists()

    def test_the_answer_does_not_tell_a_member_s_login_from_none(self, world, chief, sunita):
        member = Account.objects.get(member=world.member)
        closed = make.make_account()
        Account.objects.filter(pk=closed.pk).update(is_active=False)
        answers = {
            re.sub('value="[^"]*"', "", text(chief.post(GIVE, fields(closed, login=login, until="2020-01-01"))))
            for login in (member.login, closed.login, "nobody-at-all")
        }
        assert len(answers) == 1
        assert "Nobody on the staff has this login" in answers.pop()

    def test_logins_are_not_tried_one_after_the_other(self, chief, newcomer, monkeypatch):
        declared = LIMITS["roles.unknown_login"]
        monkeypatch.setitem(LIMITS, declared.name, Limit(declared.name, 3, declared.per, "person", ""))
        tries = [chief.post(GIVE, fields(newcomer, login=f"guess{n}")).status_code for n in range(4)]
        assert tries == [400, 400, 400, 429]
        assert chief.post(GIVE, fields(newcomer)).status_code == 429

    def test_hidden_fields_change_nothing(self, account, chief, newcomer):
        other = make.make_account()
        hidden = {
            "account": other.pk, "account_id": other.pk, "granted_by": other.pk, "granted_by_id": other.pk,
            "valid_from": "2000-01-01", "valid_to": "2999-01-01", "territory": "IN", "territory_code": "IN",
            "permissions": "audit.view", "role_id": Role.objects.get(code="headquarters").pk,
        }  # fmt: skip
        chief.post(GIVE, fields(newcomer, **hidden))
        role = given(newcomer).get()
        assert (role.granted_by, role.valid_from, role.territory.code) == (account, clock.today(), "A1")
        assert (role.role.code, role.valid_to) == ("coordinator", clock.today() + timedelta(days=30))
        assert not given(other).exists()


class TestEnding:
    @pytest.fixture
    def role(self, chief, newcomer):
        chief.post(GIVE, fields(newcomer))
        return given(newcomer).get()

    def test_asked_once_more_then_at_once(self, chief, newcomer, role, browser):
        person = browser(newcomer)
        assert person.get("/console/t/A1").status_code == 200
        assert "lose it at once" in text(chief.get(f"/console/staff/{role.pk}/end"))
        assert person.get("/console/t/A1").status_code == 200
        assert chief.post(f"/console/staff/{role.pk}/end").headers["Location"] == "/console/t/A1/staff"
        assert person.get("/console/t/A1").status_code == 403
        assert chief.post(f"/console/staff/{role.pk}/end").status_code == 404

    def test_not_from_next_door(self, role, browser):
        desk = browser(make.make_headquarters("070"))
        assert [desk.get(f"/console/staff/{role.pk}/end").status_code, desk.post(
            f"/console/staff/{role.pk}/end").status_code] == [404, 404]  # fmt: skip
        role.refresh_from_db()
        assert role.valid_to > clock.today()

    def test_who_may_not_give_a_role_may_not_end_it(self, role, browser):
        giver = make.make_account()
        make.make_actor({"access.grant": "07"}, account=giver)
        answer = browser(giver).post(f"/console/staff/{role.pk}/end")
        assert answer.status_code == 403
        assert "permissions that you hold yourself" in text(answer)
        role.refresh_from_db()
        assert role.valid_to > clock.today()

    def test_ones_own_role_is_pointed_out(self, account, chief):
        own = given(account).get()
        assert "your own role" in text(chief.get(f"/console/staff/{own.pk}/end"))
        assert chief.post(f"/console/staff/{own.pk}/end").headers["Location"] == "/console/"
        assert chief.get("/console/t/07").status_code == 403
