"""Files as offices have them: whatever they are, each row is a member, a known one, or named with its reason."""

import zipfile

import pytest
from django.db import connection

from tests.factories import make_phone, make_territories
from tests.members.spreadsheet import write_sheet
from toli.core.crypto import index_for
from toli.members.errors import ColumnRefused, ColumnUnknown, ListFormatUnknown, ListHeaderWrong, ListTooLarge
from toli.members.models import ContactPoint, ImportMapping, ImportRun, Member
from toli.members.services.importing import spreadsheets
from toli.members.services.importing.list_file import examine
from toli.territories.models import Territory

A, B, C, D = (make_phone(serial) for serial in (101, 102, 103, 104))


def names():
    return sorted(Member.objects.values_list("name", flat=True))


def problems(report):
    return [(problem.row, problem.code) for problem in report.problems]


@pytest.mark.django_db
class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_encoding_and_delimiter_are_found(self, take, tmp_path, encoding, delimiter):
        rows = [["Name", "Phone", "Territory"], ["सुनीता", A, "A1"], ["Renée", B, "B1"]]
        path = tmp_path / "list.csv"
        path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
        report = take(path)
        assert (report.created, report.rejected) == (2, 0)
        assert names() == ["Renée", "सुनीता"]

    def test_windows_1252_is_read_as_such(self, take, tmp_path):
        path = tmp_path / "list.csv"
        path.write_bytes(f"name;phone;territory\nJosé – Müller;{A};A1\nZoë;{B};A1\n".encode("cp1252"))
        assert take(path).created == 2
        assert names() == ["José – Müller", "Zoë"]
        assert ImportRun.objects.get().plan["encoding"] == "cp1252"

    def test_a_broken_row_among_good_ones_is_named(self, take, tmp_path):
        path = tmp_path / "list.csv"
        rows = [f"सुनीता,{A},A1".encode(), b"Jos\xe9,1,A1", f"रवि,{B},A1".encode()]
        path.write_bytes(b"\n".join([b"name,phone,territory", *rows]))
        report = take(path)
        assert (report.rows, report.created, problems(report)) == (3, 2, [(3, "encoding_broken")])

    def test_half_a_character_at_the_end_of_utf_16_is_named(self, take, tmp_path):
        path = tmp_path / "list.csv"
        path.write_bytes(f"name,phone,territory\nSunita,{A},A1\nRavi,{B},A1".encode("utf-16") + b"\x41")
        report = take(path)
        assert (report.rows, report.created, problems(report)) == (2, 1, [(3, "encoding_broken")])

    def test_a_title_above_the_header_is_passed_over_and_rows_keep_their_numbers(self, take, tmp_path):
        path = tmp_path / "list.csv"
        path.write_text(f"sep=;\nOur members;;\n\nName;Mobile No.;Booth Code\nSunita;{A};A1\nRavi;1;A1\n")
        report = take(path)
        assert (report.rows, report.created, problems(report)) == (2, 1, [(6, "phone_invalid")])

    @pytest.mark.parametrize(
        ("header", "language"),
        [
            ("क्रम,सदस्य का नाम,मोबाइल नं.,बूथ कोड", "hi"),
            ("S.No.,Sadasya Ka Naam,Mobile Nambar,Booth Code", "en"),
            ("id,Full Name,WhatsApp Number,territory_code", "en"),
        ],
    )
    def test_headings_of_both_languages_and_in_latin_letters_are_known(self, take, write_list, header, language):
        path = write_list(f"1,Sunita,{A},A1", header=header)
        assert examine(path).header_language == language
        assert take(path).created == 1

    def test_given_and_family_name_make_a_name(self, take, write_list):
        take(write_list(f"Sunita,Devi,{A},A1", f",Rao,{B},A1", header="First Name,Surname,Phone,Territory"))
        assert names() == ["Rao", "Sunita Devi"]

    def test_a_nul_byte_is_a_problem_of_its_row(self, take, tmp_path):
        path = tmp_path / "list.csv"
        path.write_bytes(f"name,phone,territory\nSun\0ita,{A},A1\nRavi,{B},A1\n".encode())
        assert problems(take(path)) == [(2, "name_invalid")]

    def test_what_is_no_list_is_refused(self, take, tmp_path):
        for content in (b"%PDF-1.7 ...", b"\x89PNG\r\n", b"\xd0\xcf\x11\xe0old xls", b"PK\x03\x04no archive"):
            path = tmp_path / "list.csv"
            path.write_bytes(content)
            with pytest.raises(ListFormatUnknown):
                take(path)


