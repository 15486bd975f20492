"""Reading lists: every row is accounted for, nothing is lost, nobody is doubled."""

from datetime import timedelta

import pytest

from tests.factories import make_actor, make_drive, make_member, make_phone
from tests.together import at_once
from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM
from toli.audit.models import AuditEntry
from toli.cards.models import Card
from toli.core import clock
from toli.core.crypto import cipher_for
from toli.core.domain.terms import ends_on
from toli.core.errors import Forbidden
from toli.core.models import EventRecord
from toli.members import selectors
from toli.members.errors import DriveNotFound, ListFileMissing, ListHeaderWrong
from toli.members.models import ContactPoint, ImportChunk, ImportProblem, ImportRun, ImportState, Member, MemberState
from toli.members.services import count_imported, enrol_member, import_members, leave_organisation
from toli.members.services.importing import running, runs

A, B, C = (make_phone(serial) for serial in (101, 102, 103))


def counts(report):
    return report.rows, report.created, report.updated, report.unchanged, report.rejected


def problems(report):
    return [(problem.row, problem.code) for problem in report.problems]


@pytest.mark.django_db
def test_the_drive_counts_whom_lists_brought_once_and_marks_them(take, write_list):
    take(write_list(f"Sunita Devi,{A},A1,hi", f"Ravi,{B},B1,"))
    drive = ImportRun.objects.get().drive
    for _again in range(2):
        count_imported(drive_id=drive.pk)
    total, _rows = selectors.progress(EVERYWHERE, drive, drive.territory)
    assert (total.joined, total.sources["import"], total.today) == (2, 2, 2)
    Member.objects.filter(name="Ravi").update(state=MemberState.ERASED)
    count_imported(drive_id=drive.pk)
    assert selectors.progress(EVERYWHERE, drive, drive.territory)[0].joined == 1


