"""An import can be taken back for a day; whoever's life has gone on stays."""

from datetime import timedelta

import pytest

from tests.factories import make_campaign, make_group, make_member, make_phone, make_seat
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM
from toli.audit.models import AuditEntry
from toli.cards.models import Card
from toli.core import clock
from toli.core.errors import Forbidden
from toli.members.errors import (
    ImportBusy,
    ImportNotFound,
    ImportStateWrong,
    ListFileChanged,
    ListFileMissing,
    UndoTooLate,
)
from toli.members.models import ContactPoint, ImportChange, ImportRun, ImportState, Member
from toli.members.services import leave_organisation, open_account, set_consent
from toli.members.services.importing import resume_import, running, runs, undo_import, undoing

A, B, C = (make_phone(serial) for serial in (101, 102, 103))


def undo(report, **options):
    found = undo_import(**{"actor": SYSTEM, "run_id": report.run_id, **options})
    return found.removed, found.restored, found.kept


@pytest.mark.django_db
class TestUndo:
    def test_whom_the_list_made_goes_with_number_and_card(self, take, many_rows, everybody, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 7)
        make_member("A1", phone=A)
        before = everybody()
        report = take(many_rows(20))
        assert Card.objects.count() == 20
        assert undo(report) == (20, 0, 0)
        assert everybody() == before
        assert (ContactPoint.objects.count(), Card.objects.count()) == (1, 0)
        assert ImportRun.objects.get().state == ImportState.UNDONE
        assert AuditEntry.objects.get(action="members.import_undo").details == {"removed": 20, "restored": 0, "kept": 0}

    def test_whom_the_list_changed_is_as_before(self, take, write_list, everybody):
        take(write_list(f"Sunita,{A},A1,hi"))
        before = everybody()
        report = take(write_list(f"Sunita Devi,{A},B1,en", f"Ravi,{B},A1,hi"))
        assert undo(report) == (1, 1, 0)
        assert everybody() == before
        assert not ImportChange.objects.exists()

    def test_after_an_undo_the_list_can_be_imported_again(self, take, write_list):
        path = write_list(f"Sunita,{A},A1,hi")
        undo(take(path))
        assert take(path).created == 1

    @pytest.mark.parametrize(
        "live",
        [
            lambda member: open_account(member_id=member.pk),
            lambda member: leave_organisation(actor=SYSTEM, member_id=member.pk),
            lambda member: set_consent(member_id=member.pk, purpose="content", given=True, language="hi", evidence={}),
            lambda member: make_seat(member, make_group(make_campaign(), "IN")),
            lambda member: Card.objects.update(welcome_used_at=clock.now()),
            lambda member: Card.objects.update(revoked_at=clock.now()),
            lambda member: ContactPoint.objects.update(verified_at=clock.now()),
            lambda member: Member.objects.update(name="Sunita Rani", updated_at=clock.now()),
        ],
        ids=["signed in", "left", "consented", "seated", "came by the welcome", "card ended", "proved", "corrected"],
    )
    def test_whoever_has_gone_on_stays(self, take, write_list, live):
        report = take(write_list(f"Sunita,{A},A1,hi"))
        live(Member.objects.get())
        assert undo(report) == (0, 0, 1)
        assert Member.objects.count() == Card.objects.count() == ContactPoint.objects.count() == 1

    def test_who_was_changed_again_stays_changed(self, take, write_list):
        take(write_list(f"Sunita,{A},A1,hi"))
        first = take(write_list(f"Sunita Devi,{A},A1,hi"))
        take(write_list(f"Sunita Rani,{A},A1,hi"))
        assert undo(first) == (0, 0, 1)
        assert Member.objects.get().name == "Sunita Rani"

    def test_after_a_day_it_is_too_late(self, take, write_list):
        report = take(write_list(f"Sunita,{A},A1,hi"))
        ImportRun.objects.update(finished_at=clock.now() - timedelta(hours=24, seconds=1))
        with pytest.raises(UndoTooLate):
            undo(report)
        assert Member.objects.count() == 1

    def test_an_undone_import_cannot_be_undone_again(self, take, write_list):
        report = take(write_list(f"Sunita,{A},A1,hi"))
        undo(report)
        with pytest.raises(ImportStateWrong):
            undo(report)

    def test_an_undo_that_was_cut_off_goes_on(self, take, many_rows, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 5)
        report = take(many_rows(20))
        real, calls = undoing._remove_range, []

        def die_at_third(*arguments):
            calls.append(arguments)
            if len(calls) == 3:
                raise KeyboardInterrupt
            real(*arguments)

        monkeypatch.setattr(undoing, "_remove_range", die_at_third)
        with pytest.raises(KeyboardInterrupt):
            undo(report)
        assert Member.objects.count() == 10
        monkeypatch.setattr(undoing, "_remove_range", real)
        assert undo(report) == (20, 0, 0)
        assert not Member.objects.exists()

    def test_an_import_that_was_cut_off_can_be_undone(self, take, many_rows, monkeypatch):
        report = _cut(take, many_rows(20), monkeypatch)
        assert Member.objects.count() == 10
        assert undo(report) == (10, 0, 0)

    def test_only_who_asked_for_it_may(self, take, write_list, actor_of_a1):
        report = take(write_list(f"Sunita,{A},A1,hi"))
        with pytest.raises(ImportNotFound):
            undo(report, actor=actor_of_a1)
        with pytest.raises(Forbidden):
            undo(report, actor=ANONYMOUS)
        own = take(write_list(f"Ravi,{B},A1,hi"), actor=actor_of_a1)
        assert undo(own, actor=actor_of_a1) == (1, 0, 0)


