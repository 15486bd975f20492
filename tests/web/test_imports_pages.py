"""Lists that are sent through the browser: looked at, checked, imported by a worker, undone."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import factories as make
from tests.members.spreadsheet import write_sheet
from toli.core import clock, jobs
from toli.members import tasks
from toli.members.models import ImportRun, ImportState, Member
from toli.members.services.importing import uploads

A, B, C = (make.make_phone(serial) for serial in (701, 702, 703))
OWN = "/console/imports"


@pytest.fixture
def chief(world, browser):
    """Every permission on 07."""
    return browser(make.make_headquarters("07"))


@pytest.fixture
def worker(monkeypatch):
    """Jobs wait until ``worker()`` does them."""
    waiting = []
    monkeypatch.setattr(jobs, "enqueue", lambda name, **arguments: waiting.append((name, arguments)))

    def work():
        while waiting:
            name, arguments = waiting.pop(0)
            getattr(tasks, name.removeprefix("members."))(**arguments)

    return work


def send(chief, content, *, name="list.csv", territory=""):
    content = content if isinstance(content, bytes) else content.encode()
    return chief.post(OWN, {"file": SimpleUploadedFile(name, content), "drive": "drive", "territory": territory})


def text(answer):
    return answer.content.decode()


def files(settings):
    folder = Path(settings.IMPORTS_DIR)
    return list(folder.iterdir()) if folder.exists() else []


ROWS = f"Name,Mobile No,Booth Code\nSunita Rani,{A},A1\nRavi,12,A1\nMohan,{B},B1\n"


def test_a_list_is_sent_looked_at_checked_imported_and_undone(chief, worker, settings):
    answer = send(chief, ROWS)
    page = answer["Location"]
    assert (answer.status_code, Member.objects.filter(name="Sunita Rani").exists()) == (303, False)
    (kept,) = files(settings)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    shown = text(chief.get(page))
    assert "Sunita Rani" in shown
    assert "The number is missing or is not a telephone number." in shown
    assert A[3:] not in shown

    columns = {"column-name": "0", "column-phone": "1", "column-territory": "2"}
    assert chief.post(page, {"act": "columns", **columns}).status_code == 303
    assert "is being checked" in text(chief.get(page))
    worker()
    checked = text(chief.get(page))
    assert "This is what would happen" in checked
    assert "There is no territory B1 in your area." in checked
    assert not Member.objects.filter(name="Sunita Rani").exists()

    assert chief.post(page, {"act": "start"}).status_code == 303
    worker()
    run = ImportRun.objects.get()
    assert (run.state, run.rows, run.created, run.rejected, run.problems.count()) == (ImportState.DONE, 3, 1, 2, 2)
    assert not files(settings)
    errors = chief.get(f"{page}/errors.csv")
    assert errors["Content-Disposition"] == f'attachment; filename="import-{run.pk}-errors.csv"'
    assert text(errors).count("\n") == 3

    assert chief.get(f"{page}/undo").status_code == 200
    assert chief.post(f"{page}/undo").status_code == 303
    worker()
    assert ImportRun.objects.get().state == ImportState.UNDONE
    assert not Member.objects.filter(name="Sunita Rani").exists()
    assert "Undone: 1 removed" in text(chief.get(page))


def test_columns_that_nobody_could_know_are_chosen_once(chief, worker):
    content = f"Who,Contact,Where\nSunita Rani,{A},A1\n"
    page = send(chief, content)["Location"]
    assert "Please say which columns" in text(chief.get(page))
    refused = chief.post(page, {"act": "columns", "column-name": "0"})
    assert refused.status_code == 400
    assert "phone" in text(refused)
    chief.post(page, {"act": "columns", "column-name": "0", "column-phone": "1", "column-territory": "2"})
    worker()
    chief.post(page, {"act": "start"})
    worker()
    assert Member.objects.filter(name="Sunita Rani").exists()
    again = send(chief, content)["Location"]
    assert "Please say which columns" not in text(chief.get(again))


def test_a_list_with_columns_that_must_not_be_stored_never_reaches_a_disk(chief, settings, monkeypatch):
    written = []
    monkeypatch.setattr(uploads, "_write", lambda path, content: written.append(path))
    answer = send(chief, f"Name,Mobile,Booth Code,Caste,धर्म\nSunita,{A},A1,Secretword,x\n")
    assert answer.status_code == 400
    assert "Caste (caste / जाति); धर्म (religion / धर्म)" in text(answer)
    assert not written
    assert not ImportRun.objects.exists()


def test_spreadsheets_and_contacts_are_taken_as_well(chief, worker, tmp_path):
    sheet = write_sheet(tmp_path / "x", {1: ["नाम", "मोबाइल", "बूथ कोड"], 2: ["सुनीता", A, "A1"]})
    assert "सुनीता" in text(chief.get(send(chief, sheet.read_bytes(), name="x.xlsx")["Location"]))
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:Ravi\nTEL:{B}\nEND:VCARD\n"
    page = send(chief, card, name="x.vcf", territory="a1")["Location"]
    assert "contact cards" in text(chief.get(page))
    chief.post(page, {"act": "start"})
    worker()
    assert Member.objects.get(name="Ravi").territory.code == "A1"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"x" * (uploads.MOST_BYTES + 1)])
def test_what_is_no_list_is_refused_at_the_field(chief, content):
    answer = send(chief, content)
    assert answer.status_code == 400
    assert 'id="file-error"' in text(answer)
    assert not ImportRun.objects.exists()


def test_a_list_can_be_thrown_away_and_is_purged_after_a_day(chief, settings):
    page = send(chief, ROWS)["Location"]
    assert chief.post(page, {"act": "drop"})["Location"] == OWN
    assert not files(settings)
    send(chief, ROWS)
    assert uploads.purge_uploads() == 0
    ImportRun.objects.update(started_at=clock.now() - timedelta(hours=25))
    import os

    (kept,) = files(settings)
    os.utime(kept, (0, 0))
    assert uploads.purge_uploads() == 2
    assert not files(settings)
    assert not ImportRun.objects.exists()


def test_nobody_else_sees_or_moves_an_import(chief, browser, world, worker):
    page = send(chief, ROWS)["Location"]
    colleague = browser(make.make_headquarters("07"))
    for answer in (colleague.get(page), colleague.post(page, {"act": "start"}), colleague.get(f"{page}/errors.csv")):
        assert answer.status_code == 404
    assert page not in text(colleague.get(OWN))
    assert ImportRun.objects.get().state == ImportState.WAITING


def test_an_act_out_of_turn_is_refused(chief, worker):
    page = send(chief, ROWS)["Location"]
    chief.post(page, {"act": "start"})
    assert chief.post(page, {"act": "start"}).status_code == 409
    assert chief.post(page, {"act": "drop"}).status_code == 409
    assert chief.post(f"{page}/undo").status_code in (303, 409)


def test_a_job_that_is_done_twice_does_nothing_twice(chief, worker):
    page = send(chief, ROWS)["Location"]
    chief.post(page, {"act": "start"})
    worker()
    run = ImportRun.objects.get()
    for job in (tasks.run_import, tasks.check_import, tasks.undo_import):
        job(run_id=run.pk)
    again = ImportRun.objects.get()
    assert (again.state, again.created, again.rows) == (run.state, run.created, run.rows)
