"""`toli drive`, `member`, `card` and `account`: what they print, and how they end."""

import csv

import pytest

from tests.factories import make_account, make_drive, make_member, make_organisation, make_phone, make_territories
from toli import __version__
from toli.accounts.errors import AccountNotFound, LoginTaken
from toli.accounts.models import SignInLink
from toli.accounts.services import redeem_sign_in_link
from toli.cards import selectors
from toli.cards.errors import CardNotFound
from toli.cards.models import Card
from toli.members.errors import DriveDatesWrong, DriveNotFound, ImportStateWrong, ListFileMissing
from toli.members.models import Drive, Member
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db
DATES = ("--opens", "2026-01-01", "--closes", "2026-12-31")
NAMES = ("--name-en", "Drive", "--name-hi", "अभियान")


@pytest.fixture(autouse=True)
def country():
    make_organisation()
    return make_territories("IN/UP/07/A1", "IN/UP/070/B1")


@pytest.fixture
def write_list(tmp_path):
    make_drive()

    def write(*rows):
        path = tmp_path / "members.csv"
        path.write_text("\n".join(["name,phone,territory,language", *rows]), encoding="utf-8")
        return path

    return write


def test_the_version_is_told(toli):
    answer = toli("--version")
    assert (answer.code, answer.out) == (0, f"{__version__}\n")


@pytest.mark.parametrize("noun", ["drive", "member", "card", "account"])
def test_every_command_explains_itself(toli, noun):
    answer = toli(noun, "--help")
    assert answer.code == 0
    assert "Usage" in answer.out


class TestDrive:
    def test_a_drive_is_announced_and_listed(self, toli):
        assert toli("drive", "create", "d-26", "--territory", "UP", *NAMES, *DATES, "--months", 12).code == 0
        assert Drive.objects.get().term_months == 12
        answer = toli("drive", "list", "--json")
        assert answer.json[0]["code"] == "d-26"
        assert answer.json[0]["closes"] == "2026-12-31"
        assert "d-26" in toli("drive", "list").out

    def test_a_drive_that_cannot_be_is_refused(self, toli):
        backwards = ("--opens", "2026-12-31", "--closes", "2026-01-01")
        assert isinstance(toli("drive", "create", "d", "--territory", "IN", *NAMES, *backwards).error, DriveDatesWrong)
        assert isinstance(toli("drive", "create", "d", "--territory", "XX", *NAMES, *DATES).error, TerritoryNotFound)

    def test_a_date_that_is_none_is_a_wrong_call(self, toli):
        answer = toli("drive", "create", "d", "--territory", "IN", *NAMES, "--opens", "soon", "--closes", "later")
        assert answer.code == 2


class TestMember:
    def test_an_import_reports_as_json(self, toli, write_list):
        path = write_list(f"Sunita,{make_phone(1)},A1,hi", "Ravi,12,A1,hi")
        report = toli("member", "import", path, "--drive", "drive", "--json").json
        assert (report["rows"], report["created"], report["rejected"], report["dry_run"]) == (2, 1, 1, False)
        assert report["problems"] == [
            {
                "row": 3,
                "code": "phone_invalid",
                "params": {},
                "message": "The number is missing or is not a telephone number.",
            }
        ]

    def test_data_goes_to_stdout_and_talk_to_stderr(self, toli, write_list):
        answer = toli("member", "import", write_list("Ravi,12,A1,hi"), "--drive", "drive", "--dry-run")
        assert answer.code == 0
        assert "Rejected" in answer.out
        assert "Row 2" in answer.err
        assert "nothing was changed" in answer.err
        assert not Member.objects.exists()

    def test_problems_are_written_to_a_file_that_no_spreadsheet_runs(self, toli, write_list, tmp_path, monkeypatch):
        from toli.members.services.importing import reports

        monkeypatch.setitem(reports.MESSAGES, "territory_unknown", "%(territory)s is not in your area.")
        rows = [f'Sunita,{make_phone(1)},"=HYPERLINK(""x"")",hi', f"Ravi,{make_phone(2)},+B1,hi", "Asha,1,A1,hi"]
        problems = tmp_path / "problems.csv"
        toli("member", "import", write_list(*rows), "--drive", "drive", "--problems", problems, "--json")
        with problems.open(encoding="utf-8-sig", newline="") as file:
            header, *written = csv.reader(file)
        assert header == ["row", "code", "message"]
        assert [row[:2] for row in written] == [
            ["2", "territory_unknown"], ["3", "territory_unknown"], ["4", "phone_invalid"],
        ]  # fmt: skip
        assert all(not row[2].startswith(("=", "+", "-", "@")) for row in written)

    def test_what_cannot_be_imported_is_refused(self, toli, write_list, tmp_path):
        assert isinstance(toli("member", "import", tmp_path / "none.csv", "--drive", "drive").error, ListFileMissing)
        assert isinstance(toli("member", "import", write_list(), "--drive", "none").error, DriveNotFound)

    def test_members_are_listed_below_a_territory_with_masked_numbers(self, toli):
        inside = make_member("A1", phone="+910123456789")
        make_member("B1")
        answer = toli("member", "list", "--under", "07", "--json")
        assert [row["id"] for row in answer.json] == [inside.pk]
        assert answer.json[0]["phone"] == "+91 01••• ••789"
        assert "0123456789" not in answer.out

    def test_a_long_list_is_read_page_by_page(self, toli):
        members = [make_member("A1") for _ in range(3)]
        first = toli("member", "list", "--limit", 2, "--json").json
        rest = toli("member", "list", "--limit", 2, "--after", first[-1]["id"], "--json").json
        assert [row["id"] for row in first + rest] == [member.pk for member in members]


