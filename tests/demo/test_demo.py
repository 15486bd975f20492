"""The demonstration: everything agrees at the end, also after the servers were killed on the way."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.migrated import migrated_into
from toli.core.embedded_postgres import EmbeddedPostgres
from toli.demo.journal import Journal
from toli.demo.people import CITIZENS_FROM, Person
from toli.demo.plan import DemoPlan, DifferentDemo

MEMBERS = 150


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # whoever misses another by now has gone by itself
            os.kill(pid, signal.SIGKILL)


class Installation:
    """An installation of its own, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
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

    def demo(self, *arguments: str) -> subprocess.Popen[str]:
        port = ("--port", str(self.port))
        return self.start("demo", "--members", str(MEMBERS), "--no-serve", "--json", *port, *arguments)

    def result(self, *arguments: str) -> dict:
        process = self.demo(*arguments)
        output, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors
        return json.loads(output)

    def remove(self) -> None:
        server = EmbeddedPostgres(self.folder / "postgres")
        server.stop()
        shutil.rmtree(server.home, ignore_errors=True)


@pytest.fixture
def installation(tmp_path):
    made = Installation(tmp_path / "var")
    migrated_into(made.folder)
    yield made
    made.remove()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What a run that nobody disturbs comes to, from an empty folder."""
    made = Installation(tmp_path_factory.mktemp("undisturbed") / "var")
    yield made.result()
    made.remove()


def test_all_numbers_agree(undisturbed):
    funnel = undisturbed["funnel"]
    assert undisturbed["sound"] is True
    assert funnel["joined"] <= funnel["seated"] <= funnel["carded"] <= funnel["imported"]
    assert funnel["imported"] == MEMBERS + funnel["converted"]
    assert all(funnel[stage] > 0 for stage in ("joined", "relayed", "shared", "opened"))
    assert set(undisturbed["sign_in"]) == {"headquarters", "coordinator", "member"}


def test_members_are_reached_directly_and_every_promise_is_kept(undisturbed):
    messages = undisturbed["messages"]
    assert undisturbed["broken_promises"] == {}
    assert messages["taken"] == messages["sent"]
    assert all(messages[name] > 0 for name in ("taken", "held_by_silence", "recalled"))
    assert messages["queued"] == messages["sent"] + messages["held_by_silence"] + messages["recalled"]


def test_the_kit_stands_in_a_channel_is_silent_in_another_and_the_mistake_is_deleted(undisturbed):
    assert undisturbed["posts"] == {"standing": 1, "deleted_by_the_recall": 1, "held_by_silence": 2}


def _wait_for(process, condition) -> None:
    """Until it is so far, however slow the machine is; a process that ends before fails the test."""
    deadline = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < deadline, "it does not move"
        assert process.poll() is None, "it ended before it could be disturbed"
        time.sleep(0.1)


def test_killed_with_9_it_goes_on_to_the_same_totals(installation, undisturbed):
    process = installation.demo()
    journal = installation.folder / "demo" / "journal.jsonl"
    _wait_for(process, lambda: journal.exists() and journal.read_text().count("joined-1") > 5)
    database = EmbeddedPostgres(installation.folder / "postgres").postmaster_pid()
    victims = [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
    _kill(process.pid, *victims, database)
    process.communicate()
    assert installation.result()["funnel"] == undisturbed["funnel"]
    doctor = installation.start("doctor", "--json")
    output, _errors = doctor.communicate(timeout=300)
    assert json.loads(output)["healthy"] is True


def test_the_servers_may_die_while_it_runs(installation, undisturbed):
    process = installation.demo()
    journal = installation.folder / "demo" / "journal.jsonl"
    _wait_for(process, lambda: journal.exists() and journal.read_text().count("joined-2") > 5)
    database = EmbeddedPostgres(installation.folder / "postgres").postmaster_pid()
    _kill(*(child.pid for child in psutil.Process(process.pid).children(recursive=True)), database)
    output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    assert json.loads(output)["funnel"] == undisturbed["funnel"]


def test_no_number_of_the_demonstration_can_ring():
    for index in (*range(2000), CITIZENS_FROM, CITIZENS_FROM + 12345):
        phone = Person(1, index).phone
        assert len(phone) == 13
        assert phone[:3] == "+91"
        assert phone[3] in "012345"


def test_people_are_different_and_always_the_same():
    phones = {Person(1, index).phone for index in range(5000)} | {
        Person(1, CITIZENS_FROM + index).phone for index in range(5000)
    }
    assert len(phones) == 10_000
    assert Person(1, 7).name == Person(1, 7).name
    assert Person(1, 7).visits("whatsapp") == Person(1, 7).visits("whatsapp")


def test_one_folder_holds_one_demonstration(tmp_path):
    DemoPlan(100, 1, tmp_path).claim()
    DemoPlan(100, 1, tmp_path).claim()
    with pytest.raises(DifferentDemo):
        DemoPlan(200, 1, tmp_path).claim()


def test_a_journal_cut_short_is_read_to_its_last_whole_line(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.note("shared", "1", {"x": "abc"})
    with path.open("a") as file:
        file.write('["shared", "2"')
    with Journal(path) as journal:
        assert journal.value("shared", "1") == {"x": "abc"}
        assert not journal.has("shared", "2")
        journal.note("shared", "3")
    with Journal(path) as journal:
        assert journal.has("shared", "3")
