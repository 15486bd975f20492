"""What must not be stored is found under any heading, by its values, in contact cards; and old fonts are no names."""

import pytest
from django.db import connection

from tests.factories import make_phone
from tests.members.spreadsheet import write_sheet
from toli.accounts.domain.actor import SYSTEM
from toli.members.domain.importing.columns import refused_kind
from toli.members.domain.importing.refusing import is_aadhaar, refused_values
from toli.members.domain.legacy_fonts import is_legacy_hindi
from toli.members.errors import ColumnRefused, ListHoldsRefused, ListLegacyFont
from toli.members.models import Member
from toli.members.services.importing.list_file import examine
from toli.members.services.importing.uploads import keep_upload

A, B, C = (make_phone(serial) for serial in (301, 302, 303))
NUMBERS = ("234123412346", "499118665246")  # made up, with a good check digit

TRICKY = {
    "caste": ("CASTE_NAME", "casteCategory", "Ca\u200bste", "Ｃａｓｔｅ", "Cast", "Caste 2", "C A S T E",
              "जा\u200dति", "जाति प्रमाण", "Jati/Varg",
              "Category (SC/ST/OBC)", "Community", "WhatsApp community / caste", "Biradari", "Social Cat."),
    "religion": ("Religon", "DHARAM", "धर्म१", "मज़हब", "Faith", "religious_group", "Dharm\n(धर्म)"),
    "aadhaar": ("AADHAAR_NUM", "Aadhar card", "adhaarCard", "आधार सं.", "UID No", "UIDAI"),
    "vote": ("मतदान पसंद", "मतदाता की पसंद", "किसको मत", "Party Affiliation", "Voting_choice",
             "kise vot", "matdaan pasand"),
}  # fmt: skip
HARMLESS = (
    "Casting",
    "Category",
    "Party size",
    "Voter list no",
    "Voting booth",
    "Main St",
    "Jatinder",
    "Forecast",
    "Sector",
    "WhatsApp Community",
    "whatsapp_community_link",
    "व्हाट्सएप समुदाय",
)


@pytest.mark.parametrize(("kind", "heading"), [(kind, heading) for kind in TRICKY for heading in TRICKY[kind]])
def test_a_tricky_heading_is_refused(kind, heading):
    assert refused_kind(heading) == kind


@pytest.mark.parametrize("heading", HARMLESS)
def test_a_heading_that_only_looks_alike_is_not(heading):
    assert not refused_kind(heading)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("OBC", "SC", "General", ""), "caste"),
        (("अनुसूचित जाति", "सामान्य"), "caste"),
        (("Hindu", "Muslim", "Hindu"), "religion"),
        (("2341 2341 2346", "499118665246"), "aadhaar"),
        (("२३४१ २३४१ २३४६", "४९९१-१८६६-५२४६"), "aadhaar"),
        (("Jain", "Jain", "Jain"), ""),  # a family
        (("General", "General"), ""),
        (("234123412347", "499118665247"), ""),  # the check digit is wrong
        (("OBC", "Rampur", "Sunita"), ""),
        (("OBC",), ""),
    ],
)
def test_a_column_is_known_by_its_values(cells, kind):
    assert refused_values(cells) == kind


def test_telephone_numbers_with_a_country_code_are_no_aadhaar_numbers():
    alike = [number for number in (f"91{serial:010d}" for serial in range(200)) if is_aadhaar(number)]
    assert len(alike) > 5
    assert refused_values(alike) == ""


def written(word):
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - {
            "django_migrations"
        }:  # names and times of ours
            cursor.execute(f'SELECT count(*) FROM "{table}" kept WHERE kept::text LIKE %s', [f"%{word}%"])
            if cursor.fetchone()[0]:
                return table
    return ""


