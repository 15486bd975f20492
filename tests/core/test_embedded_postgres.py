"""The embedded server: shared by processes, stopped by the last, back after kill -9."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import psycopg
import pytest

from toli.core.embedded_postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgres")
    yield folder
    server = EmbeddedPostgres(folder)
    server.stop()
    shutil.rmtree(server.home)


def _another_process(home, body: str) -> subprocess.Popen:
    code = f"""
    import sys
    from pathlib import Path
    from toli.core.embedded_postgres import EmbeddedPostgres
    server = EmbeddedPostgres(Path({str(home)!r}))
    server.acquire()
    {body}
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_data_survives_a_restart(home):
    server = EmbeddedPostgres(home)
    server.acquire()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    assert server.release() is True
    assert not server.answers()
    server.acquire()
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    assert server.release() is True


def test_two_processes_share_it_and_the_last_one_stops_it(home):
    first = EmbeddedPostgres(home)
    first.acquire()
    second = _another_process(home, "print('ready', flush=True); sys.stdin.read(); print(server.release())")
    assert second.stdout.readline() == "ready\n"
    assert first.release() is False
    assert first.answers()
    output, _ = second.communicate()
    assert output == "True\n"
    assert not first.answers()


def test_a_user_killed_with_9_does_not_keep_the_server_alive(home):
    other = _another_process(home, "print('ready', flush=True); sys.stdin.read()")
    assert other.stdout.readline() == "ready\n"
    server = EmbeddedPostgres(home)
    server.acquire()
    other.kill()
    other.wait()
    assert server.release() is True


def test_it_comes_back_after_the_server_was_killed_with_9(home):
    server = EmbeddedPostgres(home)
    server.acquire()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS acknowledged (n int)")
        connection.execute("INSERT INTO acknowledged VALUES (1)")
    os.kill(server.postmaster_pid(), signal.SIGKILL)
    server.ensure_running()
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT count(*) FROM acknowledged").fetchone() == (1,)
    server.release()


def test_the_watch_starts_a_dead_server_again(home):
    server = EmbeddedPostgres(home)
    server.acquire()
    stop = server.watch(interval=0.1)
    os.kill(server.postmaster_pid(), signal.SIGKILL)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not server.answers():
        time.sleep(0.1)
    assert server.answers()
    stop()
    server.release()
