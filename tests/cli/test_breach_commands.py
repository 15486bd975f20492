"""`toli rights breach`: from opening a case to the files on disk; sending is not in its power."""

import pytest

from tests import factories as make
from toli.audit.models import AuditEntry
from toli.members import services as members
from toli.rights.models import BreachCase

pytestmark = pytest.mark.django_db
PHONE = "+910198237645"
WORDS = (
    "--happened-en", "A list was taken out.", "--happened-hi", "एक सूची बाहर गई।",
    "--measures-en", "The account is closed.", "--measures-hi", "खाता बंद है।",
)  # fmt: skip


@pytest.fixture
def member():
    make.make_organisation()
    make.make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    member = make.make_member("A1", name="Asha Kumari", phone=PHONE)
    chief = make.make_actor({"members.reveal": "IN"})
    members.reveal_phone(actor=chief, member_id=member.pk, reason="other", note="no reason")
    return member


@pytest.fixture
def case(toli, member):
    answer = toli(
        "rights", "breach", "open", "Numbers were sold", "--territory", "IN", "--from", "2020-01-01", "--json"
    )
    assert answer.code == 0, answer.err
    return answer.json


def test_opening_finds_at_once(case):
    assert (case["people"], case["ways"], case["board_hours_left"], case["state"]) == (1, {"reveal": 1}, 71, "found")
    assert case["places"][0] == {"code": "IN", "level": "country", "depth": 0, "count": 1}


def test_what_narrows_the_search(toli, member):
    def people(*words):
        return toli(
            "rights", "breach", "open", "Numbers were sold", "--from", "2020-01-01", *words, "--json"
        ).json["people"]  # fmt: skip

    assert people("--territory", "07") == 1
    assert people("--territory", "070") == 0
    assert people("--territory", "IN", "--until", "2020-02-01T10:00") == 0
    assert people("--territory", "IN", "--kind", "card") == 0
    assert people("--territory", "IN", "--address", "192.0.2.1") == 0
    assert people("--territory", "IN", "--export", "1") == 0
    assert people("--territory", "IN", "--everybody", "--drill") == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--territory", "XX"), 1, "XX"),
        (("--territory", "IN", "--login", "nobody"), 1, "nobody"),
        (("--territory", "IN", "--kind", "shoes"), 2, "shoes"),
        (("--territory", "IN", "--until", "2019-01-01"), 1, "title"),
    ],
)
def test_what_cannot_be_is_refused(toli, member, words, code, said):
    answer = toli("rights", "breach", "open", "Numbers were sold", "--from", "2020-01-01", *words)
    assert answer.code == code
    assert said in answer.err + str(answer.error)
    assert not BreachCase.objects.exists()


def test_shown_and_listed_without_a_name(toli, case):
    shown = toli("rights", "breach", "show", case["case"])
    assert "| Place" in shown.out
    assert "Hours left" in shown.err
    listed = toli("rights", "breach", "list")
    assert "Numbers" in listed.out
    assert "Asha" not in shown.out + listed.out
    assert toli("rights", "breach", "list", "--json").json[0]["title"] == "Numbers were sold"
    assert [
        place["code"] for place in toli("rights", "breach", "show", case["case"], "--depth", 0, "--json").json["places"]
    ] == ["IN"]


def test_all_letters_are_written_privately_into_a_new_folder(toli, case, member, tmp_path):
    number, folder = case["case"], tmp_path / "case"
    assert toli("rights", "breach", "letters", number, tmp_path / "early").code == 1, "there are no words yet"
    assert not (tmp_path / "early").exists()
    assert toli("rights", "breach", "describe", number, *WORDS).code == 0
    answer = toli("rights", "breach", "letters", number, folder, "--json")
    assert set(answer.json["files"]) == {
        "report-hi.md", "report-en.md", "board-first-hi.txt", "board-first-en.txt", "board-details-hi.txt",
        "board-details-en.txt", f"breach-{number}-A1-1.txt",
    }  # fmt: skip
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    letter = (folder / f"breach-{number}-A1-1.txt").read_text()
    assert "Asha Kumari" in letter
    assert "एक सूची बाहर गई।" in letter
    assert not any(PHONE[3:] in path.read_text() for path in folder.iterdir())
    assert toli("rights", "breach", "letters", number, folder).code == 1, "nothing is written over"
    assert AuditEntry.objects.filter(action="rights.breach.letters.files").count() == 1


def test_the_board_and_the_end(toli, case):
    number = case["case"]
    assert toli("rights", "breach", "close", number).code == 1
    assert toli("rights", "breach", "board", number).code == 0
    assert toli("rights", "breach", "board", number, "--full").code == 0
    told = BreachCase.objects.get()
    assert told.board_first_at
    assert told.board_full_at
    BreachCase.objects.update(letters="sent")
    assert toli("rights", "breach", "close", number).code == 0
    assert toli("rights", "breach", "list", "--json").json[0]["state"] == "closed"


def test_there_is_no_command_that_sends(toli):
    shown = toli("rights", "breach", "--help").out
    assert "send" not in shown
    assert "approve" not in shown
