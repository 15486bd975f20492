"""Work that is late with one person is done by another: one of them has it, both know, nothing is done twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.assignments import services as assignments
from toli.assignments.models import Assignment
from toli.audit.models import AuditEntry
from toli.chatgroups import services
from toli.distribution import services as distribution
from toli.distribution.models import Relay

LINK = "https://chat.whatsapp.com/AbcdefghijklmnopqrstuV"
QUEUED = {"done": "yes", "queued": "yes"}


class Late:
    """A task that Ravi was asked to do, and has not done by yesterday. Sunita is the group's second admin."""

    def __init__(self, world, browser, kind, **group):
        self.ravi, self.sunita = (make.make_coordinator("A1", name=name) for name in ("Ravi Late", "Sunita Near"))
        self.group = make.make_group(world.campaign, "A1", admin=self.ravi, deputy=self.sunita, **group)
        order = assignments.WorkOrder(
            kind, self.ravi.pk, self.group.territory_id, f"chatgroup:{self.group.pk}",
            timezone.now() - timedelta(days=1), {"group_id": self.group.pk, "name": self.group.name},
        )  # fmt: skip
        assignments.assign_many([order])
        self.first, self.second = browser(self.ravi), browser(self.sunita)
        self.address = f"/console/work/{self.task.pk}"

    @property
    def task(self):
        return Assignment.objects.filter(subject=f"chatgroup:{self.group.pk}").earliest("pk")

    def take(self, desk=None):
        return (desk or self.second).post(f"{self.address}/take-over")


@pytest.fixture
def late(world, browser):
    return lambda kind="create_group", **group: Late(world, browser, kind, **group)


@pytest.fixture
def unmade(late):
    return late(state="asked", join_address="")


def test_who_takes_over_has_the_task_and_the_first_is_told(unmade):
    page = unmade.second.get("/console/work").content.decode()
    assert "Late with others" in page and "Ravi Late" in page and "join_address" not in page
    assert unmade.take()["Location"] == "/console/work"
    assert "join_address" in unmade.second.get("/console/work").content.decode()
    told = unmade.first.get("/console/work").content.decode()
    assert "Sunita Near does this since" in told and "join_address" not in told
    unmade.group.refresh_from_db()
    assert (unmade.group.admin, unmade.group.deputy) == (unmade.sunita, None)
    assert unmade.task.due_at > timezone.now()
    entry = AuditEntry.objects.get(action="chatgroups.take_over")
    assert (entry.actor_id, entry.details["before"]) == (unmade.sunita.pk, unmade.ravi.pk)


def test_a_late_link_of_the_first_makes_no_second_group(unmade):
    unmade.take()
    answer = unmade.first.post(unmade.address, {"join_address": LINK})
    assert answer.status_code == 410 and "Sunita Near does this since" in answer.content.decode()
    assert unmade.first.post(unmade.address, {"join_address": LINK, "queued": "yes"}).status_code == 410
    assert unmade.task.state == "open"
    assert unmade.second.post(unmade.address, {"join_address": LINK})["Location"] == "/console/work"
    answer = unmade.first.post(unmade.address, {"join_address": LINK})
    assert "and it is done" in answer.content.decode()


def test_what_the_first_has_done_after_all_need_not_be_done_again(late):
    task = late("close_group")
    old = make.make_migration(task.group).old_groups.create(group=task.group, people=0)
    Assignment.objects.update(subject=f"oldgroup:{old.pk}", details={"old_group_id": old.pk, "group": "Old"})
    row = Assignment.objects.get()
    address = f"/console/work/{row.pk}"
    assert task.second.post(f"{address}/take-over").status_code == 303
    assert task.first.post(address, {"done": "yes"})["Location"] == "/console/work?late=taken"
    row.refresh_from_db()
    assert (row.state, row.done_by) == ("done", task.ravi)
    assert "need not do it any more" in task.first.get("/console/work?late=taken").content.decode()
    assert task.second.post(address, QUEUED).status_code == 404


def test_of_two_who_take_it_over_the_second_is_told(unmade, browser):
    third = browser(make.make_coordinator("07", name="Third"))
    unmade.take()
    answer = unmade.take(third)
    assert answer.status_code == 409 and "somebody else does it by now" in answer.content.decode()
    assert unmade.take().status_code == 303
    assert unmade.task.assignee == unmade.sunita


@pytest.mark.parametrize("case", ["elsewhere", "not late", "not an admin", "done"])
def test_nobody_takes_over_what_is_not_late_or_not_for_them(late, browser, case):
    task = late("change_link" if case == "not an admin" else "create_group", state="asked", join_address="")
    desk = {"elsewhere": make.make_coordinator("B1"), "not an admin": make.make_coordinator("07")}.get(case)
    if case == "not late":
        Assignment.objects.update(due_at=timezone.now() + timedelta(minutes=5))
    elif case == "done":
        Assignment.objects.update(state="done")
    answer = task.take(browser(desk) if desk else None)
    assert answer.status_code == (404 if desk else 409)
    assert task.task.assignee == task.ravi
    if desk:
        assert "Ravi Late" not in browser(desk).get("/console/work").content.decode()


def test_who_manages_groups_takes_over_on_the_page_of_the_group(late, headquarters):
    task = late("change_link")
    page = headquarters.get(f"/console/groups/{task.group.pk}").content.decode()
    assert f"{task.address}/take-over" in page
    task.take(headquarters)
    assert f"{task.address}/take-over" not in headquarters.get(f"/console/groups/{task.group.pk}").content.decode()
    assert "does this since" in task.first.get("/console/work").content.decode()


def test_a_kit_that_another_was_asked_to_post_is_posted_once(world, browser):
    ravi, sunita = make.make_coordinator("07", name="Ravi Late"), make.make_coordinator("07", name="Sunita Near")
    type(world.group).objects.filter(pk=world.group.pk).update(
        admin=ravi, deputy=sunita, deputy_confirmed_at=timezone.now()
    )
    distribution.release_kit(actor=SYSTEM, kit_id=world.kit.pk, campaign_code=world.campaign.code, territory_code="07")
    task = Assignment.objects.get(kind="relay_kit")
    Relay.objects.update(due_at=timezone.now())
    distribution.escalate_relays()
    first, second = browser(ravi), browser(sunita)
    assert "Sunita Near does this since" in first.get("/console/work").content.decode()
    assert first.post(f"/console/work/{task.pk}", {"done": "yes"})["Location"] == "/console/work?late=taken"
    assert Relay.objects.get().confirmed_by == ravi
    assert "I have posted it" not in second.get("/console/work").content.decode()
    assert first.post(f"/console/work/{task.pk}", QUEUED).status_code == 410


def test_nobody_is_to_speak_about_what_was_taken_over(unmade):
    wave = make.make_migration(unmade.group).waves.get()
    wave.planned.update(group=unmade.group)
    type(wave).objects.update(state="running")
    speak = assignments.WorkOrder(
        "late_wave", unmade.sunita.pk, unmade.group.territory_id, f"wave:{wave.pk}:{unmade.ravi.pk}",
        timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assignments.assign_many([speak])
    services.take_over_work(actor=Actor(ActorKind.STAFF, unmade.sunita.pk), work_id=unmade.task.pk)
    assert Assignment.objects.get(kind="late_wave").state == "done"
