"""The processes of the server: replaced when they die, ended in peace, never left behind."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

SCRIPT = """
import os, signal, sys, time
import django; django.setup()
from toli.web.serving import Watched
def say(word):
    os.write(1, word.encode() + b"\\n")  # at once: what print writes in two goes may be parted by another's word
def work():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(say("ended")))
    say("began")
    while True: time.sleep(0.05)
Watched(work, count=2).run(lambda: None)
say("over")
"""


@pytest.fixture(scope="module")
def watching():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "toli.config.settings"}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, env=environment, text=True)
    yield process
    process.kill()
    process.wait()


def _until(condition):
    for _ in range(1200):
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_one_that_dies_is_replaced_and_all_end_with_the_one_that_watches(watching):
    parent = psutil.Process(watching.pid)
    assert [watching.stdout.readline() for _ in range(2)] == ["began\n"] * 2
    first = parent.children()[0]
    first.send_signal(signal.SIGKILL)
    assert watching.stdout.readline() == "began\n"
    assert len(parent.children()) == 2
    parent.send_signal(signal.SIGTERM)
    assert sorted(watching.stdout.readlines()) == ["ended\n", "ended\n", "over\n"]
    assert watching.wait(30) == 0


def test_none_outlives_the_one_that_watches(tmp_path):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "toli.config.settings"}
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=out, env=environment)
        parent = psutil.Process(process.pid)
        assert _until(lambda: (tmp_path / "out").read_text().count("began") == 2)
        children = parent.children()
        process.kill()
        process.wait()
    assert _until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))
