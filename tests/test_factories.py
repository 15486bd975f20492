"""The factories make what the rest of the suite stands on."""

import pytest

from tests import factories as make
from toli.access.policies import scope_for
from toli.chatgroups.models import ChatGroup
from toli.members.models import Member

pytestmark = pytest.mark.django_db


def test_a_scope_ends_at_its_branch_and_not_at_its_prefix():
    make.make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    inside, twin = make.make_member("A1"), make.make_member("B1")
    scope = scope_for(make.make_actor({"members.view": "07"}), "members.view")
    assert list(Member.objects.within(scope)) == [inside]
    assert twin not in Member.objects.within(scope)


def test_groups_of_a_neighbour_are_not_in_scope():
    make.make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    campaign = make.make_campaign()
    own, _twin = make.make_group(campaign, "A1"), make.make_group(campaign, "B1")
    scope = scope_for(make.make_actor({"groups.view": "07"}), "groups.view")
    assert list(ChatGroup.objects.within(scope)) == [own]


def test_a_permission_that_was_not_given_opens_nothing():
    make.make_territories("IN/UP/07")
    actor = make.make_actor({"members.view": "IN"})
    assert scope_for(actor, "members.import").is_empty