@pytest.mark.django_db
class TestColumns:
    REFUSED = (
        "Caste", "जाति", "उप-जाति", "SUB_CASTE", "Social Category", "Religion", "धर्म", "Dharm", "Aadhaar No",
        "आधार नंबर", "AadharNumber", "Voting Preference", "पसंदीदा पार्टी", "kisko vote", "voted for",
    )  # fmt: skip

    @pytest.mark.parametrize("heading", REFUSED)
    def test_what_must_not_be_stored_is_refused_by_name_and_never_written(self, take, write_list, heading):
        path = write_list(f"Sunita,{A},A1,Secretword", "Ravi,1,A1,Secretword", header=f"name,phone,territory,{heading}")
        (refused,) = examine(path).refused
        assert refused.header == heading
        assert take(path).created == 1
        assert _written("Sunita")
        assert not _written("Secretword")
        with pytest.raises(ColumnRefused) as refusal:
            take(path, mapping={"name": heading})
        assert heading in str(refusal.value)
        english, hindi = str(refusal.value).split(": ")[1].rstrip(".").split(" / ")
        assert english.isascii() and not hindi.isascii()

    @pytest.mark.parametrize("heading", ["Broadcaster", "Voter list no", "Jatin", "Category", "Note", "आधा"])
    def test_what_only_looks_alike_is_not_refused(self, write_list, heading):
        assert not examine(write_list(header=f"name,phone,territory,{heading}")).refused

    def test_a_mapping_is_used_and_remembered_for_the_next_list_with_these_headings(self, take, write_list):
        header = "Who,Number,Where"
        with pytest.raises(ListHeaderWrong):
            take(write_list(header=header))
        mapping = {"name": "who", "phone": "Number", "territory": "Where"}
        assert take(write_list(f"Sunita,{A},A1", header=header), mapping=mapping).created == 1
        assert take(write_list(f"Ravi,{B},B1", header=header.upper())).created == 1
        assert ImportMapping.objects.count() == 1

    def test_a_mapping_to_nowhere_is_refused(self, take, write_list):
        for mapping in ({"name": "Nothing"}, {"shoe": "name"}):
            with pytest.raises(ColumnUnknown):
                take(write_list(), mapping=mapping)

    def test_a_field_can_be_taken_away(self, take, write_list):
        take(write_list(f"Sunita,{A},A1,en"), mapping={"language": ""})
        assert Member.objects.get().language == "hi"


@pytest.mark.django_db
class TestPlaces:
    @pytest.fixture(autouse=True)
    def numbers(self, country):
        make_territories("IN/UP/Z/U7/P1", "IN/UP/Z/U7/P12", "IN/UP/Z/U70/Q1")
        Territory.objects.filter(code="UP").update(name_en="Uttar Pradesh", name_hi="उत्तर प्रदेश")
        for code, number in {"U7": "7", "U70": "70", "P1": "1", "P12": "12A", "Q1": "1"}.items():
            name = "Rampur" if code == "U7" else f"School {number}{number}"
            Territory.objects.filter(code=code).update(number=number, name_en=name)

    @pytest.mark.parametrize(
        ("cells", "code"),
        [
            ("UP,7,1", "P1"),
            ("Uttar Pradesh,007,Booth No. 1", "P1"),
            ("उत्तर प्रदेश,7 - Rampur,12 a", "P12"),
            ("up,RAMPUR,1", "P1"),
            ("up,70,1", "Q1"),
            ("UP,7,", "U7"),
            ("UP,,12A", "P12"),
            ("UP,,Q1", "Q1"),
            (",,q1", "Q1"),
        ],
    )
    def test_state_constituency_and_booth_lead_to_a_place(self, take, write_list, cells, code):
        report = take(write_list(f"Sunita,{A},{cells}", header="Name,Mobile,State,AC No,Booth No"))
        assert report.created == 1, report.problems
        assert Member.objects.get().territory.code == code

    @pytest.mark.parametrize("cells", ["UP,7,99", "XX,7,1", "UP,,1", "UP,8,1"])
    def test_parts_that_lead_nowhere_or_to_two_places_are_unknown(self, take, write_list, cells):
        report = take(write_list(f"Sunita,{A},{cells}", header="Name,Mobile,State,AC No,Booth No"))
        assert problems(report) == [(2, "territory_unknown")]
        assert " / ".join(part for part in cells.split(",") if part) in report.problems[0].message

    def test_a_place_for_all_rows_is_where_their_parts_begin(self, take, write_list):
        path = write_list(f"Sunita,{A},12A", f"Ravi,{B},", header="Name,Mobile,Booth No")
        assert take(path, territory="U7").created == 2
        assert {member.name: member.territory.code for member in Member.objects.all()} == {
            "Sunita": "P12",
            "Ravi": "U7",
        }


