"""`toli card` and `toli card-key`: checks with files, replacing, keys."""

import pytest

from tests.factories import make_member, make_organisation, make_territories
from toli.accounts.domain.actor import SYSTEM
from toli.cards import selectors
from toli.cards.services import issue_cards, revoke_card

pytestmark = pytest.mark.django_db


class Ring(dict):
    def add(self):
        self[max(self) + 1] = b"n" * 32
        return max(self)

    def retire(self, version):
        del self[version]


@pytest.fixture
def card(settings):
    settings.TOLI_CARD_KEYS = Ring({1: b"1" * 32})
    make_organisation()
    make_territories("IN/UP/07/A1")
    member = make_member("A1")
    issue_cards(actor=SYSTEM)
    return selectors.card_of(member.pk)


@pytest.fixture
def files(card, toli, tmp_path):
    def published():
        assert toli("card", "publish", "--folder", tmp_path, "--json").code == 0
        return [
            "--offline",
            "--keys",
            tmp_path / "toli-card-keys.json",
            "--revoked",
            tmp_path / "toli-revoked-cards.bin",
        ]

    return published


def test_a_good_card_is_told_with_files_alone(card, toli, files):
    answer = toli("card", "check", selectors.qr_url(card), *files(), "--json")
    assert (answer.code, answer.json["state"], answer.json["list"]) == (0, "valid", "fresh")
    assert answer.json["card"]["place"] == "A1"
    assert card.number[:4] in toli("card", "check", selectors.qr_url(card), *files()).out


def test_a_revoked_card_ends_with_one(card, toli, files):
    revoke_card(actor=SYSTEM, number=card.number, reason="lost")
    assert toli("card", "check", selectors.qr_url(card), *files()).code == 1


def test_without_a_list_it_ends_with_three(card, toli, files):
    answer = toli("card", "check", selectors.qr_url(card), *files()[:3])
    assert answer.code == 3
    assert "fetch a new list" in answer.err


def test_without_keys_or_with_damaged_files_it_says_so(card, toli, files, tmp_path):
    assert toli("card", "check", selectors.qr_url(card), "--offline").code == 2
    options = files()
    (tmp_path / "toli-revoked-cards.bin").write_bytes(b"TOLIREV1")
    answer = toli("card", "check", selectors.qr_url(card), *options)
    assert answer.error.code == "list_unusable"


def test_without_offline_the_database_is_asked(card, toli):
    assert toli("card", "check", selectors.qr_url(card)).code == 0
    assert toli("card", "check", "nonsense").code == 1


def test_keys_are_listed_added_withdrawn_and_retired(card, toli):
    assert toli("card-key", "list", "--json").json == [{"version": 1, "state": "signs", "cards": 1}]
    assert toli("card-key", "add", "--json").json == {"version": 2}
    assert [row["state"] for row in toli("card-key", "list", "--json").json] == ["verifies", "signs"]
    assert toli("card-key", "withdraw", "1", "--reason", "seen").code == 0
    assert [row["state"] for row in toli("card-key", "list", "--json").json] == ["verifies", "signs"]
    assert toli("card-key", "withdraw", "1", "--reason", "seen", "--yes", "--json").json["to_reissue"] == 1
    assert toli("card", "reissue", "--json").json == {"reissued": 1}
    assert toli("card-key", "list", "--json").json[1] == {"version": 2, "state": "signs", "cards": 1}
    assert toli("card-key", "retire", "2", "--yes").error.code == "card_key_in_use"
    assert toli("card-key", "retire", "1").code == 0
    assert toli("card-key", "retire", "1", "--yes", "--json").json == {"version": 1, "cards": 0, "retired": True}
    assert len(toli("card-key", "list", "--json").json) == 1


def test_a_key_that_no_card_can_name_is_not_made(card, toli, settings):
    settings.TOLI_CARD_KEYS[31] = b"z" * 32
    answer = toli("card-key", "add")
    assert (answer.error.code, dict(answer.error.params)) == ("no_card_key_left", {"most": 31})


def test_a_territory_is_printed(card, toli, tmp_path):
    answer = toli("card", "print", "--territory", "07", "--out", tmp_path / "sheets.pdf", "--json")
    assert answer.json == {"cards": 1, "files": [str(tmp_path / "sheets.pdf")]}
    assert (tmp_path / "sheets.pdf").read_bytes()[:5] == b"%PDF-"
