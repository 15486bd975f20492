"""Who may open which page. Every address declares it; a neighbour's pages do not exist."""

import pytest

from toli.access.domain.permissions import PERMISSIONS
from toli.web.urls import urlpatterns

PUBLIC = {
    "c/<str:token>", "c/<str:token>/now", "d/<str:token>", "e/<str:token>", "not-me", "enrol-worker.js",
    "hear", "complain", "complain/<str:token>", "o/<str:code>",
    "m/<slug:digest>.mp4", "m/<slug:digest>/<slug:language>.vtt",
    "me-worker.js", "work-worker.js", "push-worker.js", "manifest.webmanifest", "received",
    "", "help", "healthz", "verify", "V/<str:face>/<str:signature>", "sign-in", "sign-out",
    "card-worker.js", "v/revoked", ".well-known/did.json", ".well-known/toli-card-keys.json",
    "sign-in/staff", "sign-in/passkey", "hooks/groups/<slug:provider>",
    "a/<str:token>", "w/<str:token>", "join", "j/<str:code>", "s/<str:code>", "m/<slug:digest>.jpg",
}  # fmt: skip


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: str(pattern.pattern))
def test_every_address_declares_who_may_open_it(pattern):
    access = getattr(pattern.callback, "access", None)
    assert access in {"public", "member", "staff", *PERMISSIONS}


def test_public_is_only_what_must_be():
    public = {str(pattern.pattern) for pattern in urlpatterns if pattern.callback.access == "public"}
    assert public == PUBLIC


MEMBER_PAGES = (
    "/me",
    "/me/effect",
    "/me/group",
    "/me/card",
    "/me/data",
    "/me/leave",
    "/me/devices",
    "/me/notifications",
    "/me/email",
)
CONSOLE_PAGES = (
    "/console/", "/console/t/07", "/console/t/07/groups", "/console/t/07/divide", "/console/groups/1",
    "/console/t/07/members", "/console/members/1", "/console/members/1/reveal", "/console/t/07/export",
    "/console/exports", "/console/exports/waiting", "/console/exports/1/approve", "/console/exports/1/link",
    "/console/members/1/card", "/console/t/07/print", "/console/t/07/staff", "/console/t/07/staff/new",
    "/console/staff/1/end",
    "/console/kits", "/console/kits/new", "/console/kits/1", "/console/work",
    "/console/security", "/console/security/app",
)  # fmt: skip


@pytest.mark.parametrize("address", MEMBER_PAGES + CONSOLE_PAGES)
def test_strangers_are_led_to_sign_in_and_back(world, browser, address):
    answer, door = browser().get(address), "/sign-in/staff" if address in CONSOLE_PAGES else "/sign-in"
    assert (answer.status_code, answer.headers["Location"]) == (
        303, f"{door}?next={address}",
    )  # fmt: skip


@pytest.mark.parametrize("address", CONSOLE_PAGES)
def test_members_may_not_open_the_desk(sunita, address):
    assert sunita.get(address).status_code == 403


def test_staff_without_a_membership_are_led_to_the_desk(coordinator):
    assert coordinator.get("/me").headers["Location"] == "/console/"


@pytest.mark.parametrize("address", MEMBER_PAGES)
def test_a_member_opens_their_own_pages(sunita, address):
    assert sunita.get(address).status_code == 200


def _pages_of_07(world) -> list[str]:
    return ["/console/t/07", "/console/t/A1", "/console/t/07/groups", f"/console/groups/{world.group.pk}"]


def test_the_coordinator_of_a_place_opens_its_pages(world, coordinator):
    assert {page: coordinator.get(page).status_code for page in _pages_of_07(world)} == dict.fromkeys(
        _pages_of_07(world), 200
    )


def test_for_the_neighbour_they_do_not_exist(world, neighbour):
    assert {page: neighbour.get(page).status_code for page in _pages_of_07(world)} == dict.fromkeys(
        _pages_of_07(world), 404
    )


def test_nor_does_anything_above_ones_own_area(coordinator):
    assert [coordinator.get(f"/console/t/{code}").status_code for code in ("UP", "IN", "070")] == [404, 404, 404]


def test_a_coordinator_starts_at_the_top_of_their_area(coordinator):
    assert coordinator.get("/console/").headers["Location"] == "/console/t/07"


@pytest.mark.parametrize("address", ["/console/kits/new", "/console/exports/waiting"])
def test_a_coordinator_lacks_what_belongs_to_headquarters(coordinator, address):
    assert coordinator.get(address).status_code == 403


@pytest.mark.parametrize("address", [page for page in CONSOLE_PAGES if "/1" not in page])
def test_headquarters_opens_everything(headquarters, address):
    assert headquarters.get(address, follow=True).status_code == 200


def test_a_kit_of_elsewhere_cannot_be_seen_or_moved(world, neighbour):
    from tests.factories import make_kit

    kit = make_kit("07")
    assert neighbour.get(f"/console/kits/{kit.pk}").status_code == 404
    assert neighbour.post(f"/console/kits/{kit.pk}/withdraw", {"reason": "no"}).status_code == 404


def test_another_persons_work_cannot_be_answered(world, neighbour, coordinator):
    from datetime import timedelta

    from django.utils import timezone

    from toli.accounts.models import Account
    from toli.assignments.models import Assignment
    from toli.assignments.services import WorkOrder, assign_many

    imran = Account.objects.get(display_name="Imran Khan")
    assign_many(
        [
            WorkOrder(
                kind="create_group",
                assignee_id=imran.pk,
                territory_id=world.places["07"].pk,
                subject="chatgroup:1",
                due_at=timezone.now() + timedelta(days=1),
                details={"group_id": world.group.pk, "name": "07 · 1"},
            )
        ]
    )
    work = Assignment.objects.get()
    assert "07 · 1" in coordinator.get("/console/work").content.decode()
    assert "07 · 1" not in neighbour.get("/console/work").content.decode()
    answer = neighbour.post(f"/console/work/{work.pk}", {"join_address": "https://chat.whatsapp.com/" + "A" * 22})
    assert answer.status_code == 404