@pytest.mark.django_db
class TestSpreadsheets:
    def test_values_are_read_and_rows_have_the_numbers_of_the_sheet(self, take, tmp_path):
        rows = {
            2: ["Members of our union"],
            3: ["नाम", "मोबाइल", "बूथ कोड"],
            5: ["सुनीता देवी", int(A[3:]) or "", "A1"],
            6: [],
            8: ["Ravi", f"'{B}", "A1"],
            9: [("CONCATENATE(1)", "Mohan"), int("9" + C[4:]), ("A1&B1", "B1")],
        }
        rows[5][1] = "0" + A[3:]
        path = write_sheet(tmp_path / "list.bin", rows)
        report = take(path)
        assert (report.rows, report.created, problems(report)) == (3, 2, [(8, "phone_invalid")])
        assert {member.name: member.territory.code for member in Member.objects.all()} == {
            "सुनीता देवी": "A1",
            "Mohan": "B1",
        }
        index = index_for("phone").of("+919" + C[4:])
        assert ContactPoint.objects.filter(value_index=index).exists(), "a number cell is a number"

    def test_an_archive_that_swells_is_refused(self, take, tmp_path, monkeypatch):
        monkeypatch.setattr(spreadsheets, "MOST_BYTES", 50_000)
        path = write_sheet(tmp_path / "bomb.xlsx", {1: ["name", "phone", "territory"], 2: ["x" * 100_000]})
        assert path.stat().st_size < 5_000
        with pytest.raises(ListTooLarge):
            take(path)

    def test_an_archive_that_lies_about_its_size_is_refused(self, take, tmp_path, monkeypatch):
        monkeypatch.setattr(spreadsheets, "MOST_BYTES", 50_000)
        path = write_sheet(tmp_path / "bomb.xlsx", {1: ["name", "phone", "territory"], 2: ["x" * 100_000]})
        with zipfile.ZipFile(path) as archive:
            (sheet,) = [part for part in archive.infolist() if "sheet1" in part.filename]
        told = sheet.file_size.to_bytes(4, "little")
        path.write_bytes(path.read_bytes().replace(told, (100).to_bytes(4, "little")))
        with zipfile.ZipFile(path) as archive:
            assert sum(part.file_size for part in archive.infolist()) < 50_000
        with pytest.raises(ListTooLarge):
            take(path)

    def test_a_torn_archive_and_another_one_are_no_lists(self, take, tmp_path):
        path = write_sheet(tmp_path / "list.xlsx", {1: ["name", "phone", "territory"]})
        torn = tmp_path / "torn.xlsx"
        torn.write_bytes(path.read_bytes()[:-60])
        other = tmp_path / "other.zip"
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr("letter.txt", "hello")
        for wrong in (torn, other):
            with pytest.raises(ListFormatUnknown):
                take(wrong)


@pytest.mark.django_db
class TestCards:
    def card(self, version, *lines):
        return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])

    def test_cards_of_all_versions_become_members(self, take, tmp_path):
        path = tmp_path / "contacts.vcf"
        path.write_text(
            self.card("2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E0=A4=A6=E0=A5=87=E0=A4=B5=E0=A5=80;=",
                      "=E0=A4=B0=E0=A4=AE=E0=A4=BE;;;", f"TEL;WORK;FAX:{D}", f"TEL;CELL:{A}")
            + self.card("3.0", "FN:Rao\\, Mohan", f"item1.TEL;type=CELL:{B[:8]}", f" {B[8:]}",
                        "PHOTO;ENCODING=b:AAAA", "BBBB=")
            + self.card("4.0", "FN:Asha", f'TEL;VALUE=uri;TYPE="voice,cell":tel:{C};ext=1', "LANG:en-IN")
            + self.card("3.0", "FN:Nobody")
            + "BEGIN:VCARD\r\nFN:Torn\r\n",
            newline="",
        )  # fmt: skip
        report = take(path, territory="A1")
        assert (report.rows, report.created) == (5, 3)
        assert problems(report) == [(4, "phone_invalid"), (5, "card_broken")]
        assert names() == ["Asha", "Rao, Mohan", "रमा देवी"]
        assert Member.objects.get(name="Asha").language == "en"

    def test_cards_need_a_place_for_all(self, take, tmp_path):
        path = tmp_path / "contacts.vcf"
        path.write_text(self.card("3.0", "FN:Asha", f"TEL:{A}"))
        with pytest.raises(ListHeaderWrong) as refusal:
            take(path)
        assert refusal.value.params == {"columns": "territory"}

    @pytest.mark.shared_data
    def test_cards_of_real_telephones_are_all_accounted_for(self, take, shared_data):
        for path in sorted((shared_data / "imports" / "vcard").glob("*.vcf")):
            begun = path.read_bytes().upper().count(b"BEGIN:VCARD")
            report = take(path, territory="A1")
            assert begun == report.rows == report.created + report.updated + report.unchanged + report.rejected
        assert Member.objects.filter(name="Mr. John Richter, James Doe Sr.").exists()

    @pytest.mark.shared_data
    def test_headings_of_other_programs_are_known(self, shared_data):
        fields = {
            path.stem: set(examine(path).plan.columns) - {""}
            for path in (shared_data / "imports" / "header_templates").glob("*.csv")
        }
        assert fields == {
            "google_contacts_legacy": {"name", "given_name", "family_name", "phone", "language"},
            "mailchimp_audience_export": {"given_name", "family_name"},
            "nationbuilder_people": {"given_name", "family_name", "phone"},
            "rapidpro_contacts": {"name", "phone", "language"},
        }


def _written(word):
    """Whether the word stands anywhere in the database."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" kept WHERE kept::text LIKE %s', [f"%{word}%"])
            if cursor.fetchone()[0]:
                return True
    return False
