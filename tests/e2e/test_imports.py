"""A list is sent, looked at, checked and imported in a real browser, in Hindi and on a small screen as well."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests import factories as make
from tests.e2e.rules import broken_rules
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Session
from toli.accounts.selectors import actor_for
from toli.cards.models import Card
from toli.core import clock
from toli.members import services as members
from toli.members.models import ImportRun, Member
from toli.members.services.importing import uploads

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS = ["क्रम,सदस्य का नाम,मोबाइल नं.,बूथ कोड"] + [
    f"{number},{('सुनीता देवी', 'Ravi Kumar', 'Mohan Lal')[number % 3]},{make.make_phone(800 + number)},A1"
    for number in range(24)
]


@pytest.fixture
def staff(site):
    make.make_organisation()
    make.make_territories("IN/UP/07/A1")
    make.make_drive()
    return make.make_headquarters("07")


def look(page, name: str) -> None:
    """The page can be used by everybody and fits the screen; kept as a picture where a folder is named for it."""
    folder = os.environ.get("TOLI_TEST_SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"
    found = broken_rules(page)
    assert not found, [(item["id"], [node["html"] for node in item["nodes"]][:3]) for item in found]


@pytest.mark.parametrize(("language", "width"), [("hi", 360), ("en", 1280), ("hi", 320)])
def test_a_list_becomes_members(staff, open_page, tmp_path, language, width):
    path = tmp_path / "members.csv"
    path.write_text("\n".join([*ROWS, "25,Asha,12,A1", "26,Asha,0123456789,Z9", ""]), encoding="utf-16")
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=staff.pk, lifetime=timedelta(hours=1))
    page = open_page(f"/a/{token}", language=language, width=width)
    page.locator("form button").first.click()
    page.goto("/console/imports")
    look(page, f"imports-{language}-{width}")
    page.set_input_files("input[type=file]", path)
    page.locator("main form button").first.click()
    page.wait_for_url("**/console/imports/*")
    assert page.locator("text=सुनीता देवी").count() == 7
    look(page, f"import-waiting-{language}-{width}")
    page.locator("form:has(input[value=columns]) button").click()
    page.wait_for_selector("form:has(input[value=columns])", state="detached")
    look(page, f"import-checking-{language}-{width}")
    run = ImportRun.objects.get()
    uploads.check_import(run_id=run.pk)
    page.reload()
    look(page, f"import-checked-{language}-{width}")
    page.locator("form:has(input[value=start]) button").click()
    page.wait_for_selector("progress")
    uploads.run_import(run_id=run.pk)
    page.reload()
    look(page, f"import-done-{language}-{width}")
    assert Member.objects.count() == 24
    with page.expect_download() as download:
        page.locator("a[href$='errors.csv']").click()
    assert len(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 3
    assert not page.elsewhere


def test_an_import_is_undone_within_a_day(staff, open_page):
    """Whom the list made is gone again; who has signed in since stays. Whoever asks proves who they are."""
    actor = actor_for(staff)
    run = uploads.keep_upload(
        actor=actor, drive_code="drive", territory="", file_name="members.csv", parts=["\n".join(ROWS).encode()]
    )
    uploads.start_import(actor=actor, run_id=run.pk)
    uploads.run_import(run_id=run.pk)
    stays = Member.objects.order_by("pk")[3]
    members.open_account(member_id=stays.pk)
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=staff.pk, lifetime=timedelta(hours=1))
    page = open_page(f"/a/{token}")
    page.locator("form button").first.click()
    page.wait_for_url("**/console/**")
    Session.objects.update(proved_at=None)
    page.goto(f"/console/imports/{run.pk}/undo")
    assert "/sign-in/confirm" in page.url
    assert Member.objects.count() == 24
    Session.objects.update(proved_at=clock.now())
    page.goto(f"/console/imports/{run.pk}")
    page.locator(f"a[href='/console/imports/{run.pk}/undo']").click()
    page.wait_for_url("**/undo")
    look(page, "import-undo-hi-360")
    page.locator("main form button").first.click()
    page.wait_for_url(f"**/console/imports/{run.pk}")
    look(page, "import-undoing-hi-360")
    uploads.carry_out_undo(run_id=run.pk)
    page.reload()
    look(page, "import-undone-hi-360")
    assert list(Member.objects.all()) == [stays]
    assert Card.objects.count() == 1
    assert "23" in page.locator("main .note.plain").inner_text()
    assert not page.locator("a[href$='/undo']").count()
    for hours, offered in ((23, 1), (25, 0)):
        ImportRun.objects.update(state="done", finished_at=clock.now() - timedelta(hours=hours))
        page.reload()
        assert page.locator("a[href$='/undo']").count() == offered