class TestCard:
    @pytest.fixture
    def card(self, toli):
        make_member("A1", name="Sunita Devi")
        assert toli("card", "issue", "--json").json == {"issued": 1}
        return Card.objects.get()

    def test_cards_are_issued_and_welcomed_once(self, toli, card):
        assert toli("card", "issue", "--json").json == {"issued": 0}
        assert toli("card", "welcome", "--json").json == {"sent": 1}
        assert toli("card", "welcome", "--json").json == {"sent": 0}

    def test_a_valid_card_ends_with_0_and_tells_the_holder_in_short(self, toli, card):
        answer = toli("card", "verify", selectors.qr_url(card), "--json")
        assert answer.code == 0
        assert (answer.json["state"], answer.json["holder"]) == ("valid", "Sunita D.")
        assert "valid" in toli("card", "verify", selectors.qr_url(card)).out

    def test_a_card_is_checked_by_the_two_parts_of_its_address(self, toli, card):
        facts, signature = selectors.card_path(card).split("/")[-2:]
        assert toli("card", "verify", facts, signature).code == 0
        assert toli("card", "verify", signature, facts).code == 1

    def test_any_other_card_ends_with_1(self, toli, card):
        address = selectors.qr_url(card)
        assert toli("card", "verify", "nonsense").code == 1
        assert toli("card", "revoke", card.number, "--reason", "lost").code == 0
        answer = toli("card", "verify", address, "--json")
        assert (answer.code, answer.json["state"]) == (1, "revoked")

    def test_a_card_that_is_not_there_cannot_be_revoked(self, toli):
        assert isinstance(toli("card", "revoke", "0000-0000-00", "--reason", "x").error, CardNotFound)
        assert toli("card", "revoke", "0000-0000-00").code == 2


class TestAccount:
    def test_an_account_is_created_and_listed(self, toli):
        assert toli("account", "create", "imran", "--name", "Imran Khan").code == 0
        assert toli("account", "list", "--json").json == [{"login": "imran", "name": "Imran Khan", "active": True}]
        assert isinstance(toli("account", "create", "imran", "--name", "Other").error, LoginTaken)

    def test_a_sign_in_link_stands_alone_on_stdout_and_works_once(self, toli, settings):
        settings.BASE_URL = "https://toli.example.org"
        account = make_account()
        (line,) = toli("account", "sign-in-link", account.login).out.splitlines()
        assert line.startswith("https://toli.example.org/a/")
        assert redeem_sign_in_link(token=line.rpartition("/")[2]).account == account
        assert not SignInLink.objects.get().reusable

    def test_nobody_signs_in_as_someone_who_is_not_there(self, toli):
        assert isinstance(toli("account", "sign-in-link", "nobody").error, AccountNotFound)
        assert toli("account", "sign-in-link", "nobody", "--hours", 0).code == 2


class TestImports:
    def test_an_import_is_listed_shown_explained_and_taken_back(self, toli, write_list, tmp_path):
        path = write_list(f"Sunita,{make_phone(1)},A1,hi", "Ravi,12,=A1,hi")
        run = toli("member", "import", str(path), "--drive", "drive", "--json").json["run_id"]
        assert [row["id"] for row in toli("import", "list", "--json").json] == [run]
        shown = toli("import", "show", str(run), "--json").json
        assert (shown["state"], shown["rows"], shown["created"], shown["rejected"]) == ("done", 2, 1, 1)
        toli("import", "errors", str(run), "--file", str(tmp_path / "errors.csv"))
        assert "3,phone_invalid," in (tmp_path / "errors.csv").read_text(encoding="utf-8-sig")
        assert toli("import", "undo", str(run), "--json").json["possible"]
        assert toli("import", "show", str(run), "--json").json["state"] == "done"
        assert toli("import", "undo", str(run), "--yes", "--json").json == {"removed": 1, "restored": 0, "kept": 0}
        assert isinstance(toli("import", "resume", run).error, ImportStateWrong)