@pytest.mark.django_db
class TestResume:
    def test_a_run_that_was_cut_off_goes_on_with_the_file_where_it_lies(self, take, many_rows, monkeypatch, tmp_path):
        path = many_rows(20)
        cut = _cut(take, path, monkeypatch)
        moved = path.rename(tmp_path / "moved.csv")
        with pytest.raises(ListFileMissing):
            resume_import(actor=SYSTEM, run_id=cut.run_id)
        (tmp_path / "other.csv").write_text(moved.read_text() + "x")
        with pytest.raises(ListFileChanged):
            resume_import(actor=SYSTEM, run_id=cut.run_id, path=tmp_path / "other.csv")
        report = resume_import(actor=SYSTEM, run_id=cut.run_id, path=moved)
        assert (report.rows, report.created, report.resumed) == (20, 20, True)
        with pytest.raises(ImportStateWrong):
            resume_import(actor=SYSTEM, run_id=cut.run_id, path=moved)

    def test_the_system_goes_on_with_the_area_of_who_asked(self, take, write_list, monkeypatch, actor_of_a1):
        rows = [f"Member,{make_phone(500 + number)},{('A1', 'B1')[number >= 10]}" for number in range(20)]
        cut = _cut(take, write_list(*rows), monkeypatch, actor=actor_of_a1)
        report = resume_import(actor=SYSTEM, run_id=cut.run_id)
        assert (report.created, report.rejected) == (10, 10)
        assert not Member.objects.filter(territory__code="B1").exists()

    def test_a_run_that_is_worked_on_is_left_alone(self, take, many_rows, monkeypatch):
        cut = _cut(take, many_rows(20), monkeypatch)
        monkeypatch.setattr(runs, "enter", lambda run: False)
        for act in (resume_import, undo_import):
            with pytest.raises(ImportBusy):
                act(actor=SYSTEM, run_id=cut.run_id)


@pytest.fixture
def actor_of_a1(country):
    from tests.factories import make_actor

    return make_actor({"members.import": "A1"})


def _cut(take, path, monkeypatch, **options):
    """An import of which the first ten rows are in."""
    monkeypatch.setattr(running, "CHUNK", 10)
    real = runs.count

    def die_at_second(run, number, taken):
        if number == 1:
            raise KeyboardInterrupt
        real(run, number, taken)

    monkeypatch.setattr(runs, "count", die_at_second)
    with pytest.raises(KeyboardInterrupt):
        take(path, **options)
    monkeypatch.setattr(runs, "count", real)
    from toli.members.services.importing.reports import report_of

    return report_of(ImportRun.objects.get())
