"""The real command, killed with -9 again and again: nothing young goes, everything old does, the count is exact."""

import json
import os
import signal
import subprocess
import sys

import psycopg
import pytest

from tests.migrated import migrated_into
from toli.core.embedded_postgres import EmbeddedPostgres

OLD, YOUNG, KILLS = 60_000, 5_000, 3
COMMAND = ("rights", "retention", "--only", "accounts.codes", "--yes", "--json")


class Installation:
    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TOLI_")},
            "TOLI_VAR_DIR": str(folder),
            "TOLI_LANGUAGE": "en",
        }

    def start(self, *words):
        return subprocess.Popen(
            [sys.executable, "-m", "toli", *words],
            env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words):
        process = self.start(*words)
        output, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors
        return output


@pytest.fixture
def installation(tmp_path):
    made = Installation(tmp_path / "var")
    migrated_into(made.folder)
    server = EmbeddedPostgres(made.folder / "postgres")
    server.acquire()
    with psycopg.connect(server.url(), autocommit=True) as database:
        made.database = database
        yield made
    server.stop()


def codes(installation, condition="TRUE"):
    row = installation.database.execute(f"SELECT count(*) FROM accounts_onetimecode WHERE {condition}").fetchone()
    return row[0]


def cleared(installation):
    found = installation.database.execute("SELECT cleared, finished_at IS NULL FROM rights_retentionrun").fetchall()
    return found[0] if found else (0, True)


def test_killed_with_9_and_started_again(installation):
    installation.database.execute(
        """INSERT INTO accounts_onetimecode (address_index, purpose, code_hash, created_at, expires_at, tries)
           SELECT ''::bytea, 'join', ''::bytea, now() - interval '9 days', now() - moment, 0
           FROM (SELECT interval '25 hours' AS moment FROM generate_series(1, %s)
                 UNION ALL SELECT interval '23 hours' FROM generate_series(1, %s)) aged ORDER BY random()""",
        [OLD, YOUNG],
    )
    for _ in range(KILLS):
        before, _open = cleared(installation)
        process = installation.start(*COMMAND)
        while cleared(installation)[0] == before:
            assert process.poll() is None, "it ended before it could be killed"
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        count, under_way = cleared(installation)
        assert under_way
        assert codes(installation) == OLD + YOUNG - count, "what is counted is gone, and nothing else"
    (line,) = json.loads(installation.run(*COMMAND))
    assert 0 < line["cleared"] < OLD
    assert cleared(installation) == (OLD, False)
    assert codes(installation) == codes(installation, "expires_at > now() - interval '24 hours'") == YOUNG
    told = installation.database.execute(
        "SELECT (details->>'count')::int FROM audit_auditentry WHERE action = 'rights.retention'"
    ).fetchall()
    assert told == [(OLD,)], "one entry, with the whole count"
