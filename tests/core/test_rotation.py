"""Keys are exchanged while people work: always readable, resumable, nothing left under the old one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.factories import make_member, make_phone, make_territories
from tests.migrated import migrated_into
from toli.config.secrets import KeyRing, load
from toli.core import crypto, rotation
from toli.core.crypto import CannotDecrypt, FieldCipher
from toli.core.embedded_postgres import EmbeddedPostgres
from toli.members.models import ContactPoint

CONTEXT = "members_contactpoint.value"
INDEX = "members_contactpoint.value_index"


@pytest.fixture
def keys(tmp_path, settings) -> KeyRing:
    """Keys of this test alone."""
    settings.TOLI_FIELD_KEYS = load(tmp_path / "var").field_keys
    crypto.cipher_for.cache_clear()
    yield settings.TOLI_FIELD_KEYS
    crypto.cipher_for.cache_clear()


def test_a_running_process_learns_of_a_new_key(keys):
    cipher = FieldCipher(keys, "t.c")
    old = cipher.encrypt("before", row=1)
    assert keys.add() == 2
    new = cipher.encrypt("after", row=2)
    assert (old[0], new[0]) == (1, 2)
    assert (cipher.decrypt(old, row=1), cipher.decrypt(new, row=2)) == ("before", "after")


def test_a_retired_key_opens_nothing_any_more(keys):
    old = FieldCipher(keys, "t.c").encrypt("before", row=1)
    keys.add()
    keys.retire(1)
    with pytest.raises(CannotDecrypt):
        FieldCipher(keys, "t.c").decrypt(old, row=1)


def test_the_key_in_use_cannot_be_retired(keys):
    with pytest.raises(ValueError, match="1"):
        keys.retire(1)
    with pytest.raises(KeyError):
        keys.retire(7)


def test_the_file_stays_closed_to_others(keys, tmp_path):
    keys.add()
    assert (tmp_path / "var" / "secrets.json").stat().st_mode & 0o077 == 0


@pytest.fixture
def people(db, keys):
    make_territories("IN/UP/07/A1")
    return [make_member("A1", phone=make_phone(number)) for number in range(25)]


def _numbers() -> set[str]:
    cipher = crypto.cipher_for(CONTEXT)
    return {cipher.decrypt(bytes(point.value_sealed), row=point.pk) for point in ContactPoint.objects.all()}


def test_everything_moves_to_the_new_key(people, keys, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 10)
    before = _numbers()
    keys.add()
    assert rotation.rotate() == 25
    assert rotation.versions()[CONTEXT] == {2: 25}
    assert _numbers() == before
    assert rotation.rotate() == 0


def test_cut_off_in_the_middle_it_goes_on(people, keys, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 10)
    before = _numbers()
    keys.add()
    steps = rotation._rotate_column(rotation.SealedColumn(ContactPoint, "value_sealed"))
    next(steps)
    steps.close()
    assert rotation.versions()[CONTEXT] == {1: 15, 2: 10}
    assert _numbers() == before
    assert rotation.rotate() == 15
    assert _numbers() == before


def test_every_encrypted_column_is_found():
    assert CONTEXT in {column.context for column in rotation.sealed_columns()}


class Installation:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TOLI_")},
            "TOLI_VAR_DIR": str(folder),
            "TOLI_LANGUAGE": "en",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "toli", *arguments],
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str) -> str:
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors
        return output

    def rows(self, column: str = "value_sealed") -> dict[str, int]:
        """How many numbers are under which version of the key."""
        keys = json.loads(self.run("key", "list", "--json"))
        return keys["index"]["rows"][INDEX] if column == "value_index" else keys["rows"][CONTEXT]


@pytest.fixture
def installation(tmp_path):
    made = Installation(tmp_path / "var")
    migrated_into(made.folder)
    made.run("territory", "seed", "--booths", "1")
    server = EmbeddedPostgres(made.folder / "postgres")
    server.acquire()
    yield made
    server.stop()


def test_both_rotations_killed_with_9_half_way_and_started_again(installation, tmp_path):
    count = 20_000
    people = tmp_path / "people.csv"
    people.write_text(
        "name,phone,territory,language\n"
        + "".join(f"Person {number},{make_phone(number)},IN,hi\n" for number in range(count))
    )
    today = time.strftime("%Y-%m-%d")
    installation.run(
        "drive",
        "create",
        "d",
        "--name-en",
        "D",
        "--name-hi",
        "D",
        "--territory",
        "IN",
        "--opens",
        today,
        "--closes",
        "2099-01-01",
    )
    installation.run("member", "import", str(people), "--drive", "d")
    cut_off = kill_half_way(installation, "value_sealed", "key", "rotate")
    assert set(cut_off) == {"1", "2"}
    assert sum(cut_off.values()) == count
    installation.run("key", "rotate")
    assert installation.rows() == {"2": count}
    installation.run("key", "retire", "1", "--yes")

    cut_off = kill_half_way(installation, "value_index", "key", "rotate", "--index")
    assert set(cut_off) == {"1", "2"}
    assert sum(cut_off.values()) == count
    assert imported_again(installation, people)["unchanged"] == count
    installation.run("key", "rotate", "--index")
    assert installation.rows("value_index") == {"2": count}
    installation.run("key", "retire", "1", "--index", "--yes")
    assert imported_again(installation, people)["unchanged"] == count


def kill_half_way(installation: Installation, column: str, *command: str) -> dict[str, int]:
    """Kill the command as soon as a row is under key 2. Returns how many are under which key then."""
    process = installation.start(*command)
    with psycopg.connect(EmbeddedPostgres(installation.folder / "postgres").url(), autocommit=True) as database:
        while not database.execute(
            f"SELECT EXISTS (SELECT FROM members_contactpoint WHERE get_byte({column}, 0) = 2)"
        ).fetchone()[0]:
            assert process.poll() is None, "it ended before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return installation.rows(column)


def imported_again(installation: Installation, people: Path) -> dict[str, int]:
    return json.loads(installation.run("member", "import", str(people), "--drive", "d", "--json"))