@pytest.mark.django_db
class TestRows:
    def test_new_people_become_members(self, take, write_list):
        report = take(write_list(f"Sunita  Devi,{A},a1,hi", f"Ravi,{B},B1,"))
        assert counts(report) == (2, 2, 0, 0, 0)
        first, second = Member.objects.order_by("pk")
        assert (first.name, first.territory.code, first.language, first.source) == ("Sunita Devi", "A1", "hi", "import")
        assert (second.name, second.territory.code, second.language) == ("Ravi", "B1", "hi")

    def test_membership_begins_today_and_runs_for_the_term_of_the_drive(self, take, write_list):
        make_drive("short", term_months=7)
        take(write_list(f"Sunita,{A},A1,hi"), drive_code="short")
        member = Member.objects.get()
        assert member.member_from == clock.today()
        assert member.member_until == ends_on(clock.today(), 7)

    def test_numbers_are_sealed_and_found_again(self, take, write_list):
        take(write_list(f"Sunita,{A},A1,hi"))
        point = ContactPoint.objects.get()
        assert A[3:].encode() not in bytes(point.value_sealed) + bytes(point.value_index)
        assert cipher_for("members_contactpoint.value").decrypt(point.value_sealed, row=point.pk) == A
        assert selectors.find_by_phone(A).name == "Sunita"

    def test_each_bad_row_is_named_and_the_others_are_in(self, take, write_list):
        report = take(
            write_list(
                f"Sunita,{A},A1,hi",
                f",{B},A1,hi",
                "Ravi,12,A1,hi",
                f"Ravi,{B},,hi",
                f"Ravi,{B},NOWHERE,hi",
                f"Ravi,{B},A1,xx",
                f'"Ravi,{B},A1,hi',
                f"Ravi,{B},A1,hi,more",
                f"Mohan,{C},B1,en",
            )
        )
        assert counts(report) == (9, 2, 0, 0, 7)
        assert problems(report) == [
            (3, "name_invalid"), (4, "phone_invalid"), (5, "territory_missing"), (6, "territory_unknown"),
            (7, "language_unknown"), (8, "row_broken"), (9, "too_many_cells"),
        ]  # fmt: skip
        assert "NOWHERE" in report.problems[3].message

    def test_an_open_quotation_mark_does_not_swallow_the_rows_below(self, take, write_list):
        rows = [f"Member,{make_phone(serial)},A1,hi" for serial in range(200, 240)]
        report = take(write_list(*rows[:5], '"torn,', *rows[5:]))
        assert counts(report) == (41, 40, 0, 0, 1)
        assert problems(report) == [(7, "row_broken")]

    def test_rows_are_numbered_as_an_editor_shows_them(self, take, write_list):
        report = take(write_list("", f"Sunita,{A},A1,hi", ",,,", "  ", "Ravi,1,A1,hi"))
        assert counts(report) == (2, 1, 0, 0, 1)
        assert problems(report) == [(6, "phone_invalid")]

    def test_characters_that_the_database_cannot_hold_are_row_problems(self, take, write_list):
        report = take(
            write_list(f"Sun\x00ita,{A},A1,hi", f"Ravi,{A}\x00,A1,hi", f"Ravi,{B},A\x001,hi", f"Ravi,{B},A1,\x00")
        )
        assert [code for _row, code in problems(report)] == [
            "name_invalid", "phone_invalid", "territory_unknown", "language_unknown",
        ]  # fmt: skip
        assert ImportProblem.objects.count() == 4

    def test_the_second_row_with_a_number_names_the_first(self, take, write_list):
        report = take(write_list(f"Sunita,{A},A1,hi", f"Ravi,{B},A1,hi", f"Mohan,0{A[3:]},B1,en"))
        assert counts(report) == (3, 2, 0, 0, 1)
        assert problems(report) == [(4, "phone_twice")]
        assert report.problems[0].message == "The same number stands in row 2 already."
        assert selectors.find_by_phone(A).name == "Sunita"

    def test_a_rejected_row_does_not_take_the_number_from_a_good_one(self, take, write_list):
        report = take(write_list(f"Sunita,{A},NOWHERE,hi", f"Sunita,{A},A1,hi"))
        assert counts(report) == (2, 1, 0, 0, 1)

    def test_doubles_are_found_across_batches(self, take, write_list, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 2)
        report = take(write_list(f"Sunita,{A},A1,hi", f"Ravi,{B},A1,hi", f"Mohan,{C},A1,hi", f"Again,{A},A1,hi"))
        assert counts(report) == (4, 3, 0, 0, 1)
        assert report.problems[0].message == "The same number stands in row 2 already."

    def test_an_abolished_territory_is_unknown(self, take, write_list, country):
        country["A2"].nodes.update(valid_to=clock.today())
        assert problems(take(write_list(f"Sunita,{A},A2,hi"))) == [(2, "territory_unknown")]

    def test_a_territory_outside_the_drive_is_said_to_be_so(self, take, write_list):
        make_drive("seven", territory="07")
        report = take(write_list(f"Sunita,{A},A1,hi", f"Ravi,{B},B1,hi"), drive_code="seven")
        assert counts(report) == (2, 1, 0, 0, 1)
        assert problems(report) == [(3, "territory_not_in_drive")]


