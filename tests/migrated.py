"""Installations of their own whose database is migrated already: migrating takes longer than most of what follows.

The first that asks in a run has one made by the operator's command; everybody gets a copy of its files, with keys of
their own. Whatever somebody does to a copy, up to killing its server, nobody else notices.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection, connections

from toli.core.embedded_postgres import EmbeddedPostgres

# One for all processes of a run, and never that of an earlier run: migrations may have changed since.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
SHARED = Path(os.environ.get("TOLI_VAR_DIR", "var/test")).resolve()
if "PYTEST_XDIST_WORKER" in os.environ:
    SHARED = SHARED.parent


def migrated_into(folder: Path) -> None:
    """Give the installation in ``folder`` (its TOLI_VAR_DIR) a migrated database, as `toli migrate` does."""
    with _pattern() as pattern:
        source, copy = EmbeddedPostgres(pattern / "postgres"), EmbeddedPostgres(folder / "postgres")
        subprocess.run(["cp", "-a", str(source.data), str(copy.data)], check=True)  # owner and all, as the server wants


@contextmanager
def _pattern() -> Iterator[Path]:
    """The folder of the installation that is copied; nobody uses its server."""
    SHARED.mkdir(parents=True, exist_ok=True)
    folder, made_for = SHARED / "pattern", SHARED / "pattern" / "run"
    with (SHARED / "pattern.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made_for.exists() or made_for.read_text() != RUN:
            _make(folder)
            made_for.write_text(RUN)
        yield folder


def _make(folder: Path) -> None:
    shutil.rmtree(EmbeddedPostgres(folder / "postgres").home, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOLI_")}
    subprocess.run(
        [sys.executable, "-m", "toli", "migrate"],
        env={**environment, "TOLI_VAR_DIR": str(folder), "TOLI_LANGUAGE": "en"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    EmbeddedPostgres(folder / "postgres").stop()


KEPT = "toli_migrated"


def keep_migrated() -> None:
    """Keep a copy of the test database as it is after migrating, for :mod:`toli.bench.scratch` to copy from."""
    name, given = connection.settings_dict["NAME"], {**connection.get_connection_params(), "dbname": "postgres"}
    known = {key: given[key] for key in ("host", "port", "user", "password", "dbname") if given.get(key)}
    connections.close_all()  # nobody may be in a database while it is copied
    with psycopg.connect(**known, autocommit=True) as owner:
        owner.execute(f'DROP DATABASE IF EXISTS "{KEPT}"')
        owner.execute(f'CREATE DATABASE "{KEPT}" TEMPLATE "{name}"')
