"""Scopes and roles: whoever was given nothing sees nothing."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories as make
from tests.together import at_once
from toli.access import selectors, services
from toli.access.domain.permissions import COORDINATOR
from toli.access.domain.scope import scope_of
from toli.access.errors import (
    AssignmentNotFound,
    BeyondOwnRole,
    OwnRole,
    RoleAlreadyHeld,
    RoleNotFound,
    RoleTermWrong,
)
from toli.access.models import RoleAssignment
from toli.access.policies import permissions_of, role_behind, scope_for
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM
from toli.accounts.errors import AccountNotFound
from toli.core import clock
from toli.core.domain.terms import ends_on
from toli.territories.errors import TerritoryNotFound
from toli.territories.models import Territory

branches = st.lists(st.sampled_from(["a/", "a/b/", "a/b/c/", "a/bb/", "d/"]), max_size=5)


@given(branches, st.sampled_from(["a/", "a/b/", "a/b/c/", "a/bb/", "d/", "a/bbb/"]))
def test_the_smallest_scope_covers_the_same_places(paths, place):
    assert scope_of(paths).covers(place) == any(place.startswith(path) for path in paths)


def test_a_branch_without_its_slash_is_refused():
    with pytest.raises(ValueError, match="slash"):
        scope_of(["main/IN"])


@pytest.mark.django_db
class TestRoles:
    @pytest.fixture(autouse=True)
    def _places(self):
        make.make_territories("IN/UP/07/A1", "IN/UP/070")
        services.ensure_standard_roles()

    def test_visitors_see_nothing_and_the_system_everything(self):
        assert scope_for(ANONYMOUS, "members.view").is_empty
        assert scope_for(SYSTEM, "members.view").everywhere

    def test_ended_and_future_roles_count_for_nothing(self):
        actor = make.make_actor({"members.view": "UP"})
        today = clock.today()
        for dates in ({"valid_to": today}, {"valid_to": None, "valid_from": today + timedelta(days=1)}):
            RoleAssignment.objects.filter(account_id=actor.id).update(**dates)
            assert scope_for(actor, "members.view").is_empty
            assert not permissions_of(actor)

    def test_a_closed_account_sees_nothing(self):
        account = make.make_coordinator("UP")
        account.is_active = False
        account.save()
        actor = make.make_actor({}, account=account)
        assert scope_for(actor, "members.view").is_empty

    def test_a_role_is_given_downwards_only(self):
        giver = make.make_actor({"access.grant": "07", **dict.fromkeys(COORDINATOR, "07")})
        other = make.make_account()
        arguments = {"account_id": other.pk, "role_code": "coordinator", "valid_to": in_days(30)}
        services.grant_role(actor=giver, territory_code="07", **arguments)
        for outside in ("070", "UP", "IN"):
            with pytest.raises(TerritoryNotFound):
                services.grant_role(actor=giver, territory_code=outside, **arguments)

    def test_nobody_gives_more_than_they_hold(self):
        giver = make.make_actor({"access.grant": "UP"})
        with pytest.raises(BeyondOwnRole):
            give(giver, make.make_account(), valid_to=in_days(30))

    def test_the_same_role_is_not_given_twice(self):
        account = make.make_account()
        arguments = {"account_id": account.pk, "role_code": "coordinator", "territory_code": "UP"}
        services.grant_role(actor=SYSTEM, **arguments)
        with pytest.raises(RoleAlreadyHeld):
            services.grant_role(actor=SYSTEM, **arguments)
        with pytest.raises(RoleNotFound):
            services.grant_role(actor=SYSTEM, **{**arguments, "role_code": "emperor"})

    def test_an_ended_role_ends_with_the_next_request(self):
        account = make.make_account()
        given = services.grant_role(actor=SYSTEM, account_id=account.pk, role_code="coordinator", territory_code="UP")
        actor = make.make_actor({}, account=account)
        assert scope_for(actor, "members.view").covers("main/IN/UP/07/")
        services.end_role(actor=SYSTEM, assignment_id=given.pk)
        assert scope_for(actor, "members.view").is_empty

    def test_a_role_elsewhere_cannot_be_ended(self):
        given = services.grant_role(
            actor=SYSTEM, account_id=make.make_account().pk, role_code="coordinator", territory_code="070"
        )
        for code in ("07", "A1"):
            with pytest.raises(AssignmentNotFound):
                services.end_role(actor=giver_of(code), assignment_id=given.pk)
        services.end_role(actor=giver_of("UP"), assignment_id=given.pk)
        with pytest.raises(AssignmentNotFound):
            services.end_role(actor=giver_of("UP"), assignment_id=given.pk)

    def test_a_role_for_a_time_can_be_ended_before(self):
        account = make.make_account()
        given = give(SYSTEM, account, valid_to=in_days(90))
        services.end_role(actor=giver_of("UP"), assignment_id=given.pk)
        assert scope_for(make.make_actor({}, account=account), "members.view").is_empty

    def test_whoever_may_not_give_a_role_may_not_end_it(self):
        chief = services.grant_role(
            actor=SYSTEM, account_id=make.make_account().pk, role_code="headquarters", territory_code="07"
        )
        with pytest.raises(BeyondOwnRole):
            services.end_role(actor=giver_of("UP"), assignment_id=chief.pk)

    def test_people_give_roles_for_a_time_only(self, settings):
        settings.TOLI_ROLE_MONTHS = 12
        giver, account = giver_of("UP"), make.make_account()
        for wrong in (None, clock.today(), in_days(-1), services.latest_end() + timedelta(days=1)):
            with pytest.raises(RoleTermWrong):
                give(giver, account, valid_to=wrong)
        assert give(giver, account, valid_to=services.latest_end()).valid_to == ends_on(clock.today(), 12)

    def test_no_role_outlasts_that_of_its_giver(self):
        giver = giver_of("UP")
        RoleAssignment.objects.filter(account_id=giver.id, role__code="only-kits.view").update(valid_to=in_days(30))
        with pytest.raises(BeyondOwnRole):
            give(giver, make.make_account(), valid_to=in_days(31))
        assert give(giver, make.make_account(), valid_to=in_days(30))

    def test_nobody_gives_a_role_to_themselves(self):
        giver = giver_of("UP")
        with pytest.raises(OwnRole):
            services.grant_role(
                actor=giver, account_id=giver.id, role_code="coordinator", territory_code="07", valid_to=in_days(30)
            )

    def test_roles_are_for_staff_in_use(self):
        closed = make.make_account()
        closed.is_active = False
        closed.save()
        for account in (closed, make.make_account(kind="member")):
            with pytest.raises(AccountNotFound):
                give(giver_of("UP"), account, valid_to=in_days(30))

    def test_a_role_is_not_prolonged_by_giving_it_again(self):
        account, giver = make.make_account(), giver_of("UP")
        give(giver, account, valid_to=in_days(30))
        with pytest.raises(RoleAlreadyHeld):
            give(giver, account, valid_to=in_days(60))

    def test_those_who_hold_roles_in_an_area_are_listed_a_page_at_a_time(self):
        accounts = [make.make_coordinator("07") for _ in range(3)]
        make.make_coordinator("070")
        scope = scope_for(giver_of("07"), "access.grant")
        places = {place.code: place for place in Territory.objects.all()}
        held = selectors.assignments_within(scope, territory=places["07"], limit=99)
        held = [row for row in held if row.role.code == "coordinator"]
        assert [row.account for row in held] == accounts
        page = selectors.assignments_within(scope, territory=places["07"], after=held[0].pk, limit=1)
        assert page == held[1:2]
        assert selectors.assignments_within(scope, territory=places["070"]) == []

    def test_the_role_behind_an_act_is_the_one_held_there(self):
        actor = make.make_actor({"members.view": "07"}, account=make.make_coordinator("070"))
        places = {place.code: place.pk for place in Territory.objects.all()}
        assert role_behind(actor, "members.view", places["07"]).code == "only-members.view"
        assert role_behind(actor, "members.view", places["070"]).code == "coordinator"
        assert role_behind(actor, "members.view", places["UP"]) is None


@pytest.mark.django_db(transaction=True)
def test_a_role_given_many_times_at_once_is_held_once():
    make.make_territories("IN/UP/07")
    services.ensure_standard_roles()
    giver, account = giver_of("UP"), make.make_account()
    answers = at_once(*[lambda: give(giver, account, valid_to=in_days(30))] * 6)
    assert sum(isinstance(answer, RoleAlreadyHeld) for answer in answers) == 5
    assert RoleAssignment.objects.filter(account=account).count() == 1


def in_days(count):
    return clock.today() + timedelta(days=count)


def giver_of(code):
    """Somebody who may give the role of a coordinator on a territory."""
    return make.make_actor({"access.grant": code, **dict.fromkeys(COORDINATOR, code)})


def give(actor, account, **options):
    return services.grant_role(
        actor=actor, account_id=account.pk, role_code="coordinator", territory_code="07", **options
    )