@pytest.mark.django_db
class TestFiles:
    @pytest.mark.parametrize(
        ("header", "missing"),
        [
            ("name,phone", "territory"),
            ("", "name, phone, territory"),
            ('"name,phone,territory', "name, phone, territory"),
            ("who,phone,territory", "name"),
            ("caste,phone,territory", "name"),
        ],
    )
    def test_a_wrong_header_names_what_is_missing(self, take, write_list, header, missing):
        with pytest.raises(ListHeaderWrong) as refusal:
            take(write_list(f"Sunita,{A},A1,hi", header=header))
        assert refusal.value.params == {"columns": missing}
        assert missing in str(refusal.value)

    def test_a_header_is_read_in_any_case_and_order_with_columns_to_spare(self, take, write_list):
        path = write_list(f"1,A1,Sunita,{A}", header=" No , TERRITORY ,Name, phone ")
        assert counts(take(path)) == (1, 1, 0, 0, 0)

    def test_a_byte_order_mark_is_no_part_of_the_header(self, take, write_list):
        assert take(write_list(f"सुनीता,{A},A1,hi", encoding="utf-8-sig")).created == 1
        assert Member.objects.get().name == "सुनीता"

    def test_windows_line_ends_are_line_ends(self, take, tmp_path):
        path = tmp_path / "windows.csv"
        path.write_bytes(f"name,phone,territory\r\nSunita,{A},A1\r\n\r\nRavi,{B},A1\r\n".encode())
        assert counts(take(path)) == (2, 2, 0, 0, 0)

    def test_a_last_row_without_a_line_end_is_a_row(self, take, tmp_path):
        path = tmp_path / "open.csv"
        path.write_text(f"name,phone,territory\nSunita,{A},A1")
        assert take(path).created == 1

    def test_an_empty_file_lacks_its_header(self, take, tmp_path):
        (tmp_path / "empty.csv").touch()
        with pytest.raises(ListHeaderWrong):
            take(tmp_path / "empty.csv")

    def test_a_list_of_nobody_is_a_list(self, take, write_list):
        assert counts(take(write_list())) == (0, 0, 0, 0, 0)
        assert ImportRun.objects.get().state == ImportState.DONE

    def test_a_missing_file_and_a_folder_are_refused(self, take, tmp_path):
        for path in (tmp_path / "none.csv", tmp_path):
            with pytest.raises(ListFileMissing):
                take(path)

    def test_an_unknown_drive_is_not_found(self, take, write_list):
        with pytest.raises(DriveNotFound):
            take(write_list(), drive_code="none")


@pytest.mark.django_db
class TestAgain:
    def test_the_same_file_again_changes_nothing(self, take, many_rows, everybody, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 7)
        path = many_rows(40)
        take(path)
        before, times = everybody(), list(Member.objects.order_by("pk").values_list("pk", "updated_at"))
        assert counts(take(path)) == (40, 0, 0, 40, 0)
        assert everybody() == before
        assert list(Member.objects.order_by("pk").values_list("pk", "updated_at")) == times

    @pytest.mark.parametrize("changed", ["Sunita Kumari,{0},A1,hi", "Sunita,{0},B1,hi", "Sunita,{0},A1,en"])
    def test_a_changed_name_territory_or_language_is_an_update(self, take, write_list, changed):
        take(write_list(f"Sunita,{A},A1,hi", f"Ravi,{B},A1,hi"))
        report = take(write_list(changed.format(A), f"Ravi,{B},A1,hi"))
        assert counts(report) == (2, 0, 1, 1, 0)
        member = selectors.find_by_phone(A)
        assert f"{member.name},{A},{member.territory.code},{member.language}" == changed.format(A)
        assert Member.objects.count() == 2

    def test_a_move_leaves_a_trace_without_names_and_numbers(self, take, write_list):
        take(write_list(f"Sunita,{A},A1,hi", f"Ravi,{B},A1,hi"))
        report = take(write_list(f"Sunita,{A},B1,hi", f"Ravi Kumar,{B},A1,hi"))
        entry = AuditEntry.objects.get(action="members.move")
        assert entry.target == f"import:{report.run_id}"
        assert entry.details == {"moves": [[selectors.find_by_phone(A).pk, "A1", "B1"]]}

    def test_whoever_left_is_not_brought_back(self, take, write_list):
        take(write_list(f"Sunita,{A},A1,hi"))
        leave_organisation(actor=SYSTEM, member_id=Member.objects.get().pk)
        assert counts(take(write_list(f"Sunita Kumari,{A},A1,hi"))) == (1, 0, 0, 1, 0)
        assert list(Member.objects.values_list("name", "state")) == [("Sunita", MemberState.LEFT)]

    def test_whoever_left_and_joined_again_is_the_one_who_is_updated(self, take, write_list):
        take(write_list(f"Sunita,{A},A1,hi"))
        leave_organisation(actor=SYSTEM, member_id=Member.objects.get().pk)
        again = enrol_member(
            drive_code="drive", name="Sunita", phone=A, territory_code="A1", language="hi",
            consents={"adult": True, "membership": True}, evidence={},
        )  # fmt: skip
        assert counts(take(write_list(f"Sunita Kumari,{A},A1,hi"))) == (1, 0, 1, 0, 0)
        again.refresh_from_db()
        assert again.name == "Sunita Kumari"

    def test_of_a_family_with_one_phone_the_first_is_updated(self, take, write_list):
        first = make_member("A1", phone=A, name="Sunita")
        second = make_member("A1", name="Ravi")
        index = first.contact_points.get().value_index
        second.contact_points.update(value_index=index, ordinal=1)
        assert counts(take(write_list(f"Sunita Kumari,{A},A1,hi"))) == (1, 0, 1, 0, 0)
        assert list(Member.objects.order_by("pk").values_list("name", flat=True)) == ["Sunita Kumari", "Ravi"]


