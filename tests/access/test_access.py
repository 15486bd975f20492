"""Scopes and roles: whoever was given nothing sees nothing."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories as make
from toli.access import services
from toli.access.domain.permissions import COORDINATOR
from toli.access.domain.scope import scope_of
from toli.access.errors import BeyondOwnRole, RoleAlreadyHeld, RoleNotFound
from toli.access.models import RoleAssignment
from toli.access.policies import permissions_of, scope_for
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM
from toli.core import clock
from toli.territories.errors import TerritoryNotFound

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
        make.make_territories("IN/UP/07", "IN/UP/070")
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
        services.grant_role(actor=giver, account_id=other.pk, role_code="coordinator", territory_code="07")
        for outside in ("070", "UP", "IN"):
            with pytest.raises(TerritoryNotFound):
                services.grant_role(actor=giver, account_id=other.pk, role_code="coordinator", territory_code=outside)

    def test_nobody_gives_more_than_they_hold(self):
        giver = make.make_actor({"access.grant": "UP"})
        with pytest.raises(BeyondOwnRole):
            services.grant_role(
                actor=giver, account_id=make.make_account().pk, role_code="coordinator", territory_code="UP"
            )

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
        with pytest.raises(RoleNotFound):
            services.end_role(actor=make.make_actor({"access.grant": "07"}), assignment_id=given.pk)