@pytest.mark.django_db
class TestNothingIsKept:
    def test_of_a_column_under_a_harmless_heading(self, take, write_list, caplog):
        path = write_list(
            f"Sunita,{A},A1,{NUMBERS[0]}", f"Ravi,x{NUMBERS[1]},A1,{NUMBERS[1]}", header="name,phone,territory,ID"
        )
        assert [column.kind for column in examine(path).refused] == ["aadhaar"]
        report = take(path)
        assert (report.created, report.rejected) == (1, 1)
        told = str(report.problems) + caplog.text
        assert all(not written(number) and number not in told for number in NUMBERS)

    def test_of_a_number_in_a_name_or_place(self, take, write_list):
        path = write_list(
            f"Sunita 2341 2341 2346,{A},A1,hi", f"Ravi,{B},2341 2341 2346,hi", f"Asha,{C},A1,234123412346"
        )
        report = take(path)
        assert [problem.code for problem in report.problems] == [
            "name_invalid",
            "territory_unknown",
            "language_unknown",
        ]
        assert not written("2341")
        assert "2341" not in str(report.problems)

    def test_of_a_column_of_a_spreadsheet(self, take, tmp_path):
        rows = {1: ["Name", "Mobile", "Booth Code", "Group"], 2: ["Sunita", A, "A1", "OBC"], 3: ["Ravi", B, "A1", "ST"]}
        path = write_sheet(tmp_path / "list.xlsx", rows)
        assert [column.header for column in examine(path).refused] == ["Group"]
        assert take(path).created == 2

    def test_of_a_contact_card_and_the_file_is_sent_back(self, take, country, tmp_path, settings):
        settings.IMPORTS_DIR = tmp_path / "kept"
        card = f"BEGIN:VCARD\r\nFN:Sunita\r\nTEL:{A}\r\nX-CASTE:Secretword\r\nitem1.X-ABLabel:धर्म\r\nEND:VCARD\r\n"
        path = tmp_path / "contacts.vcf"
        path.write_bytes(card.encode())
        assert {column.kind for column in examine(path).refused} == {"caste", "religion"}
        with pytest.raises(ListHoldsRefused):
            keep_upload(actor=SYSTEM, drive_code="drive", territory="A1", file_name="c.vcf", parts=[card.encode()])
        assert not list(tmp_path.glob("kept/*"))
        assert take(path, territory="A1").created == 1
        assert not written("Secretword")

    def test_of_a_column_that_is_left_out_and_the_list_goes_on(self, take, write_list):
        path = write_list(f"Sunita,{A},A1,Secretword", header="name,phone,territory,Community")
        assert take(path).created == 1
        assert not written("Secretword")
        with pytest.raises(ColumnRefused):
            take(path, mapping={"name": "Community"})

    def test_a_list_sent_at_the_desk_is_sent_back_with_a_way_out(self, country, tmp_path, settings):
        settings.IMPORTS_DIR = tmp_path / "kept"

        def send(heading):
            content = f"name,phone,territory,{heading}\nSunita,{A},A1,Secretword\n".encode()
            return keep_upload(actor=SYSTEM, drive_code="drive", territory="", file_name="a.csv", parts=[content])

        with pytest.raises(ListHoldsRefused) as refusal:
            send("Community")
        assert refusal.value.params == {"columns": "Community (caste / जाति)"}
        assert "another heading" in str(refusal.value)
        assert not list(tmp_path.glob("kept/*"))
        assert send("WhatsApp Community").plan["columns"] == ["name", "phone", "territory", ""]


class TestOldFonts:
    @pytest.mark.parametrize("name", ["lquhrk nsoh", "dqekj", "jke izlkn", "jes'k ;kno", "eksgu flag", "'kekZ [kku"])
    def test_text_for_an_old_font_is_known(self, name):
        assert is_legacy_hindi(name)

    @pytest.mark.parametrize(
        "name", ["Sunita Devi", "R. K. Singh", "Flag Kumar", "D'Souza", "O'Keefe", "o'keefe", "सुनीता", "Ikkz"]
    )
    def test_other_names_are_not(self, name):
        assert not is_legacy_hindi(name)

    @pytest.mark.django_db
    def test_a_list_of_them_is_refused_and_a_single_row_named(self, take, write_list):
        with pytest.raises(ListLegacyFont):
            take(write_list(f"lquhrk nsoh,{A},A1,hi", f"jke izlkn,{B},A1,hi", f"eksuw,{C},A1,hi"))
        assert not Member.objects.exists()
        report = take(write_list(f"Sunita,{A},A1,hi", f"dqekj nsoh,{B},A1,hi"))
        assert [(problem.row, problem.code) for problem in report.problems] == [(3, "name_legacy_font")]
