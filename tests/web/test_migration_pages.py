"""Dividing groups at the desk, and what members see of it: counts for staff, one card for each member."""

import re

import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.accounts.models import Account
from toli.chatgroups import selectors, services
from toli.chatgroups.models import Migration
from toli.members.services import open_account


@pytest.fixture
def full(world):
    """Six people of two places in the one group of 07, which is to be divided; its coordinator."""
    places = make.make_territories("IN/UP/07/A1", "IN/UP/07/A2")
    world.campaign.__class__.objects.filter(pk=world.campaign.pk).update(capacity=8, target_size=4)
    people = [make.make_member(f"A{number % 2 + 1}", name=f"Secret Name{number}", carded=True) for number in range(6)]
    for person in people:
        make.make_seat(person, world.group, "joined")
    assert places
    return people


def _planned(client, **fields):
    page = client.get("/console/t/07/divide?depth=ac").content.decode()
    values = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return page, client.post("/console/t/07/divide", {**values, **fields})


def _open_all(world):
    for group in world.campaign.groups.filter(state="asked"):
        link = f"https://chat.whatsapp.com/{group.pk:022d}"
        services.confirm_group_open(actor=SYSTEM, group_id=group.pk, join_address=link)


def test_the_plan_is_shown_and_begins_with_one_tap(full, coordinator):
    page, done = _planned(coordinator)
    assert "1 now" in page and "in one wave" in page and '<svg class="flow"' in page
    found = Migration.objects.get()
    assert (done.status_code, done["Location"], found.state) == (303, "/console/work", "running")  # their groups wait
    board = coordinator.get(f"/console/migrations/{found.pk}").content.decode()
    assert "0 / 2" in board and "Roll back" in board
    assert "Secret" not in page + board


def test_when_many_move_somebody_else_approves_the_same_plan(full, coordinator, headquarters, settings):
    settings.TOLI_DIVIDE_ALONE_PEOPLE = 3
    _page, done = _planned(coordinator)
    found = Migration.objects.get()
    assert found.state == "planned"
    assert "/approve" not in coordinator.get(done["Location"]).content.decode()
    address = f"/console/migrations/{found.pk}/approve"
    assert coordinator.post(address, {"plan_hash": found.plan_hash}).status_code == 403
    assert headquarters.post(address, {"plan_hash": "0" * 64}).status_code == 409
    assert headquarters.post(address, {"plan_hash": found.plan_hash}).status_code == 303
    found.refresh_from_db()
    assert found.state == "running"


def test_it_is_paused_resumed_and_rolled_back_after_a_question(full, coordinator):
    _planned(coordinator)
    found = Migration.objects.get()
    for verb, state in (("pause", "paused"), ("resume", "running"), ("rollback", "running")):
        answer = coordinator.post(f"/console/migrations/{found.pk}/{verb}")
        found.refresh_from_db()
        assert found.state == state
    assert "Roll the division back?" in answer.content.decode()
    coordinator.post(f"/console/migrations/{found.pk}/rollback", {"confirm": "yes"})
    found.refresh_from_db()
    assert found.state == "rolled_back"
    assert "Back in the old group" in coordinator.get(f"/console/migrations/{found.pk}").content.decode()


def test_for_the_neighbour_there_is_no_such_division(full, coordinator, neighbour):
    _planned(coordinator)
    address = f"/console/migrations/{Migration.objects.get().pk}"
    assert neighbour.get(address).status_code == 404
    for verb in ("approve", "pause", "resume", "rollback", "drop"):
        assert neighbour.post(f"{address}/{verb}", {"confirm": "yes"}).status_code == 404
    assert neighbour.get("/console/t/07/divide").status_code == 404
    assert address not in neighbour.get("/console/t/070/groups").content.decode()
    assert coordinator.post(f"{address}/burn").status_code == 404


def test_old_groups_that_grew_up_to_their_capacity_are_not_called_too_few(full, world, coordinator):
    first, _done = _planned(coordinator)
    assert "at least 2 are needed" in first
    _open_all(world)
    services.move_members(actor=SYSTEM, campaign_code=world.campaign.code, territory_code="07")
    for person in full:
        services.confirm_joined(member_id=person.pk, campaign_id=world.campaign.pk)
    services.tend_migrations(actor=SYSTEM)
    for number in range(3):
        make.make_member("A1", name=f"Later{number}", carded=True)
    page = coordinator.get("/console/t/07/divide?depth=ac").content.decode()
    assert "3 if planned from nothing" in page and "are needed" not in page


def test_members_are_told_on_their_own_page_and_join_from_there(full, world, coordinator, browser):
    _planned(coordinator)
    admin = Account.objects.get(pk=Migration.objects.get().planned.first().admin_id)
    for group in world.campaign.groups.filter(state="asked"):
        link = f"https://chat.whatsapp.com/{group.pk:022d}"
        services.confirm_group_open(actor=Actor(ActorKind.STAFF, admin.pk), group_id=group.pk, join_address=link)
    member = browser(open_account(member_id=full[0].pk))
    assert "Your group becomes" not in member.get("/me").content.decode()
    services.move_members(actor=SYSTEM, campaign_code=world.campaign.code, territory_code="07")
    today = member.get("/me").content.decode()
    seat = selectors.seat_of(full[0].pk, world.campaign.pk)
    assert f"Your group becomes “{seat.group.name}”" in today and world.group.name in today
    assert world.group.name in member.get("/me/group").content.decode()
    assert member.post("/me/group/go")["Location"] == seat.group.join_address
    member.post("/me/group/joined")
    assert "Your group becomes" not in member.get("/me").content.decode()


def test_posting_in_the_old_group_is_work_with_the_text_ready(full, world, coordinator):
    _planned(coordinator)
    account = Account.objects.get(pk=coordinator.session["_auth_user_id"])
    world.group.__class__.objects.filter(pk=world.group.pk).update(admin=account)
    _open_all(world)
    services.move_members(actor=SYSTEM, campaign_code=world.campaign.code, territory_code="07")
    services.tend_migrations(actor=SYSTEM)
    work = account.work.get(kind="announce_division")
    page = coordinator.get("/console/work").content.decode()
    assert work.details["text"].splitlines()[-1] in page
    coordinator.post(f"/console/work/{work.pk}", {"done": "yes"})
    work.refresh_from_db()
    assert work.state == "done"
