"""`toli roll`: from drawing up to a supplement, and `toli drive poster`."""

from datetime import timedelta

import pytest

from tests.factories import make_account, make_actor, make_drive, make_member, make_organisation, make_territories
from toli.accounts.models import Account
from toli.core import clock
from toli.rolls.models import Challenge


@pytest.fixture
def day(db):
    make_organisation()
    make_territories("IN/UP/07/A1")
    make_drive()
    for login in ("asha", "imran"):
        account = make_account(name=login)
        Account.objects.filter(pk=account.pk).update(login=login)
        make_actor(dict.fromkeys(("members.export", "members.view", "exports.approve"), "IN"), account=account)
    yesterday = clock.today() - timedelta(days=1)
    make_member("A1", name="Sunita Devi", member_from=yesterday)
    return yesterday.isoformat()


def test_from_drawing_up_to_a_supplement(toli, day, tmp_path):
    drawn = toli("roll", "draw", "07", "--day", day, "--by", "asha", "--json").json
    again = toli("roll", "draw", "07", "--day", day, "--by", "asha", "--json").json
    assert (drawn["new"], again["new"], again["same"], again["hash"]) == (True, False, True, drawn["hash"])
    number = drawn["id"]
    certified = toli("roll", "certify", number, "--by", "imran", "--challenge-days", 3, "--json").json
    assert certified["challenges_until"] == (clock.today() + timedelta(days=3)).isoformat()
    late = make_member("A1", name="Ravi Kumar", member_from=clock.today())
    toli("roll", "challenge", number, "--kind", "wrongly", "--line", 1, "--reason", "Moved", "--by", "asha")
    wanted = ["--kind", "missing", "--member", late.pk, "--reason", "Joined in May", "--by", "asha"]
    (asked,) = toli("roll", "challenge", number, *wanted, "--grade", "active", "--json").json
    assert (asked["state"], asked["grade"], asked["raised_by"]) == ("open", "active", "asha")
    (done,) = toli("roll", "decide", asked["id"], "--accept", "--note", "Receipt", "--by", "imran", "--json").json
    assert (done["state"], done["place"], done["decided_by"]) == ("accepted", "A1", "imran")
    first = Challenge.objects.get(kind="wrongly").pk
    assert toli("roll", "decide", first, "--refuse", "--note", "Later", "--by", "imran").code == 0
    assert {item["state"] for item in toli("roll", "challenge", number, "--json").json} == {"accepted", "refused"}
    path = tmp_path / "supplement.json"
    (made,) = toli("roll", "supplement", number, "--by", "imran", "--out", path, "--json").json
    assert (made["number"], made["previous"], made["issued_by"]) == (1, drawn["hash"], "imran")
    assert toli("roll", "verify", path, "--json").json["good"]
    assert toli("roll", "verify", number, "--json").json["good"]
    assert toli("roll", "show", number, "--json").json["members_with_supplements"] == 2


def test_posters_are_written(toli, day, tmp_path):
    path = tmp_path / "posters.pdf"
    wanted = ["drive", "poster", "drive", "--territory", "07", "--out", path]
    assert toli(*wanted, "--json").json == {"posters": 1, "files": [str(path)]}
    assert path.read_bytes().startswith(b"%PDF")
    assert toli(*wanted, "--language", "fr").code == 2
