"""A list is sent, looked at, checked and imported in a real browser, in Hindi and on a small screen as well."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe

from tests import factories as make
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
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
    found = Axe().run(page)["violations"]
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