@pytest.mark.django_db
class TestInterruption:
    @pytest.mark.parametrize("last", [1, 3, 5])
    def test_a_list_that_was_cut_off_ends_like_an_undisturbed_one(self, take, many_rows, everybody, monkeypatch, last):
        """The process dies in a piece, after its rows were written and before it committed."""
        monkeypatch.setattr(running, "CHUNK", 10)
        path, real, done = many_rows(50), runs.count, []

        def die(run, number, taken):
            done.append(taken)
            if len(done) == last:
                raise KeyboardInterrupt
            real(run, number, taken)

        monkeypatch.setattr(runs, "count", die)
        with pytest.raises(KeyboardInterrupt):
            take(path)
        survivors = (last - 1) * 10
        cut = ImportRun.objects.get()
        assert Member.objects.count() == ContactPoint.objects.count() == cut.rows == cut.created == survivors
        assert (cut.state, cut.chunks) == (ImportState.RUNNING, last - 1)
        assert not EventRecord.objects.filter(name="MembersImported").exists()

        monkeypatch.setattr(runs, "count", real)
        report = take(path)
        assert (report.run_id, report.resumed, counts(report)) == (cut.pk, True, (50, 50, 0, 0, 0))
        interrupted = everybody()
        Card.objects.all().delete()
        ContactPoint.objects.all().delete()
        Member.objects.all().delete()
        assert not take(path).resumed
        assert interrupted == everybody()

    def test_a_resumed_list_remembers_the_numbers_of_its_first_part(self, take, write_list, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 2)
        path = write_list(f"Sunita,{A},A1,hi", "Bad,1,A1,hi", f"Ravi,{B},A1,hi", f"Again,{A},A1,hi")
        real = runs.count

        def die_at_second(run, number, taken):
            if number == 1:
                raise KeyboardInterrupt
            real(run, number, taken)

        monkeypatch.setattr(runs, "count", die_at_second)
        with pytest.raises(KeyboardInterrupt):
            take(path)
        monkeypatch.setattr(runs, "count", real)
        report = take(path)
        assert (report.resumed, counts(report)) == (True, (4, 2, 0, 0, 2))
        assert problems(report) == [(3, "phone_invalid"), (5, "phone_twice")]

    def test_another_file_never_continues_a_run(self, take, many_rows, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 10)
        real = runs.count
        monkeypatch.setattr(runs, "count", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(many_rows(20))
        monkeypatch.setattr(runs, "count", real)
        report = take(many_rows(21, name="other.csv"))
        assert (report.resumed, counts(report)) == (False, (21, 21, 0, 0, 0))

    def test_a_piece_knows_whom_it_made(self, take, many_rows, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 10)
        take(many_rows(25))
        made = [pairs for (pairs,) in ImportChunk.objects.order_by("number").values_list("made")]
        ids = [number for pairs in made for first, last in pairs for number in range(first, last + 1)]
        assert len(made) == 3
        assert ids == list(Member.objects.order_by("pk").values_list("pk", flat=True))

    def test_the_news_is_told_once_at_the_end(self, take, many_rows, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 10)
        report = take(many_rows(30))
        assert EventRecord.objects.get(name="MembersImported").payload == {"run_id": report.run_id}

    def test_the_run_stores_what_the_report_says(self, take, write_list, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 2)
        take(write_list(f"Sunita,{A},A1,hi"))
        report = take(write_list(f"Sunita D,{A},A1,hi", f"Ravi,{B},A1,hi", "Bad,1,A1,hi", f"Ravi,{B},A1,hi"))
        run = ImportRun.objects.get(pk=report.run_id)
        assert counts(report) == counts(run) == (4, 1, 1, 0, 2)
        assert run.finished_at >= run.started_at
        assert list(run.problems.values_list("row", "code")) == problems(report)

    def test_progress_ends_at_the_last_line(self, take, many_rows, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 10)
        seen = []
        take(many_rows(25), advance=lambda done, total: seen.append((done, total)))
        assert seen == [(11, 26), (21, 26), (26, 26)]


@pytest.mark.django_db
class TestDryRun:
    def test_a_dry_run_reports_the_same_and_writes_nothing(self, take, write_list, everybody, monkeypatch):
        monkeypatch.setattr(running, "CHUNK", 2)
        take(write_list(f"Sunita,{A},A1,hi"))
        before = everybody()
        path = write_list(
            f"Sunita D,{A},B1,hi", f"Ravi,{B},A1,hi", "Bad,1,A1,hi", f"Again,{B},A1,hi", f"Mohan,{C},A1,en"
        )
        dry = take(path, dry_run=True)
        assert dry.run_id is None
        assert everybody() == before
        assert ImportRun.objects.count() == 1
        assert EventRecord.objects.filter(name="MembersImported").count() == 1
        assert not AuditEntry.objects.filter(action="members.move").exists()
        real = take(path)
        assert counts(dry) == counts(real) == (5, 2, 1, 0, 2)
        assert dry.problems == real.problems


@pytest.mark.django_db
class TestScope:
    def test_a_row_for_the_neighbour_reads_as_unknown(self, take, write_list):
        actor = make_actor({"members.import": "07"})
        report = take(
            write_list(f"Sunita,{A},A1,hi", f"Ravi,{B},B1,hi", f"Mohan,{C},070,hi", f"Asha,{make_phone(104)},UP,hi"),
            actor=actor,
        )
        assert counts(report) == (4, 1, 0, 0, 3)
        assert problems(report) == [(row, "territory_unknown") for row in (3, 4, 5)]
        unknown = take(write_list(f"Ravi,{B},NOWHERE,hi"), actor=actor)
        assert report.problems[0].message == unknown.problems[0].message.replace("NOWHERE", "B1")

    def test_a_member_of_the_neighbour_cannot_be_taken_over(self, take, write_list):
        member = make_member("B1", phone=A, name="Sunita")
        report = take(write_list(f"Mine Now,{A},A1,hi"), actor=make_actor({"members.import": "07"}))
        assert counts(report) == (1, 0, 0, 0, 1)
        assert problems(report) == [(2, "member_elsewhere")]
        member.refresh_from_db()
        assert (member.name, member.territory.code) == ("Sunita", "B1")

    def test_without_the_permission_nothing_is_read(self, country, write_list):
        for actor in (ANONYMOUS, make_actor({"members.view": "IN"})):
            with pytest.raises(Forbidden):
                import_members(actor=actor, drive_code="drive", path=write_list())

    def test_a_role_that_has_ended_imports_nothing(self, country, write_list):
        from toli.access.models import RoleAssignment

        actor = make_actor({"members.import": "IN"})
        RoleAssignment.objects.update(valid_to=clock.today() - timedelta(days=1))
        with pytest.raises(Forbidden):
            import_members(actor=actor, drive_code="drive", path=write_list())


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_list_at_once_double_nobody(take, many_rows, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 10)
    path = many_rows(60)
    reports = at_once(lambda: take(path), lambda: take(path))
    assert sum(report.created for report in reports) == 60
    assert sum(report.unchanged for report in reports) == 60
    assert Member.objects.count() == ContactPoint.objects.count() == 60


@pytest.mark.django_db(transaction=True)
def test_joining_during_an_import_doubles_nobody(take, many_rows, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 5)
    path = many_rows(40)

    def join(serial):
        return enrol_member(
            drive_code="drive", name="Joiner", phone=make_phone(50_000 + serial), territory_code="A1",
            language="hi", consents={"adult": True, "membership": True}, evidence={},
        )  # fmt: skip

    results = at_once(lambda: take(path), *[lambda serial=serial: join(serial) for serial in (0, 19, 39)])
    assert not [result for result in results if isinstance(result, Exception)]
    assert Member.objects.count() == ContactPoint.objects.count() == 40
