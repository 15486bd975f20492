"""Two test runs at the same moment do not share a database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.alone import AnotherRun, alone_in

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def server(db):
    """Where the database server of this run is."""
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("host", "port", "user", "password") if parameters.get(name)}


def test_the_second_run_in_a_database_is_told_to_wait(server):
    with (
        alone_in("trial", **server),
        pytest.raises(AnotherRun, match=r"server process [1-9].* make test TEST_VAR=var/test-2"),
        alone_in("trial", **server),
    ):
        pass


def test_when_the_first_has_ended_the_next_may_begin(server):
    for _run in range(2):
        with alone_in("trial", **server):
            pass


def test_runs_in_different_databases_do_not_mind_each_other(server):
    with alone_in("trial", **server), alone_in("other", **server):
        pass


def test_this_run_holds_its_database(server):
    with pytest.raises(AnotherRun), alone_in(connection.settings_dict["NAME"], **server):
        pass


def test_a_second_pytest_ends_at_once_and_touches_nothing(db):
    command = [sys.executable, "-m", "pytest", "tests/core/test_events.py", "-q"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Another test run" in done.stdout + done.stderr
    assert "passed" not in done.stdout.splitlines()[-1]
