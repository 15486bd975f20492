"""Two admins at least, and a successor when one is gone."""

import pytest

from tests import factories as make
from toli.access.models import RoleAssignment
from toli.accounts.domain.actor import SYSTEM
from toli.assignments import selectors as assignments
from toli.chatgroups import services
from toli.chatgroups.errors import AdminUnknown, GroupNotFound

pytestmark = pytest.mark.django_db


def _keep():
    return services.keep_admins(actor=SYSTEM, campaign_code="connect")


def _work(account):
    return [work.kind for work in assignments.open_work(make.make_actor({}, account=account))]


@pytest.fixture
def three(campaign):
    """A group with its admin, and two other coordinators: of its zone and of its state."""
    admin, near, far = make.make_coordinator("A1"), make.make_coordinator("Z1"), make.make_coordinator("UP")
    return make.make_group(campaign, "A1", admin=admin), admin, near, far


def test_a_second_admin_is_asked_for_once(three):
    group, admin, near, _far = three
    assert [_keep().asked for _ in range(2)] == [1, 0]
    group.refresh_from_db()
    assert (group.deputy_id, group.deputy_confirmed_at) == (near.pk, None)
    assert _work(admin) == ["second_admin"]
    services.confirm_second_admin(actor=make.make_actor({}, account=admin), group_id=group.pk)
    group.refresh_from_db()
    assert group.deputy_confirmed_at is not None
    assert _work(admin) == []


def test_the_second_admin_takes_over_with_the_work(three):
    group, admin, near, _far = three
    _keep()
    services.report_leak(actor=SYSTEM, group_id=group.pk)
    RoleAssignment.objects.filter(account=admin).delete()
    assert [_keep().succeeded for _ in range(2)] == [1, 0]
    group.refresh_from_db()
    assert group.admin_id == near.pk
    assert group.deputy_id not in (None, admin.pk, near.pk)
    assert _work(admin) == []
    assert _work(near) == ["change_link", "hand_over", "second_admin"]
    services.confirm_hand_over(actor=make.make_actor({}, account=near), group_id=group.pk)
    assert _work(near) == ["change_link", "second_admin"]


def test_a_group_without_anybody_is_counted(campaign):
    make.make_group(campaign, "B1")
    assert (_keep().nobody, _keep().succeeded) == (1, 0)


def test_a_manager_names_the_admins(three):
    group, _admin, near, far = three
    manager = make.make_actor({"groups.manage": "A1"})
    services.name_admins(actor=manager, group_id=group.pk, admin=far.login, deputy=near.login)
    group.refresh_from_db()
    assert (group.admin_id, group.deputy_id) == (far.pk, near.pk)
    assert set(_work(far)) == {"hand_over", "second_admin"}
    with pytest.raises(AdminUnknown):
        services.name_admins(actor=manager, group_id=group.pk, admin=far.login, deputy=far.login)
    with pytest.raises(AdminUnknown):
        services.name_admins(actor=manager, group_id=group.pk, admin=make.make_coordinator("KL").login)


def test_a_neighbour_names_and_confirms_nothing(three):
    group, _admin, near, _far = three
    neighbour = make.make_actor({"groups.manage": "A2"})
    with pytest.raises(GroupNotFound):
        services.name_admins(actor=neighbour, group_id=group.pk, admin=near.login)
    for confirm in (services.confirm_second_admin, services.confirm_hand_over):
        with pytest.raises(GroupNotFound):
            confirm(actor=neighbour, group_id=group.pk)
