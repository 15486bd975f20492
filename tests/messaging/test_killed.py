"""Dispatchers, provider, report server and database die at random points: nothing is lost, nothing goes out twice.

``TOLI_TEST_KILLS=2000 TOLI_TEST_KILL_MESSAGES=200000`` for the long run.
"""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.migrated import migrated_into

KILLS = os.environ.get("TOLI_TEST_KILLS", "12")
MESSAGES = os.environ.get("TOLI_TEST_KILL_MESSAGES", "700")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A database of its own, as it will be killed."""
    if settings.EMBEDDED_POSTGRES is None:
        pytest.skip("the server is not ours to kill")
    made = tmp_path_factory.mktemp("killed")
    migrated_into(made)
    return made


def run(folder, *more):
    done = subprocess.run(
        [sys.executable, "-m", "tests.messaging.killing", "--kills", KILLS, "--messages", MESSAGES, *more],
        env={**os.environ, "TOLI_VAR_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout.splitlines()[-1]), done.returncode


def test_nothing_is_lost_and_nothing_goes_out_twice(folder):
    found, code = run(folder)
    assert (found["met"], code) == (True, 0), found
    assert found["before_settling"]["duplicated"] == found["before_settling"]["lost"] == 0
    assert found["before_settling"]["unknown_but_taken"] == 0
    assert found["after_settling"]["taken"] == found["messages"]
    assert {"first", "database", "provider"} <= set(found["killed"])


def test_the_same_finds_the_mistake_of_marking_after_sending(folder):
    found, code = run(folder, "--planted")
    assert (found["met"], code) == (False, 1), found
    assert found["before_settling"]["duplicated"] > 0
